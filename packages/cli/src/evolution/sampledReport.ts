/** The files of a run that samples a target, besides model and rows: report.json, report.html, plots/. */
import { basename, resolve } from "node:path";
import { createKey, decodeModel, distributions, type EvolutionProblem, fold } from "jkoflow";
import { marginalsFigure } from "jkoflow/plot";
import { leftOut } from "../config/reportExtent.ts";
import { writeAtomic } from "../files/atomic.ts";
import { readInside } from "../files/inside.ts";
import { nats, small } from "../progress/numbers.ts";
import { escapeHtml } from "../report/escapeHtml.ts";
import type { Figure } from "../report/figureContext.ts";
import { figureSection } from "../report/figureSection.ts";
import { pageStyle } from "../report/pageStyle.ts";
import { writePictures } from "../report/writeReport.ts";
import { version } from "../version.ts";
import type { EvolutionRecord, EvolutionRun } from "./record.ts";
import type { SampledMeasures } from "./sampledMeasures.ts";
import { sampledRows, sampledVerdict, withError } from "./sampledWords.ts";

/** Rows in a picture. */
const DRAWN = 10_000;
/** Columns on one page of pictures. */
const COLUMNS = 6;

export async function writeSampledReport(
  run: Pick<EvolutionRun, "folder" | "record" | "path">,
  problem: EvolutionProblem,
  measures: SampledMeasures,
  rows: Float32Array,
  kernel: string,
  notes: readonly string[],
  pause: (phase?: string) => Promise<void>,
): Promise<void> {
  const report = { version, kernel, ...run.record, result: measures, notes };
  writeAtomic(run.path("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  if (measures.report === "none") return;
  const name = basename(resolve(run.folder));
  const figures = measures.report === "full" ? cornersOf(run, problem, rows, name) : [];
  if (figures.length > 0) await writePictures(run, figures, undefined, pause);
  writeAtomic(run.path("report.html"), pageOf({ name, problem, record: run.record, measures, figures, notes, kernel }));
}

/** The rows beside rows of the mixture, six columns a page. */
function cornersOf(
  run: Pick<EvolutionRun, "path" | "record">,
  { columns, dimension: d }: EvolutionProblem,
  rows: Float32Array,
  name: string,
): Figure[] {
  const bytes = readInside(run.path("model.safetensors"));
  const mixture = bytes && decodeModel(bytes, run.path("model.safetensors")).flow.baseMixture;
  if (!mixture) return [];
  const n = Math.min(DRAWN, rows.length / d);
  const drawn = distributions.sampleMixtureBase(mixture, fold(createKey(run.record.seed), "picture"), n, d);
  const pages = Math.ceil(d / COLUMNS);
  return Array.from({ length: pages }, (_, page) => {
    const places = Array.from({ length: Math.min(COLUMNS, d - page * COLUMNS) }, (_, k) => page * COLUMNS + k);
    const of = (values: Float32Array): Float32Array =>
      Float32Array.from(
        { length: n * places.length },
        (_, at) => values[Math.floor(at / places.length) * d + places[at % places.length]],
      );
    const svg = marginalsFigure({
      ...{ title: "Rows of the sampler (data) and of the mixture (model)", run: name, unit: "" },
      ...{ columns: places.map((k) => columns[k]), data: of(rows), model: of(drawn) },
    });
    return { name: page === 0 ? "corner" : `corner-${page + 1}`, svg, page: page + 1 };
  });
}

interface Page {
  readonly name: string;
  readonly problem: EvolutionProblem;
  readonly record: EvolutionRecord;
  readonly measures: SampledMeasures;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly kernel: string;
}

function pageOf({ name, problem, record, measures, figures, notes, kernel }: Page): string {
  const verdict = sampledVerdict(measures);
  const loses = /DISAGREE|MISSED|HEAVY/.test(verdict);
  const { logZ, logZError, ess, paretoK, energyDistance, columns, means, deviations } = measures;
  const cards: readonly (readonly [value: string, name: string])[] = [
    [nats(logZ), `ln Z, nats (&plusmn; ${small(logZError)})`],
    [small(ess), "effective share of weighted rows"],
    ...(paretoK === null ? [] : [[small(paretoK), "tail of the weights, k"] as const]),
    ...(energyDistance === null ? [] : [[small(energyDistance), "half energy distance to exact rows"] as const]),
  ];
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    `<div class="scroll"><table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join("")}</tr></thead><tbody>${rows
      .map((cells) => `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`)
      .join("\n")}</tbody></table></div>`;
  const of = Object.entries({ ...record.problem, seed: record.seed, ...record.settings });
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
<p class="sub">${escapeHtml(problem.title)} by tempered sequential Monte Carlo, ${columns.length} columns</p>
<div class="cards">${cards.map(([value, says]) => `<div class="card"><b>${value}</b><span>${says}</span></div>`).join("")}</div>
<p class="verdict${loses ? " loses" : ""}">${escapeHtml(verdict)}</p>
${notes.map((note) => `<p class="sub">Note: ${escapeHtml(note)}</p>`).join("\n")}
<h2>What was found</h2>
${table(["", ""], sampledRows(measures))}
${figures.length === 0 ? "" : `<h2>Figures</h2>\n${figureSection(figures)}`}
<h2>Columns</h2>
${table(
  ["column", "mean", "deviation"],
  columns.map((column, k) => [
    column,
    withError(means[k], deviations[k] / Math.sqrt(measures.rows)),
    small(deviations[k]),
  ]),
)}
<h2>Problem and settings</h2>
${table(
  ["name", "value"],
  of.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
)}
<h2>Go on</h2>
${[leftOut({ report: measures.report, baselines: [] }, name) ?? []]
  .flat()
  .map((line) => `<p class="sub">${escapeHtml(line)}.</p>`)
  .join("")}
<pre>jko sample ${escapeHtml(name)} -n 10000 -o rows.csv
jko logprob ${escapeHtml(name)} points.csv -o scores.csv</pre>
<footer>jko ${escapeHtml(version)}, kernel ${escapeHtml(kernel)}, model SHA-256 <code>${escapeHtml(measures.modelHash)}</code></footer>
</main>
</body>
</html>
`;
}
