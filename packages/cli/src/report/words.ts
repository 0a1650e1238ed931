/** The measures in words and tables for people. */
import { count, duration, nats, small } from "../progress/numbers.ts";
import type { Measures } from "./measures.ts";

export interface Row {
  readonly name: string;
  readonly nll: string;
  readonly seconds: string;
}

/** Which rows the figures are from. */
export const judgedBy = (measures: Measures): string => (measures.testNll === null ? "validation" : "test");

/** Flow and baselines. */
export function comparison(measures: Measures): readonly Row[] {
  const { validationNll, testNll, standardError, seconds, baselines } = measures;
  const rows = [{ name: "flow", validationNll, testNll, standardError, seconds }, ...baselines];
  return rows.map((row) => ({
    name: row.name,
    nll: `${nats(row.testNll ?? row.validationNll)} +- ${nats(row.standardError)}`,
    seconds: duration(row.seconds),
  }));
}

/** Whether the flow was worth it, and what to try where it was not. */
export function verdict({ flowLessMixture, rows, columns }: Measures): string {
  const { mean, standardError } = flowLessMixture;
  const by = `${nats(Math.abs(mean))} +- ${nats(standardError)} nats`;
  if (mean < -2 * standardError) return `The flow beats the Gaussian mixture by ${by} per row.`;
  if (Math.abs(mean) <= 2 * standardError) {
    return `The flow and the Gaussian mixture are level (difference ${nats(mean)} +- ${nats(standardError)} nats): the cheaper one will do.`;
  }
  const small = rows.train < 20_000;
  const tries = small
    ? `the table has only ${count(rows.train)} rows: try more weight decay (--set weightDecay=3), more noise on the rows (--set jitter=...), or fewer updates`
    : `try more updates per block (--set updates=1000), wider layers (--set hidden=[${columns > 48 ? 384 : 256},256]), more blocks (--set blocks=12), or for heavy tails --set transform=asinh`;
  return `The flow LOSES to the Gaussian mixture by ${by} per row. Use the mixture, or ${tries}.`;
}

/** What stands on the terminal after a fit. */
export function summary(measures: Measures, folder: string): string {
  const rows = comparison(measures);
  const width = Math.max(...rows.map(({ name }) => name.length), 18);
  const wide = Math.max(...rows.map(({ nll }) => nll.length), 16);
  const table = [
    `${"".padEnd(width)}  ${`${judgedBy(measures)} NLL (nats)`.padEnd(wide)}  time`,
    ...rows.map(({ name, nll, seconds }) => `${name.padEnd(width)}  ${nll.padEnd(wide)}  ${seconds}`),
  ];
  const { blocks, parameters, inversionError, bitsPerDimension, modelHash, stop } = measures;
  const lines = [
    ...table,
    "",
    verdict(measures),
    "",
    `${blocks} blocks, ${count(parameters)} parameters (growth ended: ${stop}); ${nats(bitsPerDimension)} bits per dimension; ` +
      `inversion error ${inversionError.toExponential(1)}; solver gap ${small(measures.solverGap)} nats`,
    `model ${folder}/model.safetensors (SHA-256 ${modelHash.slice(0, 16)}...)`,
    `report ${folder}/report.html`,
  ];
  return `${lines.join("\n")}\n`;
}
