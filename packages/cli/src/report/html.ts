/** The report as one file: no script, no network, figures inline. */

import { leftOut } from "../config/reportExtent.ts";
import { gatherNotes } from "../progress/gatherNotes.ts";
import { count, duration, nats, small } from "../progress/numbers.ts";
import { isRound, placeOf } from "../progress/place.ts";
import type { RunRecord } from "../run/runDirectory.ts";
import { escapeHtml } from "./escapeHtml.ts";
import { evaluationsInWords, perUpdate } from "./evaluations.ts";
import { fewRows } from "./fewRows.ts";
import type { Figure } from "./figureContext.ts";
import { figureSection } from "./figureSection.ts";
import { excessInWords, FIT_TEST_HEADS, fitTestRows } from "./fitTests.ts";
import { flowCertificateSays } from "./flowCertificate.ts";
import type { Measures } from "./measures.ts";
import { pageStyle } from "./pageStyle.ts";
import { stageTable } from "./stageTable.ts";
import { keptLines, ofKept, verdict } from "./verdict.ts";
import { comparison, comparisonHeads, judgedBy, judgedCount, notesOfBaselines, oddLine } from "./words.ts";

export interface ReportContent {
  readonly run: string;
  readonly title: string;
  readonly record: RunRecord;
  readonly measures: Measures;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** The lines of times.jsonl: seconds of training by number of events. */
  readonly times: readonly Readonly<Record<string, unknown>>[];
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly kernel: string;
  readonly version: string;
}

export function reportHtml(content: ReportContent): string {
  const { run, title, measures, figures, notes, kernel, version } = content;
  const loses = verdict(measures).includes("LOSES");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(run)} - jko</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(run)}</h1>
<p class="sub">${escapeHtml(title)}, ${count(measures.rows.train)} training, ${count(measures.rows.validation)} validation and ${count(measures.rows.test)} test rows of ${measures.columns} columns</p>
<div class="cards">${cards(measures)}</div>
<p class="verdict${loses ? " loses" : ""}">${escapeHtml(verdict(measures))}</p>
${keptLines(measures)
  .map((line) => `<p class="verdict">${escapeHtml(line)}</p>`)
  .join("")}
${gatherNotes(notes)
  .map((note) => `<p class="sub">Note: ${escapeHtml(note)}</p>`)
  .join("\n")}
${fewRows(measures)
  .map((line) => `<p class="sub">${escapeHtml(line)}</p>`)
  .join("")}
<p class="sub">Field evaluations (NFE): ${evaluationsInWords(measures.evaluations)}.</p>
<h2>Against the baselines</h2>
${comparisonTable(measures)}
${labelTable(measures)}
${fitTestSection(measures)}
<h2>Figures</h2>
${figureSection(figures)}
<h2>Blocks</h2>
${blockTable(content)}
${stageTable(content)}
<h2>Settings</h2>
${settingsTable(content)}
<h2>Go on</h2>
${[leftOut(measures, run) ?? []]
  .flat()
  .map((line) => `<p class="sub">${escapeHtml(line)}.</p>`)
  .join("")}
<pre>jko sample ${escapeHtml(run)} -n 10000 -o samples.csv
jko logprob ${escapeHtml(run)} new-rows.csv -o scores.npy --threshold 0.01
jko evaluate ${escapeHtml(run)} other-rows.csv</pre>
<footer>jko ${escapeHtml(version)}, kernel ${escapeHtml(kernel)}, model SHA-256 <code>${escapeHtml(measures.modelHash)}</code></footer>
</main>
</body>
</html>
`;
}

function cards(measures: Measures): string {
  const { testNll, validationNll, standardError, bitsPerDimension } = measures;
  const { blocks, parameters, seconds, evaluations, inversionError } = measures;
  const { kept } = measures;
  const by = judgedBy(measures);
  const items: readonly (readonly [value: string, name: string])[] = [
    ...(kept
      ? [
          [
            nats(kept.testNll ?? kept.validationNll),
            `${by} NLL of the model, the ${kept.name}, nats (&plusmn; ${nats(kept.standardError)})`,
          ] as const,
        ]
      : []),
    [nats(testNll ?? validationNll), `${by} NLL${kept ? " of the flow" : ""}, nats (&plusmn; ${nats(standardError)})`],
    [nats(validationNll), `validation NLL${kept ? " of the flow" : ""}, nats`],
    [nats(bitsPerDimension), "bits per dimension"],
    [`${blocks}`, `blocks, ${count(parameters)} parameters`],
    [duration(seconds), "training"],
    [perUpdate(evaluations), "NFE of an update, forward / backward"],
    [inversionError.toExponential(1), "inversion error"],
  ];
  return items
    .map(([value, name]) => `<div class="card"><b>${escapeHtml(value)}</b><span>${name}</span></div>`)
    .join("");
}

function comparisonTable(measures: Measures): string {
  const [, ...heads] = comparisonHeads(measures);
  const number = (tag: string, text: string): string => `<${tag} class="n">${text.replace("+-", "&plusmn;")}</${tag}>`;
  const rows = comparison(measures).map(
    ([name, ...cells]) => `<tr><td>${escapeHtml(name)}</td>${cells.map((cell) => number("td", cell)).join("")}</tr>`,
  );
  const head = heads.map((text) => number("th", text)).join("");
  return `<div class="scroll"><table><thead><tr><th>model</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>
<p class="sub">&plusmn; is one standard error over the ${judgedBy(measures)} rows. All models were fitted on the same training rows; what they choose among was chosen on the validation rows. ${escapeHtml([...oddLine(measures.odd, judgedCount(measures), judgedBy(measures)).map((line) => `Odd rows: ${line}.`), ...notesOfBaselines(measures)].join(" "))}</p>`;
}

function labelTable({ byLabel }: Measures): string {
  if (byLabel === undefined) return "";
  const rows = byLabel.map(({ column, label, rows: n, nll, standardError, baselineNll }) => {
    const cells = [
      count(n),
      `${nats(nll)} &plusmn; ${nats(standardError)}`,
      baselineNll === null ? "-" : nats(baselineNll),
    ];
    const numbers = cells.map((cell) => `<td class="n">${cell}</td>`).join("");
    return `<tr><td>${escapeHtml(column)}</td><td>${escapeHtml(label)}</td>${numbers}</tr>`;
  });
  const head = `<th>given</th><th>label</th><th class="n">rows</th><th class="n">NLL of the flow, nats</th><th class="n">of the best baseline</th>`;
  return `<h2>By label</h2>
<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

const asSentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

function fitTestSection({ fit, kept, ...flow }: Measures): string {
  if (fit === null) return "";
  const { testNll, validationNll, standardError } = kept ?? flow;
  const numbers = [1, 2, 3, 4]; // the columns of figures
  const cell = (tag: string, text: string, k: number): string =>
    `<${tag}${numbers.includes(k) ? ' class="n"' : ""}>${escapeHtml(text)}</${tag}>`;
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((text, k) => cell(tag, text, k)).join("")}</tr>`;
  const body = fitTestRows(fit)
    .map((cells) => row("td", cells))
    .join("");
  const data = `Data ${nats(testNll ?? validationNll)} +- ${nats(standardError)} nats, ${excessInWords(fit)}.`;
  return `<h2>Do samples${escapeHtml(ofKept({ kept }))} look like the data?</h2>
<p>${escapeHtml(asSentence(fit.verdict))}</p>
<div class="scroll"><table><thead>${row("th", FIT_TEST_HEADS)}</thead><tbody>${body}</tbody></table></div>
<p class="sub">${count(fit.rows)} held-out rows against as many samples, columns in standard deviations; thresholds by permutation. ${escapeHtml(data)} <code>jko evaluate --all</code> takes more rows, which find smaller differences.</p>`;
}

function blockTable({ events, measures }: ReportContent): string {
  const rows = events
    .filter(({ event, place }) => event === "step" && !isRound(place))
    .map((row) => {
      const { number: k, attempt } = placeOf(row.place);
      const number = (key: string): number => Number(row[key]);
      const cells = [
        `${k}${attempt > 1 ? ` (try ${attempt})` : ""}`,
        escapeHtml(row.verdict),
        row.stepSize === null ? "free" : small(number("stepSize")),
        `${row.updates}`,
        nats(number("validationNll")),
        `${nats(number("change"))} &plusmn; ${small(number("changeError"))}`,
        small(number("arcLength")),
        small(number("solverGap")),
      ];
      const drawn = cells.map((cell, i) => (i === 1 ? `<td>${cell}</td>` : `<td class="n">${cell}</td>`)).join("");
      return `<tr${row.accepted === 1 ? "" : ' class="dropped"'}>${drawn}</tr>`;
    });
  const { of } = placeOf(events.find(({ event }) => event === "step")?.place);
  const heads = [of, "verdict", "h", "updates", "validation NLL", "change", "moved", "solver gap"];
  const head = heads.map((name, i) => `<th${i === 1 ? "" : ' class="n"'}>${name}</th>`).join("");
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>
<p class="sub">Change: of the held-out NLL by the ${of}, nats. Moved: root mean square distance of held-out rows, standardised units. Solver gap: change of the held-out NLL when the solver's steps are doubled. ${escapeHtml(flowCertificateSays(measures.certificate))}</p>`;
}

function settingsTable({ record }: ReportContent): string {
  const { settings, ...config } = record.config;
  const origins = Object.entries(record.data).flatMap(([part, origin]) =>
    origin ? [[`${part} data`, origin.path]] : [],
  );
  const entries: (readonly unknown[])[] = [...origins, ...Object.entries(config), ...Object.entries(settings)];
  const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const rows = entries.map(
    ([name, value]) => `<tr><td>${escapeHtml(name)}</td><td><code>${escapeHtml(shown(value))}</code></td></tr>`,
  );
  return `<div class="scroll"><table><tbody>${rows.join("")}</tbody></table></div>`;
}
