/**
 * Rows and densities of a chain of maps and rejection steps (rejection.ts).
 *
 * A rejection replaces rows by fresh ones of the chain before it, so that drawing is recursive. Each part holds a buffer of
 * rows that are drawn and not yet used, and a buffer is filled by batches of one size and emptied in one order: what is drawn
 * depends on the key alone, not on how many rows are asked for at a time.
 */
import type { Distribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import type { OpenPart } from "./partTypes.ts";
import { acceptance, isRejection, logDensityAfter, type Rejection } from "./rejection.ts";

/** What a chain asks of its target. */
export interface CorrectedTarget extends Pick<Distribution, "dimension" | "logDensityAt"> {
  /** log g of rows [n, d] at once, where that costs less than one by one, nats: [n] */
  logDensityOf?(rows: Float64Array): ArrayLike<number>;
}

/** A base that is carried towards a target, log g up to a constant, by maps and rejection steps. */
export interface CorrectedChain {
  readonly base: Pick<Distribution, "title" | "dimension" | "logDensityAt" | "sample" | "logZ">;
  readonly target: CorrectedTarget;
  readonly parts: readonly (OpenPart | Rejection)[];
}

/** Rows of a chain. */
export interface CorrectedRows {
  /** [n, d] */
  readonly rows: Float64Array;
  /** log p of each, normalised, nats: [n] */
  readonly logProb: Float64Array;
}

/** A stream of independent rows. */
export interface Draws {
  /** The next n rows. */
  take(n: number): CorrectedRows;
  /** How many rows went through a map so far. */
  passes(): number;
}

/** Rows of a part that are computed together: what is drawn in vain is at most so many at each part. */
const BATCH_ROWS = 256;

/** log g - log p of rows [n, d], nats: the log-weights, whose mean is a lower bound of log Z. */
export function logWeightsOf(target: CorrectedTarget, { rows, logProb }: CorrectedRows): Float64Array {
  const d = target.dimension;
  const all = target.logDensityOf?.(rows);
  return logProb.map((value, i) => (all?.[i] ?? target.logDensityAt(rows.subarray(i * d, (i + 1) * d))) - value);
}

/**
 * The stream of rows of a chain that belongs to a key. Its first n rows are the same whatever n is, and however the rows are
 * taken.
 * @throws InputError for a base without a sampler and of other columns than the target.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { type CorrectedChain, drawsOf, fitRejection, logProbOf, logWeightsOf } from "jkoflow/chain";
 * import { gaussianMixture, normalDistribution } from "jkoflow/distributions";
 *
 * const modes = [normalDistribution([-2], Float64Array.of(0.1)), normalDistribution([2], Float64Array.of(0.1))];
 * const [base, target] = [gaussianMixture([0.5, 0.5], modes), gaussianMixture([0.8, 0.2], modes)]; // weights are wrong
 * let chain: CorrectedChain = { base, target, parts: [] };
 * for (const step of [1, 2, 3]) {
 *   const seen = drawsOf(chain, createKey(step)).take(4000);
 *   chain = { ...chain, parts: [...chain.parts, fitRejection(logWeightsOf(target, seen), 0.2)] };
 * }
 * const { rows, logProb } = drawsOf(chain, createKey(4)).take(4000);
 * console.log(Math.abs(rows.filter((x) => x < 0).length / 4000 - 0.8) < 0.05); // true
 * console.log(logProbOf(chain, rows).every((value, i) => Math.abs(value - logProb[i]) < 1e-9)); // true
 * ```
 */
export function drawsOf(chain: CorrectedChain, key: Key): Draws {
  const { base, target, parts } = chain;
  checkBase(chain);
  const d = base.dimension;
  let passes = 0;
  let stream = buffered(d, (draw) => {
    const rows = Float64Array.from(base.sample!(fold(fold(key, 0), draw), BATCH_ROWS));
    return { rows, logProb: baseAt(chain, rows) };
  });
  parts.forEach((part, k) => {
    const before = stream;
    const step = (draw: number): CorrectedRows => {
      if (isRejection(part)) return rejectRows(target, part, before, fold(fold(key, k + 1), draw));
      const from = before(BATCH_ROWS);
      const { rows, logDet } = part.push(from.rows);
      passes += BATCH_ROWS;
      return { rows, logProb: from.logProb.map((value, i) => value - logDet[i]) };
    };
    stream = buffered(d, step);
  });
  return { take: (n) => stream(n), passes: () => passes };
}

/** A batch after a rejection; what is replaced comes from the same stream, behind the batch. */
function rejectRows(
  target: CorrectedTarget,
  rejection: Rejection,
  before: (n: number) => CorrectedRows,
  key: Key,
): CorrectedRows {
  const d = target.dimension;
  const { rows, logProb } = before(BATCH_ROWS);
  const logWeights = logWeightsOf(target, { rows, logProb });
  const chance = uniform(key, BATCH_ROWS);
  const replaced = Array.from(logWeights.keys()).filter((i) => chance[i] > acceptance(logWeights[i], rejection));
  const fresh = before(replaced.length);
  const freshWeights = logWeightsOf(target, fresh);
  replaced.forEach((i, at) => {
    rows.set(fresh.rows.subarray(at * d, (at + 1) * d), i * d);
    logProb[i] = fresh.logProb[at];
    logWeights[i] = freshWeights[at];
  });
  return { rows, logProb: logProb.map((value, i) => logDensityAfter(value, logWeights[i], rejection)) };
}

/** Rows one after the other, computed batch after batch; draw counts the batches. */
function buffered(d: number, batch: (draw: number) => CorrectedRows): (n: number) => CorrectedRows {
  let held: CorrectedRows = { rows: new Float64Array(0), logProb: new Float64Array(0) };
  let [used, draw] = [0, 0];
  return (n) => {
    const out = { rows: new Float64Array(n * d), logProb: new Float64Array(n) };
    for (let filled = 0; filled < n; ) {
      if (used === held.logProb.length) [held, used] = [batch(draw++), 0];
      const count = Math.min(n - filled, held.logProb.length - used);
      out.rows.set(held.rows.subarray(used * d, (used + count) * d), filled * d);
      out.logProb.set(held.logProb.subarray(used, used + count), filled);
      filled += count;
      used += count;
    }
    return out;
  };
}

/**
 * log p, normalised, nats, at rows [n, d]: backwards through the maps to the base, then forwards, as each rejection needs the
 * density before it.
 * @throws InputError for rows that are not whole, and for a map that has no inverse.
 */
export function logProbOf(chain: CorrectedChain, rows: ArrayLike<number>): Float64Array {
  const { target, parts } = chain;
  const d = target.dimension;
  checkBase(chain);
  if (rows.length % d !== 0) {
    throw new InputError({ where: "rows", came: `${rows.length} numbers`, expected: `rows of ${d}` });
  }
  let x: Float64Array = Float64Array.from(rows);
  const passed = [...parts].reverse().map((part) => {
    const after = x;
    if (isRejection(part)) return { part, after, logDet: undefined };
    if (!part.invert) throw new InputError({ where: "chain", came: "a map without inverse", expected: "one with" });
    const { rows: earlier, logDet } = part.invert(x);
    x = earlier;
    return { part, after, logDet };
  });
  let logProb = baseAt(chain, x);
  for (const { part, after, logDet } of passed.reverse()) {
    if (isRejection(part)) {
      const logWeights = logWeightsOf(target, { rows: after, logProb });
      logProb = logProb.map((value, i) => logDensityAfter(value, logWeights[i], part));
    } else logProb = logProb.map((value, i) => value - logDet![i]);
  }
  return logProb;
}

/** The base is a density up to its own constant. */
function baseAt({ base }: CorrectedChain, rows: Float64Array): Float64Array {
  const d = base.dimension;
  return Float64Array.from(
    { length: rows.length / d },
    (_, i) => base.logDensityAt(rows.subarray(i * d, (i + 1) * d)) - base.logZ!,
  );
}

function checkBase({ base, target }: CorrectedChain): void {
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where: "base", came, expected });
  };
  if (base.dimension !== target.dimension) fail(`${base.dimension} columns`, `${target.dimension}, as the target has`);
  if (!base.sample) fail(base.title, "a law with a sampler");
  if (base.logZ === undefined) fail(base.title, "a law whose density is normalised or has a known logZ");
}
