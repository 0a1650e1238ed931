/** What a verdict on few rows is worth. */
import { count, nats } from "../progress/numbers.ts";
import { decidingOf } from "./judgedBaselines.ts";
import type { Measures } from "./measures.ts";

/** Below as many rows the error of the error is above a tenth: s.e. of a deviation from n rows is 1 / sqrt(2 n) of it. */
const FEW = 50;

/**
 * A true difference that a comparison at two standard errors finds four times of five is 2.8 of them: 1.96 + 0.84, the 0.975
 * and 0.8 quantiles of the normal.
 */
const FOUND = 2.8;

/** A sentence on the number of rows that judge, where these are few; none where flow and baseline are the same density. */
export function fewRows(measures: Measures): string[] {
  const { rows, testNll } = measures;
  const hardest = decidingOf(measures.flowLess);
  const part = testNll === null ? "validation" : "test";
  const n = rows[part];
  if (n >= FEW || hardest === undefined || hardest.trimmed.standardError === 0) return [];
  const found = nats(FOUND * hardest.trimmed.standardError);
  return [
    `This is judged by ${count(n)} ${part} rows: a true difference below about ${found} nats would be missed more often than one time in five.`,
  ];
}
