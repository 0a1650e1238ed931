/** The measures in words and tables for people. */
import { count, duration, nats, small } from "../progress/numbers.ts";
import { evaluationsInWords } from "./evaluations.ts";
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
export function verdict(measures: Measures): string {
  const { flowLessMixture } = measures;
  const { mean, standardError } = flowLessMixture;
  const by = `${nats(Math.abs(mean))} +- ${nats(standardError)} nats`;
  if (mean < -2 * standardError) return `The flow beats the Gaussian mixture by ${by} per row.`;
  if (Math.abs(mean) <= 2 * standardError) {
    return `The flow and the Gaussian mixture are level (difference ${nats(mean)} +- ${nats(standardError)} nats): the cheaper one will do.`;
  }
  return `The flow LOSES to the Gaussian mixture by ${by} per row. Use the mixture, or ${whatToTry(measures)}.`;
}

/** A flow that was stopped while it still gained needs more room; one that stopped by itself over-fitted or is too small. */
function whatToTry({ stop, blocks, rows, columns }: Measures): string {
  if (stop === "largest number of blocks") {
    const more = `--set blocks=${2 * blocks}`;
    return `let it grow, since it was still gaining: more blocks (${more}), more updates (--set updates=1000), less weight decay (--set weightDecay=0)`;
  }
  if (rows.train < 20_000) {
    return `try more rows (it had ${count(rows.train)}), more weight decay (--set weightDecay=3), or more noise on the rows (--set jitter=0.2)`;
  }
  const width = columns > 48 ? 384 : 256;
  return `try wider layers (--set hidden=[${width},${width}]), more updates per block (--set updates=1000), or for heavy tails --set transform=asinh`;
}

/** Label by label; empty without condition. */
export const labelLines = ({ byLabel = [] }: Measures): string[] =>
  byLabel.map(
    ({ column, label, rows, nll, standardError, mixtureNll }) =>
      `${column} ${label}: NLL ${nats(nll)} +- ${nats(standardError)} (mixture ${nats(mixtureNll)}), ${count(rows)} rows`,
  );

/** Labels on the terminal; the report has all. */
export const SHOWN_LABELS = 12;

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
    ...(measures.fit ? [`Tests of fit: ${measures.fit.verdict}.`] : []),
    "",
    ...labelLines(measures).slice(0, SHOWN_LABELS),
    ...(measures.byLabel ? [""] : []),
    `${blocks} ${blocks === 1 ? "block" : "blocks"}, ${count(parameters)} parameters (growth ended: ${stop}); ${nats(bitsPerDimension)} bits per dimension; ` +
      `inversion error ${inversionError.toExponential(1)}; solver gap ${small(measures.solverGap)} nats`,
    `field evaluations (NFE) ${evaluationsInWords(measures.evaluations)}`,
    `model ${folder}/model.safetensors (SHA-256 ${modelHash.slice(0, 16)}...)`,
    `report ${folder}/report.html`,
  ];
  return `${lines.join("\n")}\n`;
}
