/**
 * Radial Gaussianisation of whitened rows: z -> z s(r) / r, r = |z|, by which r gets the distribution that the length of a
 * standard normal vector has. (S. Lyu, E. P. Simoncelli, "Nonlinear extraction of independent components of natural images
 * using radial Gaussianization", Neural Computation 21 (2009), 1485-1519.)
 *
 * ln s is a monotone spline of ln r through quantiles, s_p = chi_d^-1(p) at r_p. Below the first knot s is proportional to r,
 * so that a row at the centre has a density; beyond the last one ln s goes on straight.
 *
 *   ln |det| = d (ln s - ln r) + ln (d ln s / d ln r)
 */
import { exp, log } from "../random/index.ts";
import { type Spline, splineDerivative, splineInverse, splineValue } from "./spline.ts";

export interface Radial {
  /** s(r) / r of a whitened row of length r, and ln |det|. */
  forward(r: number): { readonly factor: number; readonly logDet: number };
  /** r(s) / s of a row of length s. */
  inverseFactor(s: number): number;
}

/** ln s as a function of ln r. */
export function createRadial(spline: Spline, d: number): Radial {
  const [x0, y0] = [spline.x[0], spline.y[0]];
  return {
    forward: (r) => {
      const x = r > 0 ? log(r) : Number.NEGATIVE_INFINITY;
      if (x <= x0) return { factor: exp(y0 - x0), logDet: d * (y0 - x0) };
      const y = splineValue(spline, x);
      return { factor: exp(y - x), logDet: d * (y - x) + log(splineDerivative(spline, x)) };
    },
    inverseFactor: (s) => {
      const y = s > 0 ? log(s) : Number.NEGATIVE_INFINITY;
      return y <= y0 ? exp(x0 - y0) : exp(splineInverse(spline, y) - y);
    },
  };
}
