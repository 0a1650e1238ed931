/**
 * A rejection step, which moves mass at a distance where maps cannot (Hertrich and Gruhlke, arXiv:2407.20444, section 4).
 *
 *   a(x) = min(1, exp(log g(x) - log p(x) - log c)),   a row is kept with chance a(x), else replaced by a fresh one of p
 *
 *   log p'(x) = log p(x) + log(a(x) + 1 - E a),        E over p
 *
 * p' is a density exactly, and KL(p' | g / Z) <= KL(p | g / Z). With p = g / Z the log-weight log g - log p is log Z at every
 * row, and log c = log Z - log(1 - r): how near log c comes to that tells how near p is.
 */
import { cameOf } from "../errors/came.ts";
import { InputError, NumericError } from "../errors/index.ts";
import { exp, log } from "../random/index.ts";

/** A rejection step as data. */
export interface Rejection {
  readonly kind: "rejection";
  /** log c, nats: rows whose log-weight is above it are always kept. */
  readonly logC: number;
  /** E(1 - a): the share of rows that are replaced. */
  readonly mean: number;
}

/** Whether a part of a chain is a rejection step. */
export const isRejection = (part: object | Rejection): part is Rejection => "kind" in part && part.kind === "rejection";

/** The rate is met within this: far below what the choice of the rows moves it by. */
const RATE_TOLERANCE = 1e-10;

/** a, the chance that a row of this log-weight (log g - log p, nats) is kept. */
export const acceptance = (logWeight: number, { logC }: Pick<Rejection, "logC">): number =>
  logWeight >= logC ? 1 : exp(logWeight - logC);

/** log p' of a row, nats, from its log p and its log-weight log g - log p: those of the row as it is after the step. */
export const logDensityAfter = (logDensity: number, logWeight: number, rejection: Rejection): number =>
  logDensity + log(acceptance(logWeight, rejection) + rejection.mean);

/**
 * The rejection step that replaces the share `rate` of rows with these log-weights log g - log p (nats).
 * @throws InputError for a rate outside of (0, 1) and log-weights that are none; NumericError where the target is 0 at more
 *   rows than the rate allows.
 *
 * @example
 * ```ts
 * import { acceptance, fitRejection, logDensityAfter, passesPerRow } from "jkoflow/chain";
 *
 * const rejection = fitRejection([0.5, 0.5, 0.5], 0.2); // the density is right up to Z: log c = log Z - log(1 - rate)
 * console.log(rejection.logC.toFixed(4), acceptance(0.5, rejection).toFixed(4)); // 0.7231 0.8000
 * console.log(Math.abs(logDensityAfter(-3, 0.5, rejection) + 3) < 1e-6); // true
 * console.log(passesPerRow([{}, rejection, rejection]).toFixed(2)); // 1.44
 * ```
 */
export function fitRejection(logWeights: ArrayLike<number>, rate: number): Rejection {
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where: "rejection", place, came, expected });
  };
  if (!(rate > 0 && rate < 1)) fail("rate", cameOf(rate), "a number above 0 and below 1");
  const n = logWeights.length;
  if (n === 0) fail("log-weights", "none", "one per row");
  let [least, most, outside] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < n; i++) {
    const w = logWeights[i];
    if (Number.isNaN(w) || w === Number.POSITIVE_INFINITY) fail(`log-weight ${i}`, cameOf(w), "a number or -Infinity");
    if (w === Number.NEGATIVE_INFINITY) outside++;
    else [least, most] = [Math.min(least, w), Math.max(most, w)];
  }
  if (outside / n >= rate) {
    throw new NumericError(
      `rejection: the target is 0 at ${outside} of ${n} rows, which a rate of ${rate} cannot replace`,
    );
  }
  const replaced = (logC: number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += 1 - acceptance(logWeights[i], { logC });
    return sum / n;
  };
  // Rising in log c. At the least log-weight no row is replaced but those outside; at the second end each is, with at
  // least the chance that makes the rate.
  let [low, high] = [least, most - log(1 - rate) + RATE_TOLERANCE];
  let logC = high;
  for (let halvings = 0; halvings < 200 && low < high; halvings++) {
    logC = (low + high) / 2;
    const found = replaced(logC);
    if (Math.abs(found - rate) <= RATE_TOLERANCE || logC === low || logC === high) break;
    if (found < rate) low = logC;
    else high = logC;
  }
  return { kind: "rejection", logC, mean: replaced(logC) };
}

/**
 * Map evaluations per row that a chain draws: a map is passed once, and once more for each row that a later rejection
 * replaces, sum over maps of the product over later rejections of 1 + mean.
 */
export function passesPerRow(parts: readonly (object | Rejection)[]): number {
  let [passes, rows] = [0, 1];
  for (const part of [...parts].reverse()) {
    if (isRejection(part)) rows *= 1 + part.mean;
    else passes += rows;
  }
  return passes;
}
