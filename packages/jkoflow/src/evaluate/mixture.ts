/**
 * A mixture of Gaussians with full covariances, fitted by EM: the cheap model that a flow has to beat before its figure
 * says anything.
 *
 * log p(x) = log sum_k w_k N(x; m_k, S_k)
 *
 * Rows are whitened by their Gaussian first (the log-determinant is added back), so that one ridge suits every table, and a
 * mixture of one component is that Gaussian. The number of components, the shrinkage and the number of passes are chosen on
 * validation rows: mixtureLadder.ts. Passes and formulas: em.ts.
 */

import type { MixtureBase } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import { mixtureLogProb } from "./components.ts";
import { betterGaussian, fitGaussian, type Gaussian, whitenRows } from "./gaussian.ts";
import { climbLadder } from "./mixtureLadder.ts";
import { mixtureParts } from "./mixtureParts.ts";
import { sampleComponents } from "./mixtureSample.ts";
import { checkRows, countRows, takeRows } from "./rows.ts";

/** What to try. Every entry is optional; see {@link mixtureDefaults}. */
export interface MixtureOptions {
  /** Rising numbers of components, tried until held-out rows gain no more; of one there is always a try. */
  readonly components?: readonly number[];
  /** Rising shrinkages, in rows; each size of mixture looks at the neighbours of the one that was best so far. */
  readonly ridgeCounts?: readonly number[];
  /** Most passes over all rows of the last fit. */
  readonly passes?: number;
  /** EM sees at most this many training rows, a seeded subset. */
  readonly maxRows?: number;
}

/** One fit that was tried; `validationNll` in nats per row, in the units of the rows, of the first 5,000 of them. */
export interface MixtureCandidate {
  readonly components: number;
  readonly ridgeCount: number;
  readonly passes: number;
  readonly validationNll: number;
}

/** All of a table that the fit of a mixture looks at; see {@link mixtureRows}. */
export interface MixtureRows {
  /** Of all rows, by maximum likelihood and shrunk. */
  readonly gaussians: readonly Gaussian[];
  /** [at most maxRows, cols] */
  readonly rows: Float32Array;
}

/** The chosen mixture. Log-densities are in nats, in the units of the rows it was fitted on. */
export interface Mixture {
  readonly cols: number;
  readonly chosen: MixtureCandidate;
  /** Every fit, in the order tried; the first is the Gaussian. */
  readonly candidates: readonly MixtureCandidate[];
  /** [K] */
  readonly weights: Float64Array;
  /** Its components in the units of the rows. */
  parts(): MixtureBase;
  /** log p of `rows` rows [rows, d]: one number per row, nats. Throws InputError on a shape that does not fit. */
  logProb(x: Float32Array, rows: number): Float64Array;
  /** `rows` rows [rows, d], by key. */
  sample(key: Key, rows: number): Float32Array;
}

/** A component needs about this many rows to mean anything. */
const ROWS_PER_COMPONENT = 10;

/** What is tried; the same for all tables, since held-out rows end the climb. */
export const mixtureDefaults: Required<MixtureOptions> = {
  components: [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200],
  ridgeCounts: [3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
  passes: 12,
  maxRows: 60_000,
};

/**
 * What `fitMixture` needs of `train` [n, cols]: its Gaussians and a seeded subset of `maxRows` rows. With it the table need
 * not be kept until the fit; the result is the same to the bit. Throws InputError as `fitMixture` does.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { fitMixture, mixtureDefaults, mixtureRows } from "jkoflow/evaluate";
 *
 * const rows = random.normal(createKey(0), 200).map((value, i) => value + (i % 2 === 0 ? 8 : 0)); // [100, 2]
 * const held = random.normal(createKey(1), 40).map((value, i) => value + (i % 2 === 0 ? 8 : 0));
 * const prepared = mixtureRows(rows, 2, createKey(2)); // fitted to several times, prepared once
 * const mixture = fitMixture(prepared, held, 2, createKey(3), { components: [1, 2] });
 * console.log(mixture.weights.length <= 2, mixtureDefaults.components[0]); // true 1
 * ```
 */
export function mixtureRows(train: Float32Array, cols: number, key: Key, options: MixtureOptions = {}): MixtureRows {
  const all = countRows("train", train, cols, 2);
  const { maxRows } = { ...mixtureDefaults, ...options };
  const subset = permutation(fold(key, "rows"), all).subarray(0, maxRows).sort();
  const gaussians = (["none", "ledoit-wolf"] as const).map((shrinkage) => fitGaussian(train, all, cols, { shrinkage }));
  return { gaussians, rows: all > maxRows ? takeRows(train, cols, subset) : train };
}

/**
 * Fits mixtures to `train` [n, cols], or to what `mixtureRows` took of it, and keeps the one with the least NLL on `validation` [m, cols].
 * A larger one is kept only where its gain exceeds the standard error of that gain. Throws InputError where a shape does not
 * fit or a value is not finite.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { fitMixture, scoreLogProb } from "jkoflow/evaluate";
 *
 * const rows = (name: string, n: number) => random.normal(createKey(name), n).map((x, i) => x + (i % 2 === 0 ? 0 : 9)); // [n, 1]
 * const mixture = fitMixture(rows("train", 200), rows("validation", 50), 1, createKey(0), { components: [1, 2, 4] });
 * console.log(mixture.chosen.components > 1, scoreLogProb(mixture.logProb(rows("test", 50), 50)).nll < 2.5); // true true
 * ```
 */
export function fitMixture(
  train: Float32Array | MixtureRows,
  validation: Float32Array,
  cols: number,
  key: Key,
  options: MixtureOptions = {},
): Mixture {
  const isPrepared = typeof train === "object" && train !== null && "gaussians" in train;
  const prepared = isPrepared ? train : mixtureRows(train, cols, key, options);
  countRows("validation", validation, cols, 1);
  const { components, ridgeCounts, passes } = { ...mixtureDefaults, ...options };
  const rows = prepared.rows.length / cols;
  const usable = usableCounts(components, rows);
  checkRidges(ridgeCounts);
  const whole = betterGaussian(prepared.gaussians, validation);
  const { mean, whitener, logDetWhitener } = whole;
  const mixed = takeRows(prepared.rows, cols, permutation(fold(key, "order"), rows)); // blocks of EM are fair samples
  const x = whitenRows(mixed, rows, cols, mean, whitener); // [rows, d]
  const held = whitenRows(validation, validation.length / cols, cols, mean, whitener); // [m, d]
  const ladder = { components: usable, ridgeCounts, passes };
  const { rungs, chosen } = climbLadder({ x, rows, cols }, held, ladder, key);
  const winner = rungs[chosen].components;
  const candidates = rungs.map((rung) => ({
    components: rung.count,
    ridgeCount: rung.ridgeCount,
    passes: rung.passes,
    validationNll: rung.heldNll - logDetWhitener,
  }));
  return {
    cols,
    chosen: candidates[chosen],
    candidates,
    weights: winner.weight,
    parts: () => mixtureParts(winner, whole),
    logProb(y, n) {
      checkRows("x", y, n, cols, 0);
      const log = mixtureLogProb(winner, whitenRows(y, n, cols, mean, whitener));
      return log.map((value) => value + logDetWhitener);
    },
    sample: (drawn, n) => sampleComponents(winner, whole, drawn, n),
  };
}

function usableCounts(counts: readonly number[], rows: number): readonly number[] {
  const rising = counts.every((count, i) => Number.isInteger(count) && count >= 1 && !(count <= counts[i - 1]));
  if (counts.length === 0 || !rising || counts[counts.length - 1] > MOST_COMPONENTS) {
    const expected = `rising whole numbers from 1 to ${MOST_COMPONENTS}`;
    throw new InputError({ where: "components", came: `[${counts}]`, expected });
  }
  return counts.filter((count) => count * ROWS_PER_COMPONENT <= rows);
}

/** Of the 16 bits in which a row holds the order of its components. */
const MOST_COMPONENTS = 65_535;

function checkRidges(ridgeCounts: readonly number[]): void {
  const rising = ridgeCounts.every(
    (ridge, i) => ridge >= 0 && Number.isFinite(ridge) && !(ridge <= ridgeCounts[i - 1]),
  );
  if (ridgeCounts.length > 0 && rising) return;
  throw new InputError({ where: "ridgeCounts", came: `[${ridgeCounts}]`, expected: "rising numbers of at least 0" });
}
