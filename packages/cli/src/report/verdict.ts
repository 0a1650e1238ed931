/** What a run is worth in a sentence or two: whether the flow was, what is kept, and what to try. */
import { SMALL_TABLE } from "jkoflow/settings";
import { count, counted, nats } from "../progress/numbers.ts";
import { OF_EACH_LABEL } from "./baselineModels.ts";
import { decidingOf, type FlowLess, hardestOf, isBeyond } from "./judgedBaselines.ts";
import type { Measures } from "./measures.ts";
import { estimateInWords, gathered, judgedBy, judgedCount } from "./words.ts";

/** What the density of a flow without blocks is. `settings` are those of its training. */
export function noBlock({ transform }: Readonly<Record<string, unknown>>): string {
  const what = transform === "margins" ? "margins and base alone" : "the base alone";
  return `no block: ${what}, as no block lowered the held-out NLL`;
}

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
  return `The flow LOSES to ${opponent} by ${by} per row${basis}. ${instead(measures, name, advice)}`.trimEnd();
}

/**
 * What to do about a flow that loses to the baseline `name`. Where held-out rows have chosen the model already, `keptLines` names it,
 * and judged rows only report: to follow them would be to choose by test rows.
 */
function instead(measures: Measures, name: string, advice: string): string {
  const { kept, stays, baselines } = measures;
  if (kept !== null) return "";
  if (stays !== null && "name" in stays) return `Validation rows preferred the flow, which is kept. You may ${advice}.`;
  if (baselines.find((one) => one.name === name)?.keepable === false && name.endsWith(OF_EACH_LABEL))
    return `A run cannot keep that: fit the rows of each label as a table of their own, or ${advice}.`;
  return `Use the ${name}${howToKeep(measures, name)}, or ${advice}.`;
}

/** By which flag a baseline that beats the flow becomes the model of the run; not all kinds can. */
function howToKeep({ baselines, flowLess, stays }: Measures, hardest: string): string {
  if (stays !== null) return ""; // that none can be kept stands beside it
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

/** Whose samples were tested, where they are not the flow's. */
export const ofKept = ({ kept }: Pick<Measures, "kept">): string => (kept === null ? "" : ` of the ${kept.name}`);
