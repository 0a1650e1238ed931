/** The report of a run along a flow as one file: no network, figures inline, a slider over time. */
import { leftOut } from "../config/reportExtent.ts";
import { counted, duration, small } from "../progress/numbers.ts";
import { escapeHtml } from "../report/escapeHtml.ts";
import type { Figure } from "../report/figureContext.ts";
import { withOwnIds } from "../report/figureSection.ts";
import { pageStyle } from "../report/pageStyle.ts";
import { middleTime } from "./along.ts";
import { certificateSays } from "./certificateWords.ts";
import { comparisonCells, comparisonHeads, fine, withError } from "./comparison.ts";
import type { EvolutionMeasures } from "./measures.ts";
import type { EvolutionRecord } from "./record.ts";
import { type Frame, sliderHtml, sliderStyle } from "./slider.ts";
import { stepsSay } from "./steps.ts";
import { exactOf, verdictOf } from "./words.ts";

export interface PageContent {
  readonly run: string;
  readonly title: string;
  readonly record: EvolutionRecord;
  readonly measures: EvolutionMeasures;
  readonly frames: readonly Frame[];
  /** What the pictures show, in a sentence. */
  readonly framesSay: string;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly kernel: string;
  readonly version: string;
}

export function evolutionPage(content: PageContent): string {
  const { run, title, record, measures, frames, framesSay, figures, notes, kernel, version } = content;
  const { dimension, time } = measures;
  const verdict = verdictOf(measures);
  const loses = /ROSE|CLOSER/.test(verdict);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(run)} - jko</title>
<style>${pageStyle}${sliderStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(run)}</h1>
<p class="sub">${escapeHtml(title)} by ${escapeHtml(measures.system)}: ${counted(dimension, "column")}, to t = ${small(time)} in ${stepsSay(measures.table)}</p>
<div class="cards">${cards(measures)}</div>
<p class="verdict${loses ? " loses" : ""}">${escapeHtml(verdict)}</p>
${notes.map((note) => `<p class="sub">Note: ${escapeHtml(note)}</p>`).join("\n")}
${frames.length === 0 ? "" : `<h2>The flow</h2>\n${sliderHtml(frames.map(({ heading, svg }, i) => ({ heading, svg: withOwnIds(svg, `t${i}-`) })))}\n<p class="sub">${escapeHtml(framesSay)}</p>`}
<h2>Against what is known</h2>
${comparisonTable(measures)}
${distanceTable(measures)}
<h2>Figures</h2>
<div class="figures">
${figures.map(({ svg, note }, i) => `<figure>${withOwnIds(svg, `f${i}-`)}${note === undefined ? "" : `<figcaption class="sub">${escapeHtml(note)}</figcaption>`}</figure>`).join("\n")}
</div>
<h2>Steps</h2>
${stepTable(measures)}
${certificateSays(measures.certificate) === "" ? "" : `<p class="sub">Certificate: ${escapeHtml(certificateSays(measures.certificate))}</p>`}
<h2>Problem and settings</h2>
${settingsTable(record)}
<h2>Go on</h2>
${[leftOut({ report: measures.report, baselines: [] }, run) ?? []]
  .flat()
  .map((line) => `<p class="sub">${escapeHtml(line)}.</p>`)
  .join("")}
<pre>jko sample ${escapeHtml(run)} -n 10000 --at ${middleTime(measures)} -o rows.csv
jko logprob ${escapeHtml(run)} points.csv --at ${middleTime(measures)} -o scores.npy</pre>
<footer>jko ${escapeHtml(version)}, kernel ${escapeHtml(kernel)}, model SHA-256 <code>${escapeHtml(measures.modelHash)}</code></footer>
</main>
</body>
</html>
`;
}

function cards(measures: EvolutionMeasures): string {
  const { energy, energyError, exactEnergy, symKl, symKlError, floor, steps, parameters, seconds, inversionError } =
    measures;
  const { gap } = measures;
  const known = (value: number | null, name: string): (readonly [string, string])[] =>
    value === null ? [] : [[fine(value), name]];
  const items: readonly (readonly [value: string, name: string])[] = [
    [fine(energy), `F at the end, nats (&plusmn; ${small(energyError)})`],
    ...known(exactEnergy, "exact F, nats"),
    ...known(symKl, `SymKL to ${exactOf(measures)}${symKlError === null ? "" : ` (&plusmn; ${small(symKlError)})`}`),
    ...known(floor, "SymKL of the exact scheme"),
    ...known(gap, "largest duality gap of a step, nats"),
    [`${steps}`, `steps, ${counted(parameters, "parameter")} each`],
    [duration(seconds), "training"],
    ...(inversionError === null ? [] : [[inversionError.toExponential(1), "inversion error"] as const]),
  ];
  return items
    .map(([value, name]) => `<div class="card"><b>${escapeHtml(value)}</b><span>${name}</span></div>`)
    .join("");
}

const table = (head: string, body: string): string =>
  `<div class="scroll"><table>${head === "" ? "" : `<thead><tr>${head}</tr></thead>`}<tbody>${body}</tbody></table></div>`;
const cell = (tag: "td" | "th", text: string, kind: "word" | "number"): string =>
  `<${tag}${kind === "number" ? ' class="n"' : ""}>${escapeHtml(text)}</${tag}>`;

function comparisonTable({ comparison }: EvolutionMeasures): string {
  const row = (tag: "td" | "th", [name, ...numbers]: readonly string[]): string =>
    cell(tag, name, "word") + numbers.map((text) => cell(tag, text, "number")).join("");
  const body = comparison
    .map((line) => `<tr>${row("td", comparisonCells(line))}${cell("td", line.says, "word")}</tr>`)
    .join("");
  return table(row("th", comparisonHeads) + cell("th", "", "word"), body);
}

function distanceTable({ distances }: EvolutionMeasures): string {
  if (distances.length === 0) return "";
  const heads = ["time", "this run", "exact scheme with this step", "published"];
  const rows = distances.map(({ time, symKl, error, floor, published }) => {
    const cells = [small(time), withError(symKl, error), fine(floor), fine(published)];
    return `<tr>${cells.map((text) => cell("td", text, "number")).join("")}</tr>`;
  });
  const says = "SymKL to the exact density, nats; published: a median over random problems of this kind.";
  return `<h2>Distance to the exact density</h2>
${table(heads.map((text) => cell("th", text, "number")).join(""), rows.join(""))}
<p class="sub">${says}</p>`;
}

function stepTable({ table: rows }: EvolutionMeasures): string {
  if (rows.length === 0) return "";
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const body = rows.map((row) => `<tr>${names.map((name) => cell("td", shown(row[name]), "number")).join("")}</tr>`);
  return table(names.map((name) => cell("th", name, "number")).join(""), body.join(""));
}

const shown = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? "-" : Number.isInteger(value) ? `${value}` : fine(value);

function settingsTable({ problem, settings, system, seed }: EvolutionRecord): string {
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const entries = Object.entries({ ...problem, system, seed, ...settings });
  const rows = entries.map(
    ([name, value]) => `<tr>${cell("td", name, "word")}<td><code>${escapeHtml(text(value))}</code></td></tr>`,
  );
  return table("", rows.join(""));
}
