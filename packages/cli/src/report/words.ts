/** The measures in words and tables for people. */

import { leftOut } from "../config/reportExtent.ts";
import { count, duration, nats, small } from "../progress/numbers.ts";
import { evaluationsInWords } from "./evaluations.ts";
import { fewRows } from "./fewRows.ts";
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
  if (flowLessMixture === null) return "Whether the flow was worth it is not known: no baseline was fitted.";
  const { mean, standardError } = flowLessMixture;
  const by = `${nats(Math.abs(mean))} +- ${nats(standardError)} nats`;
  if (mean < -2 * standardError) return `The flow beats the Gaussian mixture by ${by} per row.`;
  if (Math.abs(mean) <= 2 * standardError) {
    return `The flow and the Gaussian mixture are level (difference ${nats(mean)} +- ${nats(standardError)} nats): the cheaper one will do.`;
  }
  return `The flow LOSES to the Gaussian mixture by ${by} per row. Use the mixture, or ${whatToTry(measures)}.`;
}

/** More of what the run had, where its system has such a setting. */
function whatToTry({ stop, settings, rows }: Measures): string {
  const more = (name: string, value: (now: number) => number): string[] => {
    const now = settings[name];
    return typeof now === "number" ? [`--set ${name}=${value(now)}`] : [];
  };
  const updates = more("updates", (now) => 2 * now);
  // A system of one block always ends with its largest number of blocks: that says nothing of what more would bring.
  if (stop === "largest number of blocks" && Number(settings.blocks ?? 1) > 1) {
    const longer = [...more("blocks", (now) => 2 * now), ...updates].join(" ");
    return `let it grow, since it was still gaining: ${longer}, or --effort best`;
  }
  if (rows.train < SMALL_TABLE) {
    const decay = more("weightDecay", (now) => (now > 0 ? 2 * now : 1));
    const noise = more("jitter", (now) => (now > 0 ? 2 * now : 0.1));
    const kept = [...decay, ...noise].join(" ");
    return `try more rows (it had ${count(rows.train)}), or what keeps a flow from following them one by one: ${kept}`;
  }
  const { hidden } = settings;
  const twice = Array.isArray(hidden) ? `[${hidden.map((width) => 2 * width).join(",")}]` : undefined;
  const wider = twice ? [`--set hidden=${twice}`] : more("width", (now) => 2 * now);
  return `try --effort best, ${[...wider, ...updates].join(" ")}, or for heavy tails --set transform=asinh`;
}

/** Below as many rows a flow over-fits sooner than it is too small. */
const SMALL_TABLE = 20_000;

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
    ...fewRows(measures),
    ...(measures.fit ? [`Tests of fit: ${measures.fit.verdict}.`] : []),
    "",
    ...labelLines(measures).slice(0, SHOWN_LABELS),
    ...(measures.byLabel ? [""] : []),
    `${blocks} ${blocks === 1 ? "block" : "blocks"}, ${count(parameters)} parameters (growth ended: ${stop}); ${nats(bitsPerDimension)} bits per dimension; ` +
      `inversion error ${inversionError.toExponential(1)}; solver gap ${small(measures.solverGap)} nats`,
    `field evaluations (NFE) ${evaluationsInWords(measures.evaluations)}`,
    `model ${folder}/model.safetensors (SHA-256 ${modelHash.slice(0, 16)}...)`,
    ...(measures.report === "none" ? [] : [`report ${folder}/report.html`]),
    ...[leftOut(measures.report ?? "full", folder) ?? []].flat(),
  ];
  return `${lines.join("\n")}\n`;
}
