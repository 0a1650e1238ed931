/**
 * Exact steps of the scheme for the porous medium equation with confinement, F = (1 / (m - 1)) int rho^m + (a / 2) E|x|^2: from
 * a Barenblatt profile of scale s (distributions/barenblatt.ts) they lead to that of scale s', T(x) = (s' / s) x, with
 *
 *   (1 + h a) s' = s + h b s'^(1 - 1/b),   b = 1 / (d (m - 1) + 2)
 *
 * The right side less the left is concave in s', so Newton's method from s / (1 + h a) rises to the only root. The true flow is
 * ds/dt = b s^(1 - 1/b) - a s; for a = 0, s(t)^(1/b) = s(0)^(1/b) + t. J. Vazquez, The Porous Medium Equation, 2007, chapter 17.
 */
import { InputError, NumericError } from "../errors/index.ts";

/** Dimension d, power m, confinement a (default 0). */
export interface PorousMedium {
  readonly dimension: number;
  readonly m: number;
  readonly confinement?: number;
}

/** Scale after one step of size h from scale s. @throws InputError unless s and h are above 0. */
export function porousStep({ dimension: d, m, confinement: a = 0 }: PorousMedium, s: number, h: number): number {
  if (!(s > 0 && h > 0))
    throw new InputError({ where: "porous medium", came: `s = ${s}, h = ${h}`, expected: "numbers above 0" });
  const b = 1 / (d * (m - 1) + 2);
  const power = 1 - 1 / b;
  let next = s / (1 + h * a);
  for (let iteration = 0; iteration < 100; iteration++) {
    const miss = (1 + h * a) * next - s - h * b * next ** power;
    const slope = 1 + h * a - h * b * power * next ** (power - 1);
    const step = miss / slope;
    next -= step;
    if (Math.abs(step) <= 1e-15 * next) return next;
  }
  throw new NumericError(`the scale of a porous medium step did not settle: s = ${s}, h = ${h}`);
}

/** Scale of the true flow without confinement at a time after scale s. */
export const porousFlowAt = ({ dimension: d, m }: PorousMedium, s: number, time: number): number => {
  const inverse = d * (m - 1) + 2;
  return (s ** inverse + time) ** (1 / inverse);
};
