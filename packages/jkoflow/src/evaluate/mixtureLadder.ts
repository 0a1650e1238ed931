/**
 * How many components a mixture has, and how much they are shrunk: up a ladder of sizes for as long as held-out rows reward it.
 *
 * Each rung begins with the components of the one below, the heaviest of them split (splitComponents.ts), and takes a few
 * passes of EM over as many rows as its size can make use of; where rows are few, k-means is tried as another start. The
 * shrinkage costs no pass: the moments of the last one are solved anew for its neighbours. The best rung is run to the end on
 * all rows. Only held-out rows decide.
 */
import { fold, type Key } from "../random/index.ts";
import { type Components, mixtureLogProb, standardComponents } from "./components.ts";
import { addRow, createRanking, emptyMoments, maximization } from "./em.ts";
import { type EmRows, type EmState, emPasses, splitRanking } from "./incrementalEm.ts";
import { kMeans } from "./kmeans.ts";
import { pairedDifference, scoreLogProb } from "./score.ts";
import { splitComponents } from "./splitComponents.ts";

/** One fit that was tried. */
export interface Rung {
  readonly count: number;
  readonly ridgeCount: number;
  /** Over the rows, since its components were split. */
  readonly passes: number;
  readonly components: Components;
  /** Of each held-out row, whitened units. */
  readonly heldOut: Float64Array;
  readonly heldNll: number;
}

interface Fitted extends Rung {
  readonly state: EmState;
}

export interface LadderOptions {
  /** Rising numbers of components. */
  readonly components: readonly number[];
  /** Rising shrinkages, in rows. */
  readonly ridgeCounts: readonly number[];
  /** Most passes of the last fit. */
  readonly passes: number;
}

/** A rung has to gain as much, nats per row, and more than the standard error of its gain. */
const SMALLEST_GAIN = 5e-3;
/** Another shrinkage has to gain as much: a smaller one would be taken for nothing, and fit the next rung to its rows. */
const SHRINKAGE_GAIN = 3e-4;
/** Rungs without gain before the climb ends: one may be unlucky. */
const PATIENCE = 2;
/** A rung sees so many rows for each of its parameters, and at least as many as these. */
const ROWS_PER_PARAMETER = 10;
const LEAST_ROWS = 4000;
/** With fewer rows, and up to as many components, k-means is a second start. */
const SECOND_START = { rows: 10_000, components: 30 } as const;
/** Row visits of a rung, as far as its passes stay between these. */
const RUNG_VISITS = 30_000;
const RUNG_PASSES = { least: 2, most: 4 } as const;
/** Passes of the last fit between two over all components. */
const RENEW_EVERY = 4;
/** Held-out rows by which the ladder is climbed; more would not change what is chosen. */
const HELD_OUT_ROWS = 5000;

/** The rungs tried, in order, the first of them the standard normal law, and which of them is the best. */
export function climbLadder(
  data: EmRows,
  held: Float64Array,
  options: LadderOptions,
  key: Key,
): { readonly rungs: readonly Rung[]; readonly chosen: number } {
  const { cols } = data;
  const judged = held.subarray(0, HELD_OUT_ROWS * cols);
  const standard = standardComponents(cols);
  const rungs: Rung[] = [judge({ count: 1, ridgeCount: 0, passes: 0, components: standard }, judged)];
  let chosen = 0;
  let best: Fitted | undefined;
  let below: Fitted | undefined;
  for (const count of options.components.filter((k) => k > 1)) {
    const rung: Fitted = climbTo(count, below, data, judged, options, fold(key, "start", count));
    rungs.push(rung);
    below = rung;
    if (isGain(rung, rungs[chosen])) {
      chosen = rungs.length - 1;
      best = rung;
    } else if (rungs.length - 1 - chosen >= PATIENCE) break;
  }
  if (best !== undefined) rungs[chosen] = runToEnd(best, data, judged, options);
  return { rungs, chosen };
}

/** Is the gain of `rung` more than a trifle and than chance? */
function isGain(rung: Rung, best: Rung): boolean {
  const { mean, standardError } = pairedDifference(rung.heldOut, best.heldOut);
  return -mean > SMALLEST_GAIN && !(-mean < standardError);
}

function judge(rung: Omit<Rung, "heldOut" | "heldNll">, held: Float64Array): Rung {
  const heldOut = mixtureLogProb(rung.components, held);
  return { ...rung, heldOut, heldNll: scoreLogProb(heldOut).nll };
}

function judgeState(state: EmState, held: Float64Array): Fitted {
  const { components, ridgeCount, passes } = state;
  return { ...judge({ count: components.count, ridgeCount, passes, components }, held), state };
}

function climbTo(
  count: number,
  below: Fitted | undefined,
  data: EmRows,
  held: Float64Array,
  options: LadderOptions,
  key: Key,
): Fitted {
  const { cols } = data;
  const parameters = count * ((cols * (cols + 3)) / 2 + 1);
  const rows = Math.min(data.rows, Math.max(LEAST_ROWS, ROWS_PER_PARAMETER * parameters));
  const some = { ...data, rows, x: data.x.subarray(0, rows * cols) };
  const passes = Math.min(RUNG_PASSES.most, Math.max(RUNG_PASSES.least, Math.round(RUNG_VISITS / rows)));
  const ridgeCount = below?.ridgeCount ?? firstRidge(options.ridgeCounts, cols);
  const starts: EmState[] = [];
  if (below !== undefined) starts.push(splitState(below.state, cols, count));
  const second = rows < SECOND_START.rows && count <= SECOND_START.components;
  if (below === undefined || second) starts.push(startState(some, count, ridgeCount, key));
  const fits = starts.map((start) => {
    const states = emPasses(some, start, 0);
    let state = start;
    for (let pass = 0; pass < passes; pass++) state = states.next().value;
    return shrinkBetter(judgeState(state, held), cols, held, options.ridgeCounts);
  });
  return fits.reduce((a, b) => (b.heldNll < a.heldNll ? b : a));
}

/** A third of the columns, at least one: a covariance has more to learn where there are more of them. */
function firstRidge(ridgeCounts: readonly number[], cols: number): number {
  const wanted = Math.log(Math.max(1, cols / 3));
  const distance = (ridge: number): number => Math.abs(Math.log(Math.max(ridge, 1e-9)) - wanted);
  return ridgeCounts.reduce((a, b) => (distance(b) < distance(a) ? b : a));
}

function splitState({ moments, ridgeCount, ranking }: EmState, cols: number, count: number): EmState {
  const split = splitComponents(moments, cols, count);
  const components = maximization(split.moments, cols, ridgeCount);
  const before = moments.count.length;
  return {
    components,
    moments: split.moments,
    ridgeCount,
    ranking: splitRanking(ranking, before, split.origin),
    passes: 0,
  };
}

/** The components of the clusters of k-means. */
function startState({ x, rows, cols }: EmRows, count: number, ridgeCount: number, key: Key): EmState {
  const labels = kMeans(x, rows, cols, count, key);
  const moments = emptyMoments(count, cols);
  for (let r = 0; r < rows; r++) addRow(moments, labels[r], 1, x, r * cols, cols);
  const components = maximization(moments, cols, ridgeCount);
  return { components, moments, ridgeCount, ranking: createRanking(0, count), passes: 0 };
}

/** The neighbouring shrinkages, in the direction in which held-out rows gain, for as long as they do. */
function shrinkBetter(fit: Fitted, cols: number, held: Float64Array, ridgeCounts: readonly number[]): Fitted {
  const place = ridgeCounts.indexOf(fit.ridgeCount);
  let kept = fit;
  for (const direction of [-1, 1]) {
    for (let at = place + direction; at >= 0 && at < ridgeCounts.length; at += direction) {
      const ridgeCount = ridgeCounts[at];
      const components = maximization(fit.state.moments, cols, ridgeCount);
      const tried = judgeState({ ...fit.state, components, ridgeCount }, held);
      if (!(kept.heldNll - tried.heldNll > SHRINKAGE_GAIN)) break;
      kept = tried;
    }
    if (kept !== fit) break;
  }
  return kept;
}

/** Passes over all rows until held-out rows gain no more; the best state is kept. */
function runToEnd(from: Fitted, data: EmRows, held: Float64Array, { passes, ridgeCounts }: LadderOptions): Rung {
  let kept = from;
  let fails = 0;
  let { state } = from;
  for (let run = 0; run * RENEW_EVERY < passes && fails < PATIENCE; run++) {
    // The shrinkage may change between two runs, and each run renews the ranking.
    const states = emPasses(data, { ...state, ridgeCount: kept.ridgeCount }, RENEW_EVERY);
    for (let pass = 0; pass < RENEW_EVERY && run * RENEW_EVERY + pass < passes && fails < PATIENCE; pass++) {
      state = states.next().value;
      const fit = judgeState(state, held);
      fails = kept.heldNll - fit.heldNll > SMALLEST_GAIN / 2 ? 0 : fails + 1;
      if (fit.heldNll < kept.heldNll) kept = fit;
    }
    kept = shrinkBetter(kept, data.cols, held, ridgeCounts);
  }
  return kept;
}
