/** What stands on the terminal after a fit. */
import { leftOut } from "../config/reportExtent.ts";
import { count, counted, nats, small } from "../progress/numbers.ts";
import { evaluationsInWords } from "./evaluations.ts";
import { fewRows } from "./fewRows.ts";
import { flowCertificateSays } from "./flowCertificate.ts";
import type { Measures } from "./measures.ts";
import { keptLines, noBlock, ofKept, verdict } from "./verdict.ts";
import {
  comparison,
  comparisonHeads,
  judgedBy,
  judgedCount,
  labelLines,
  notesOfBaselines,
  oddLine,
  othersHead,
  SHOWN_LABELS,
} from "./words.ts";

/** What stands on the terminal after a fit. */
export function summary(measures: Measures, folder: string): string {
  const rows = comparison(measures);
  const isOdd = measures.odd.rows.length > 0;
  const cells = [comparisonHeads(measures), ...rows];
  const widths = cells[0].map((_, k) => Math.max(...cells.map((row) => row[k].length)));
  const table = cells.map((row) =>
    row.map((cell, k) => (k + 1 < row.length ? cell.padEnd(widths[k]) : cell)).join("  "),
  );
  const { blocks, parameters, inversionError, bitsPerDimension, modelHash, stop, kept } = measures;
  const lines = [
    ...table,
    "",
    verdict(measures),
    ...fewRows(measures),
    ...oddLine(measures.odd, judgedCount(measures), judgedBy(measures)).map((line) => `Odd rows: ${line}.`),
    ...notesOfBaselines(measures),
    ...keptLines(measures),
    ...(measures.fit ? [`Tests of fit${ofKept(measures)}: ${measures.fit.verdict}.`] : []),
    ...[flowCertificateSays(measures.certificate)].filter((line) => line !== ""),
    "",
    ...labelLines(measures).slice(0, SHOWN_LABELS),
    ...(measures.byLabel ? [""] : []),
    `${kept ? "flow: " : ""}${blocks === 0 ? noBlock(measures.settings) : `${counted(blocks, "block")}, ${count(parameters)} parameters`} (growth ended: ${stop}); ${nats(bitsPerDimension)} bits per dimension${isOdd ? ` ${othersHead(measures)}` : ""}; ` +
      `inversion error ${inversionError.toExponential(1)}; solver gap ${small(measures.solverGap)} nats`,
    `field evaluations (NFE) ${evaluationsInWords(measures.evaluations)}`,
    `model ${folder}/model.safetensors (SHA-256 ${modelHash.slice(0, 16)}...)`,
    ...(measures.report === "none" ? [] : [`report ${folder}/report.html`]),
    ...[leftOut(measures, folder) ?? []].flat(),
  ];
  return `${lines.join("\n")}\n`;
}
