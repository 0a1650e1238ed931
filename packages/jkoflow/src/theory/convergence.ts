/**
 * What the convergence theory of the JKO scheme says of a run, step by step: bounds that hold for steps that were not minimised
 * exactly, and whether what they ask for is so.
 *
 * X. Cheng, J. Lu, Y. Tan, Y. Xie, "Convergence of flow-based generative models via proximal gradient descent in Wasserstein
 * space", IEEE Trans. Inf. Theory 70 (2024), arXiv:2310.17582. The constants are derived anew and may differ from theirs.
 *
 * Let F be lambda-convex along generalised geodesics, lambda > 0, with the minimiser q, and xi_n the Wasserstein gradient of
 * F(p) + W_2^2(p, p_n-1) / (2 h_n) at p_n, eps_n its norm in L^2(p_n). For every pi (with eps_n = 0 even with h lambda for h lambda / 2 on
 * the left, and W_2^2(p_n-1, p_n) taken off on the right):
 *
 *   (1 + h_n lambda / 2) W_2^2(p_n, pi) + 2 h_n (F(p_n) - F(pi)) <= W_2^2(p_n-1, pi) + (2 h_n / lambda) eps_n^2        (E)
 *
 * With pi = q this gives the recursion  B_n = (B_n-1 + (2 h_n / lambda) eps_n^2) / (1 + h_n lambda / 2)  >=  W_2^2(p_n, q), the
 * certificate; it holds for any sizes of steps, and is below the closed form  (1 + h lambda / 2)^-n B_0 + 4 eps^2 / lambda^2.
 */
import { InputError } from "../errors/index.ts";

/** A step as it was found: its size h, Infinity for a step that was free to move, and eps, the norm of xi in L^2(p_n), measured on rows it was not trained on. */
export interface MeasuredStep {
  readonly stepSize: number;
  readonly residual: number;
}

/** What F and the start are known to be. */
export interface Convexity {
  /** Of F, along generalised geodesics: for KL(p | e^-V / Z) the least eigenvalue of the Hessian of V. */
  readonly lambda: number;
  /** W_2^2 between the start and the minimiser, or a number it does not exceed. */
  readonly distance: number;
}

/** What the theory says after one more step. */
export interface StepBounds {
  /** B_n: W_2^2 between p_n and the minimiser is not above it. */
  readonly distance: number;
  /** The closed form, by the largest eps so far; undefined for steps of different sizes. */
  readonly closed?: number;
  /** F(p_n) - min F is not above it: 9 eps^2 / (2 h lambda^2); undefined where its conditions do not hold. */
  readonly excess?: number;
}

/**
 * The bounds after every step. @throws InputError for lambda not above 0, where there are none, and for numbers that cannot be.
 *
 * @example
 * ```ts
 * import { certify, type Convexity, type MeasuredStep, type StepBounds } from "jkoflow/theory";
 *
 * const steps: MeasuredStep[] = Array.from({ length: 20 }, () => ({ stepSize: 0.5, residual: 0.01 }));
 * const towards: Convexity = { lambda: 1, distance: 9 };
 * const last = certify(steps, towards).at(-1) as StepBounds;
 * console.log(last.distance < 0.11, last.distance <= Number(last.closed)); // true true
 * ```
 */
export function certify(steps: readonly MeasuredStep[], { lambda, distance }: Convexity): StepBounds[] {
  check("lambda", lambda, lambda > 0, "a number above 0: without it the theory gives no bound");
  check("distance", distance, distance >= 0, "a number from 0");
  let [bound, largest] = [distance, 0];
  return steps.map(({ stepSize: h, residual: eps }, n) => {
    check(`step ${n + 1}`, h, h > 0, "a step size above 0");
    check(`step ${n + 1}`, eps, eps >= 0, "a residual from 0");
    // The limit for a step that is free to move.
    bound =
      h === Number.POSITIVE_INFINITY
        ? (4 * eps ** 2) / lambda ** 2
        : (bound + ((2 * h) / lambda) * eps ** 2) / (1 + (h * lambda) / 2);
    largest = Math.max(largest, eps);
    const isEven = steps.slice(0, n).every((step) => step.stepSize === h);
    if (!isEven) return { distance: bound };
    const closed = (1 + (h * lambda) / 2) ** -(n + 1) * distance + (4 * largest ** 2) / lambda ** 2;
    const isDue = h * lambda <= 2 && largest > 0 && n + 1 >= blockCount({ lambda, distance }, h, largest);
    return { distance: bound, closed, ...(isDue ? { excess: (9 * largest ** 2) / (2 * h * lambda ** 2) } : {}) };
  });
}

/**
 * Steps of size h after which F(p_n) - min F is at most 9 eps^2 / (2 h lambda^2), for h lambda <= 2: five to seven times more than
 * are needed where that was tried, so no number to choose a run by.
 *
 * @throws InputError for h lambda above 2
 *
 * @example
 * ```ts
 * import { blockCount } from "jkoflow/theory";
 *
 * console.log(blockCount({ lambda: 1, distance: 9.64 }, 0.5, 0.1)); // 56
 * ```
 */
export function blockCount({ lambda, distance }: Convexity, h: number, eps: number): number {
  check("h lambda", h * lambda, h * lambda > 0 && h * lambda <= 2, "a number above 0, not above 2");
  check("eps", eps, eps > 0, "a number above 0");
  return Math.ceil((8 / (h * lambda)) * (Math.log(distance) / 2 + Math.log(lambda / eps))) + 1;
}

/** What stands in (E): squared distances to some pi before and after a step, F there less F(pi), lambda, h, eps. */
export interface Inequality {
  readonly before: number;
  readonly after: number;
  readonly excess: number;
  readonly lambda: number;
  readonly stepSize: number;
  readonly residual: number;
  /** W_2^2 that an exact step has moved: the sharper inequality, for a residual of 0. */
  readonly moved?: number;
}

/**
 * The left side of (E) less the right one: not above 0 where it holds. @throws InputError for a residual of a step said to be exact.
 *
 * @example
 * ```ts
 * import { type Inequality, violation } from "jkoflow/theory";
 *
 * const step: Inequality = { before: 9, after: 4, excess: 2, lambda: 1, stepSize: 0.5, residual: 0, moved: 1 };
 * console.log(violation(step)); // 0
 * ```
 */
export function violation({ before, after, excess, lambda, stepSize: h, residual: eps, moved }: Inequality): number {
  if (moved === undefined)
    return (1 + (h * lambda) / 2) * after + 2 * h * excess - before - ((2 * h) / lambda) * eps ** 2;
  check("residual", eps, eps === 0, "0 for a step said to be exact");
  return (1 + h * lambda) * after + 2 * h * excess - before + moved;
}

/**
 * How far off generated rows are, in W_2, where each of N steps of size h is inverted up to `error` (root mean square) and no
 * inverse stretches by more than e^(h K).
 *
 * @example
 * ```ts
 * import { inversionBound } from "jkoflow/theory";
 *
 * console.log(inversionBound(1e-6, 0.05, 1, 20) < 1e-4); // true
 * ```
 */
export function inversionBound(error: number, h: number, K: number, N: number): number {
  if (h * K === 0) return error * N;
  return (error * Math.exp(h * K * N) - error) / (1 - Math.exp(-h * K));
}

/** An inverse as it was found: |T(S y) - y| (root mean square), and by how much it stretches a short way at most. */
export interface MeasuredInverse {
  readonly error: number;
  readonly stretch: number;
}

/**
 * The same for steps that differ: e_n-1 <= L_n (e_n + error_n), from e_N = 0 back to the start; the steps in the order of the flow.
 *
 * @example
 * ```ts
 * import { inversionBound, inversionDrift, type MeasuredInverse } from "jkoflow/theory";
 *
 * const steps: MeasuredInverse[] = Array.from({ length: 20 }, () => ({ error: 1e-6, stretch: Math.exp(0.05) }));
 * console.log(Math.abs(inversionDrift(steps) - inversionBound(1e-6, 0.05, 1, 20)) < 1e-12); // true
 * ```
 */
export const inversionDrift = (steps: readonly MeasuredInverse[]): number =>
  steps.reduceRight((drift, { error, stretch }) => stretch * (drift + error), 0);

function check(where: string, came: number, isGood: boolean, expected: string): void {
  if (!isGood) throw new InputError({ where, came: `${came}`, expected });
}
