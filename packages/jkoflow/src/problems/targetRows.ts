/**
 * Rows as a target: a divergence to them as F, and the start and the steps that suit it where nothing else is said.
 *
 *   kl        KL(rho | rows), infinite where rho leaves their support        by a critic (functionals/fromRows.ts)
 *   js        the Jensen-Shannon divergence, at most ln 2                    by a critic
 *   sinkhorn  the Sinkhorn divergence, about W_2^2 / 2 for a small blur      by the host (functionals/sinkhornToRows.ts)
 *
 * The start is the Gaussian with the moments of the rows. F of a step counts beside |T(x) - x|^2 / 2, so that steps of a divergence
 * in nats are taken in units of the mean variance of the columns; those of Sinkhorn's, which has the units of |x|^2, are free of it.
 */
import { type Normal, normalDistribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { momentsOf } from "../evaluate/moments.ts";
import { type Functional, jsToRows, klToRows, sinkhornToRows } from "../functionals/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import { checkVolume, leastRows } from "./rowsStart.ts";

/** Divergences by name. */
export const divergences = ["js", "kl", "sinkhorn"] as const;
export type Divergence = (typeof divergences)[number];

export interface TargetOptions {
  readonly divergence?: Divergence;
  /** Of Sinkhorn's, in the units of the columns; default half of the root of their mean variance. */
  readonly blur?: number;
}

/** What F is a divergence to, and what goes with it. */
export interface RowsTarget {
  readonly functional: Functional;
  /** [n, d] */
  readonly train: Float32Array;
  /** [m, d], for reports: nothing is fitted to them. */
  readonly heldOut: Float32Array;
  readonly start: Normal;
  readonly time: number;
  readonly step: number;
  /** In a sentence. */
  readonly says: string;
}

/** Of five rows one is held out. */
const HELD = 5;
/** Steps where nothing is said of them. */
const STEPS = 8;
/** h of them, in units of the mean variance; Sinkhorn's as it is: its flow comes nearer by e^-t. */
const STEP: Readonly<Record<Divergence, number>> = { js: 1, kl: 0.25, sinkhorn: 0.5 };
/** Rows of Sinkhorn's divergence: an update costs as many exponentials for every row of its batch. */
const MOST_SINKHORN = 100;
/** In units of the spread: smaller ones settle later, by which this was chosen. */
const BLUR = 0.5;

const titles: Readonly<Record<Divergence, string>> = {
  js: "the Jensen-Shannon divergence",
  kl: "KL",
  sinkhorn: "the Sinkhorn divergence",
};

/**
 * @throws InputError for too few rows, numbers that are not finite, columns that depend on each other, a blur of a divergence
 * that has none, and one that is not above 0.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { divergences, ownProblem, type RowsTarget, targetOfRows } from "jkoflow/problems";
 *
 * const rows = random.normal(createKey(1), 400); // [200, 2]
 * const target: RowsTarget = targetOfRows(rows, ["a", "b"], createKey(2), { divergence: divergences[1] });
 * console.log(ownProblem({ columns: ["a", "b"], target }).functional.title); // KL to rows
 * ```
 */
export function targetOfRows(
  rows: Float32Array,
  columns: readonly string[],
  key: Key,
  { divergence = "js", blur: asked }: TargetOptions = {},
  where = "target",
): RowsTarget {
  const d = columns.length;
  const n = rows.length / d;
  const least = leastRows(d);
  if (!(n >= least)) throw new InputError({ where, came: `${n} rows of ${d} columns`, expected: `at least ${least}` });
  if (!rows.every(Number.isFinite))
    throw new InputError({ where, came: "rows that are not finite", expected: "finite numbers" });
  if (asked !== undefined && divergence !== "sinkhorn")
    throw new InputError({
      where: "blur",
      came: `it for ${divergence}`,
      expected: "it for sinkhorn",
      fix: "leave it out",
    });
  checkVolume(rows, columns, where);
  const order = permutation(fold(key, "rows"), n);
  const take = (numbers: Int32Array): Float32Array => {
    const taken = new Float32Array(numbers.length * d);
    numbers.forEach((row, at) => {
      taken.set(rows.subarray(row * d, row * d + d), at * d);
    });
    return taken;
  };
  const train = take(order.filter((_, at) => at % HELD > 0));
  const heldOut = take(order.filter((_, at) => at % HELD === 0));
  const { mean, covariance } = momentsOf(train, d);
  const variance = mean.reduce((sum, _, k) => sum + covariance[k * (d + 1)], 0) / d;
  const blur = asked ?? Number((BLUR * Math.sqrt(variance)).toPrecision(3));
  const used = divergence === "sinkhorn" ? train.subarray(0, MOST_SINKHORN * d) : train;
  const functional =
    divergence === "sinkhorn" ? sinkhornToRows(used, blur) : divergence === "kl" ? klToRows(used) : jsToRows(used);
  // Three digits: a step that is read is the one that is taken.
  const step = Number((STEP[divergence] * (divergence === "sinkhorn" ? 1 : variance)).toPrecision(3));
  const count = used.length / d;
  const shares = `${count} of ${n} rows, ${heldOut.length / d} held out`;
  const how = divergence === "sinkhorn" ? `, blur ${blur}` : "";
  return {
    functional,
    train,
    heldOut,
    start: normalDistribution(mean, covariance),
    time: STEPS * step,
    step,
    says: `F is ${titles[divergence]} to ${shares}${how}; the Gaussian with their moments is the start where none is said`,
  };
}
