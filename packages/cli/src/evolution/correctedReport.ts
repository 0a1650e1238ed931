/** The files of a run of importance-corrected neural JKO besides its model: report.json, report.html, plots/. */
import { basename, resolve } from "node:path";
import { createKey, type EvolutionProblem, fold } from "jkoflow";
import { marginalsFigure } from "jkoflow/plot";
import { leftOut } from "../config/reportExtent.ts";
import { writeAtomic } from "../files/atomic.ts";
import { nats, small } from "../progress/numbers.ts";
import { escapeHtml } from "../report/escapeHtml.ts";
import type { Figure } from "../report/figureContext.ts";
import { figureSection } from "../report/figureSection.ts";
import { pageStyle } from "../report/pageStyle.ts";
import { writePictures } from "../report/writeReport.ts";
import { version } from "../version.ts";
import type { CorrectedMeasures } from "./correctedMeasures.ts";
import { correctedRows, correctedVerdict } from "./correctedWords.ts";
import type { EvolutionRun } from "./record.ts";

/** Columns of a picture, the first ones. */
const COLUMNS = 6;

export async function writeCorrectedReport(
  run: Pick<EvolutionRun, "folder" | "record" | "path">,
  problem: EvolutionProblem,
  measures: CorrectedMeasures,
  rows: Float32Array,
  kernel: string,
  notes: readonly string[],
  pause: (phase?: string) => Promise<void>,
): Promise<void> {
  const report = { version, kernel, ...run.record, result: measures, notes };
  writeAtomic(run.path("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  if (measures.report === "none") return;
  const name = basename(resolve(run.folder));
  const figures = measures.report === "full" ? cornerOf(problem, rows, name, run.record.seed) : [];
  if (figures.length > 0) await writePictures(run, figures, undefined, pause);
  writeAtomic(run.path("report.html"), pageOf(name, run, problem, measures, figures, notes, kernel));
}

/** Rows of the sampler, beside exact ones where there are some. */
function cornerOf(
  { columns, dimension: d, exact, time }: EvolutionProblem,
  rows: Float32Array,
  run: string,
  seed: number,
): Figure[] {
  const shown = Math.min(COLUMNS, d);
  const n = rows.length / d;
  const of = (values: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: n * shown }, (_, at) => values[Math.floor(at / shown) * d + (at % shown)]);
  const data = exact?.sample?.(fold(createKey(seed), "picture"), n, time) ?? rows;
  const title = exact?.sample ? "Exact rows (data) and rows of the sampler (model)" : "Rows of the sampler";
  const svg = marginalsFigure({
    title,
    run,
    unit: "",
    columns: columns.slice(0, shown),
    data: of(data),
    model: of(rows),
  });
  return [{ name: "corner", svg, page: 1 }];
}

const table = (rows: readonly (readonly string[])[]): string => {
  const [head, ...body] = rows;
  const cells = (tag: "td" | "th", row: readonly string[]): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table><thead>${cells("th", head)}</thead><tbody>${body.map((row) => cells("td", row)).join("\n")}</tbody></table></div>`;
};

function pageOf(
  name: string,
  { record }: Pick<EvolutionRun, "record">,
  problem: EvolutionProblem,
  measures: CorrectedMeasures,
  figures: readonly Figure[],
  notes: readonly string[],
  kernel: string,
): string {
  const verdict = correctedVerdict(measures);
  const loses = /APART|MISSED|COARSE|ENOUGH/.test(verdict);
  const { logZ, logZError, meanLogRatio, ess, passes, parts, modelHash, columns, report } = measures;
  const cards: readonly (readonly [value: string, name: string])[] = [
    [nats(logZ), `ln Z, nats (&plusmn; ${small(logZError)})`],
    [small(meanLogRatio), "mean log-ratio, nats"],
    [small(ess), "effective share of weighted rows"],
    [small(passes), "passes through a flow for a row"],
  ];
  const shown = (value: number | string | undefined): string =>
    value === undefined ? "-" : typeof value === "number" ? small(value) : value;
  const steps = parts.map((part, k) => [
    `${k + 1}`,
    ...["kind", "meanLogRatio", "step", "logC"].map((key) => shown(part[key])),
  ]);
  const settings = Object.entries({ ...record.problem, seed: record.seed, ...record.settings });
  const less = leftOut({ report, baselines: [] }, name);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)} - jko</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(name)}</h1>
<p class="sub">${escapeHtml(problem.title)} by importance-corrected neural JKO, ${columns.length} columns</p>
<div class="cards">${cards.map(([value, says]) => `<div class="card"><b>${value}</b><span>${says}</span></div>`).join("")}</div>
<p class="verdict${loses ? " loses" : ""}">${escapeHtml(verdict)}</p>
${notes.map((note) => `<p class="sub">Note: ${escapeHtml(note)}</p>`).join("\n")}
<h2>What was found</h2>
${table(correctedRows(measures))}
${figures.length === 0 ? "" : `<h2>Figures</h2>\n${figureSection(figures)}`}
<h2>Parts</h2>
${table([["part", "kind", "mean log-ratio before it", "tau", "log c"], ...steps])}
<h2>Problem and settings</h2>
${table([["name", "value"], ...settings.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])])}
${less === undefined ? "" : `<p class="sub">${escapeHtml(less)}.</p>`}
<footer>jko ${escapeHtml(version)}, kernel ${escapeHtml(kernel)}, model SHA-256 <code>${escapeHtml(modelHash)}</code></footer>
</main>
</body>
</html>
`;
}
