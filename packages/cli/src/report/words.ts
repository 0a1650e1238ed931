/** The measures in words and tables for people. */
import type { Estimate } from "jkoflow/evaluate";
import { SMALL_TABLE } from "jkoflow/settings";
import { leftOut } from "../config/reportExtent.ts";
import { count, counted, duration, nats, small } from "../progress/numbers.ts";
import { evaluationsInWords } from "./evaluations.ts";
import { fewRows } from "./fewRows.ts";
import { decidingOf, type FlowLess, hardestOf, isBeyond } from "./judgedBaselines.ts";
import type { OddRows } from "./judgedModel.ts";
import type { LabelScore } from "./labels.ts";
import type { Measures } from "./measures.ts";

/** What the density of a flow without blocks is. `settings` are those of its training. */
export function noBlock({ transform }: Readonly<Record<string, unknown>>): string {
  const what = transform === "margins" ? "margins and base alone" : "the base alone";
  return `no block: ${what}, as no block lowered the held-out NLL`;
}

/** Which rows the figures are from. */
export const judgedBy = (measures: Measures): string => (measures.testNll === null ? "validation" : "test");

export const judgedCount = ({ testNll, rows }: Measures): number => (testNll === null ? rows.validation : rows.test);

/** How baselines had to be fitted, and which could not. */
export const notesOfBaselines = ({ baselines, refused }: Measures): string[] => [
  ...baselines.flatMap(({ name, note }) => (note ? [`${name}: ${note}.`] : [])),
  ...refused.map((one) => `No ${one.name}: ${one.refused}.`),
];

const FLOW = "flow";

/** Flow and baselines: a row each, of the columns of `comparisonHeads`. */
export function comparison(measures: Measures): readonly (readonly string[])[] {
  const { validationNll, testNll, standardError, odd, seconds, baselines, flowLess } = measures;
  const rows = [{ name: FLOW, validationNll, testNll, standardError, others: odd.others, seconds }, ...baselines];
  const model = measures.kept?.name ?? (measures.stays ? FLOW : undefined);
  const isApart = isJudgedApart(measures);
  return rows.map((row) => {
    const less = flowLess.find((one) => one.name === row.name);
    return [
      row.name === model ? `${row.name} (kept)` : row.name,
      estimateInWords({ mean: row.testNll ?? row.validationNll, standardError: row.standardError }),
      ...(odd.rows.length > 0 ? [estimateInWords(row.others)] : []),
      ...(isApart ? [less ? estimateInWords(less.trimmed) : ""] : []),
      duration(row.seconds),
    ];
  });
}

/** Whether the differences that judge are not those of the column of NLL. */
const isJudgedApart = ({ ties, flowLess }: Measures): boolean =>
  flowLess.length > 0 && (ties.grids.length > 0 || flowLess.some(({ carriers }) => carriers.length > 0));

/** The heads of these columns: the model, its NLL, that without odd rows, how the flow is judged against it, the time. */
export const comparisonHeads = (measures: Measures): readonly string[] => [
  "",
  `${judgedBy(measures)} NLL (nats)`,
  ...(measures.odd.rows.length > 0 ? [othersHead(measures)] : []),
  ...(isJudgedApart(measures) ? ["flow less it, as judged"] : []),
  "time",
];

const othersHead = ({ odd }: Measures): string => `without ${counted(odd.rows.length, "odd row")}`;

const estimateInWords = ({ mean, standardError }: Estimate): string => `${nats(mean)} +- ${nats(standardError)}`;

/** Whether the flow was worth it, what to try where it was not, and that it has no block where it has none. */
export function verdict(measures: Measures): string {
  const told = comparisonVerdict(measures);
  return measures.blocks === 0 ? `${told} The flow has ${noBlock(measures.settings)}.` : told;
}

function comparisonVerdict(measures: Measures): string {
  const hardest = decidingOf(measures.flowLess);
  if (hardest === undefined) return "Whether the flow was worth it is not known: no baseline was fitted.";
  const { name, trimmed } = hardest;
  const { mean, standardError } = trimmed;
  const opponent = measures.flowLess.length === 1 ? `the ${name}` : `the best baseline, the ${name},`;
  const by = `${nats(Math.abs(mean))} +- ${nats(standardError)} nats`;
  const basis = basisOf(measures, hardest);
  if (mean < 0 && isBeyond(trimmed)) return `The flow beats ${opponent} by ${by} per row${basis}.`;
  if (!isBeyond(trimmed)) {
    const difference = `difference ${estimateInWords(trimmed)} nats${basis}`;
    // Further from 0 than its error and not told: that is want of rows, and no sign of being alike.
    if (isBeyond(trimmed, 1)) {
      const rows = `${counted(judgedCount(measures), `${judgedBy(measures)} row`)}`;
      const so = mean > 0 ? "take the cheaper one" : "more would; until then the cheaper one will do";
      return `${rows} do not tell the flow from ${opponent.replace(/,$/, "")} (${difference}, median ${nats(hardest.median)}): ${so}.`;
    }
    return `The flow and ${opponent} are level (${difference}): the cheaper one will do.`;
  }
  const advice = whatToTry(measures);
  // What has the better figure may only live on values that recur: that is no reason to use it.
  if (measures.ties.spikes.length > 0)
    return `The flow LOSES to ${opponent} by ${by} per row${basis}. You may ${advice}.`;
  const isKept = measures.kept?.name === name;
  const use = isKept ? "" : `Use the ${name}${howToKeep(measures, name)}, or ${advice}.`;
  return `The flow LOSES to ${opponent} by ${by} per row${basis}. ${use}`.trimEnd();
}

/** By which flag a baseline that beats the flow becomes the model of the run; not all kinds can. */
function howToKeep({ baselines, flowLess, kept, stays }: Measures, hardest: string): string {
  // Held-out rows have chosen already.
  if (kept !== null || stays !== null) return "";
  const keepable = new Set(baselines.filter((one) => one.keepable).map(({ name }) => name));
  const best = hardestOf(flowLess.filter(({ name }) => keepable.has(name)));
  if (best === undefined || !(best.trimmed.mean > 0)) return "";
  const which = best.name === hardest ? "it" : `the ${best.name}, which is better than the flow too,`;
  return ` (--keep best makes ${which} the model)`;
}

/** Which model the run keeps, and by which figures of validation rows; none where nothing was to choose. */
export function keptLines({ kept, stays, ties }: Pick<Measures, "kept" | "stays" | "ties">): string[] {
  const basis = ties.grids.length > 0 ? ", by the cells of rounded values" : "";
  if (kept !== null) {
    const { name, flow, baseline, flowLess } = kept;
    const isPreferred = flowLess.trimmed.mean > 0 && isBeyond(flowLess.trimmed, 1);
    const why = isPreferred ? "which validation rows prefer" : "the simpler of two that are level on validation rows";
    const figures = `NLL ${nats(baseline)} nats, of the flow ${nats(flow)}${basis}`;
    return [
      `Kept as the model: the ${name}, ${why} (${figures}). The flow is in flow.safetensors; --keep flow makes it the model.`,
    ];
  }
  if (stays === null) return [];
  if ("why" in stays) return [`Kept as the model: the flow; ${stays.why}.`];
  const { name, flow, baseline } = stays;
  const figures = `NLL ${nats(flow)} nats, of the ${name} ${nats(baseline)}${basis}`;
  return [`Kept as the model: the flow, which validation rows prefer (${figures}).`];
}

/** What the comparison rests on, where it is not simply the mean over many rows. */
function basisOf({ ties }: Measures, { carriers, ...all }: FlowLess): string {
  const parts: string[] = [];
  if (ties.grids.length > 0) {
    const columns = gathered(ties.grids.map(({ name }) => name));
    parts.push(`judged by the probability of the cells that values were rounded from, as ${columns} repeat values`);
  }
  if (ties.spikes.length > 0) {
    const columns = gathered(ties.spikes.map(({ name }) => name));
    parts.push(`part of it a reward for values that recur in ${columns}, whose likelihood has no bound`);
  }
  if (carriers.length > 0) {
    const them = carriers.length === 1 ? "it" : "them";
    parts.push(
      `without ${counted(carriers.length, "row")} that would decide the mean (with ${them} the flow less the baseline is ${estimateInWords(all)})`,
    );
  }
  return parts.length === 0 ? "" : `; ${parts.join("; ")}`;
}

/** The first few of many names. */
function gathered(names: readonly string[], most = 4): string {
  if (names.length <= most + 1) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more columns`;
}

/** The difference of one baseline, for `jko evaluate`. */
export function flowLessLine({ carriers, trimmed, median, ...all }: FlowLess): string {
  const mean = `${estimateInWords(all)} nats`;
  if (carriers.length === 0) return mean;
  const which =
    carriers.length === 1 ? "1 row carries it, without it" : `${carriers.length} rows carry it, without them`;
  return `${mean}; ${which} ${estimateInWords(trimmed)}, median ${nats(median)}`;
}

/** The rows that carry the NLL, counted from 1 among the judged ones; empty where none do. */
export function oddLine({ rows, nll, median, others }: OddRows, judged: number, kind: string): string[] {
  if (rows.length === 0) return [];
  const named = gathered(
    rows.map((row) => count(row + 1)),
    5,
  ).replace(" more columns", " more");
  const which = rows.length === 1 ? `row ${named} carries` : `rows ${named} carry`;
  return [
    `${which} the mean NLL of ${count(judged)} ${kind} rows, ${estimateInWords(nll)} nats; without ${rows.length === 1 ? "it" : "them"} ${estimateInWords(others)}, median ${nats(median)}`,
  ];
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

/** One label of a given column. */
export function labelText({ rows, nll, standardError, baselineNll }: LabelScore): string {
  const beside = baselineNll === null ? "" : ` (baseline ${nats(baselineNll)})`;
  return `NLL ${nats(nll)} +- ${nats(standardError)} nats${beside} on ${count(rows)} rows`;
}

/** Label by label; empty without condition. */
export const labelLines = ({ byLabel = [] }: Measures): string[] =>
  byLabel.map((one) => `${one.column} ${one.label}: ${labelText(one)}`);

/** Labels on the terminal; the report has all. */
export const SHOWN_LABELS = 12;

/** Whose samples were tested, where they are not the flow's. */
export const ofKept = ({ kept }: Pick<Measures, "kept">): string => (kept === null ? "" : ` of the ${kept.name}`);

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
