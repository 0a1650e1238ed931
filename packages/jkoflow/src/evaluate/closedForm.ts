/**
 * The exact JKO step from a Gaussian towards N(0, I): the oracle for every trained block.
 *
 * One step of the scheme of Jordan, Kinderlehrer and Otto (SIAM J. Math. Anal. 29, 1998) for F = KL(. || N(0, I)),
 * written for a map T as in JKO-iFlow (Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424):
 *
 *     L(T) = E[ 1/2 |T(x)|^2 - log det DT(x) + |T(x) - x|^2 / (2 h) ],      x ~ N(m, S)
 *
 * For a Gaussian start the minimiser is affine. In the eigenbasis of S, with variances s_i^2,
 *
 *     T(x)_i = m'_i + a_i (x_i - m_i),    m' = m / (1 + h),    s'_i = a_i s_i,
 *     (1 + 1/h) s^2 a^2 - (s^2 / h) a - 1 = 0                                  (a is its positive root).
 *
 * h = Infinity is allowed: a free block, which ends at N(0, I) exactly.
 */

import { symmetricEigen } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { checkKind, checkNumbers } from "../errors/kinds.ts";

/** The three parts of the loss at the minimum, and their sum. Nats. */
export interface StepLoss {
  readonly total: number;
  /** E[ 1/2 |T(x)|^2 ] */
  readonly potential: number;
  /** -E[ log det DT(x) ] */
  readonly divergence: number;
  /** E |T(x) - x|^2 / (2 h) */
  readonly movement: number;
}

/** Result of a step between Gaussians with diagonal covariance; every array is [d]. */
export interface DiagonalStep {
  readonly factor: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly loss: StepLoss;
}

/** Result of a step between general Gaussians: T(x) = mean + map (x - old mean), `map` and `covariance` [d, d]. */
export interface GeneralStep {
  /** Eigenvalues of `map`, in falling order of the old covariance's eigenvalues: [d]. */
  readonly factor: Float64Array;
  readonly map: Float64Array;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  readonly loss: StepLoss;
}

/**
 * The step of size `h` from N(mean, diag(variance)). Throws InputError unless h and all variances are positive.
 *
 * @example
 * ```ts
 * import { diagonalJkoStep } from "jkoflow/evaluate";
 *
 * const { mean, variance } = diagonalJkoStep([1, 0], [4, 0.25], 1); // of KL to N(0, I)
 * console.log(mean[0], variance[0] < 4, variance[1] > 0.25); // 0.5 true true
 * ```
 */
export function diagonalJkoStep(mean: ArrayLike<number>, variance: ArrayLike<number>, h: number): DiagonalStep {
  const d = variance.length;
  checkStart(mean, d, h);
  const factor = new Float64Array(d);
  let potential = 0;
  let divergence = 0;
  let movement = 0;
  for (let i = 0; i < d; i++) {
    const s2 = variance[i];
    if (!(s2 > 0) || s2 === Number.POSITIVE_INFINITY) {
      throw new InputError({ where: "variance", place: `${i}`, came: `${s2}`, expected: "a positive finite number" });
    }
    const b = s2 / h;
    const a = (b + Math.sqrt(b * b + 4 * (1 + 1 / h) * s2)) / (2 * (1 + 1 / h) * s2);
    const m = mean[i] / (1 + h);
    factor[i] = a;
    potential += (a * a * s2 + m * m) / 2;
    divergence -= Math.log(a);
    movement += ((a - 1) ** 2 * s2 + (m - mean[i]) ** 2) / (2 * h);
  }
  return {
    factor,
    mean: Float64Array.from(mean, (value) => value / (1 + h)),
    variance: factor.map((a, i) => a * a * variance[i]),
    loss: { total: potential + divergence + movement, potential, divergence, movement },
  };
}

/**
 * The step of size `h` from N(mean, covariance), `covariance` [d, d] row after row: rotate to the eigenbasis, step,
 * rotate back. Throws InputError unless h is positive and the covariance positive definite.
 *
 * @example
 * ```ts
 * import { diagonalJkoSequence, diagonalJkoStep, generalJkoStep } from "jkoflow/evaluate";
 *
 * const { mean, variance } = diagonalJkoStep([2], [4], 1); // of KL to N(0, I), from N(2, 4)
 * console.log(mean[0], variance[0].toFixed(4), generalJkoStep([2], Float64Array.of(4), 1).mean[0]); // 1 1.8660 1
 * console.log(diagonalJkoSequence([2], [4], [1, 1, 1])[2].mean[0]); // 0.25
 * ```
 */
export function generalJkoStep(mean: ArrayLike<number>, covariance: Float64Array, h: number): GeneralStep {
  checkNumbers(mean, "mean");
  checkKind(covariance, "Float64Array", "covariance");
  const d = mean.length;
  if (covariance.length !== d * d) {
    throw new InputError({ where: "covariance", came: `${covariance.length} numbers`, expected: `${d * d}` });
  }
  const { values, vectors } = symmetricEigen(covariance, d);
  const rotated = Float64Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += vectors[j * d + i] * mean[i];
    return sum;
  });
  const step = diagonalJkoStep(rotated, values, h);
  return {
    factor: step.factor,
    map: fromEigenbasis(step.factor, vectors, d),
    mean: Float64Array.from(mean, (value) => value / (1 + h)),
    covariance: fromEigenbasis(step.variance, vectors, d),
    loss: step.loss,
  };
}

/** The diagonal steps along a whole schedule of step sizes, one result per step. */
export function diagonalJkoSequence(
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  schedule: readonly number[],
): readonly DiagonalStep[] {
  const steps: DiagonalStep[] = [];
  for (const h of schedule) {
    const last = steps.at(-1);
    steps.push(last === undefined ? diagonalJkoStep(mean, variance, h) : diagonalJkoStep(last.mean, last.variance, h));
  }
  return steps;
}

/** sum_j values[j] v_j v_j^T: [d, d] */
function fromEigenbasis(values: Float64Array, vectors: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    for (let r = 0; r < d; r++) {
      const scaled = values[j] * vectors[j * d + r];
      for (let c = 0; c < d; c++) out[r * d + c] += scaled * vectors[j * d + c];
    }
  }
  return out;
}

function checkStart(mean: ArrayLike<number>, d: number, h: number): void {
  checkNumbers(mean, "mean");
  if (mean.length !== d) {
    throw new InputError({ where: "mean", came: `${mean.length} numbers`, expected: `${d}, one per variance` });
  }
  if (!(h > 0)) throw new InputError({ where: "h", came: `${h}`, expected: "a positive step size (or Infinity)" });
}
