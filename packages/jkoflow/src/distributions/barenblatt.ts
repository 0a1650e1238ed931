/**
 * The self-similar profiles of the porous medium equation d rho / dt = Laplacian rho^m, m > 1, with mass 1:
 *
 *   rho(x) = s^-d (C - kappa |x / s|^2)_+^p,   p = 1 / (m - 1),   kappa = alpha (m - 1) / (2 m d),   alpha = d / (d (m - 1) + 2)
 *
 * at scale s = t^(alpha / d) is the solution that starts from a point (G. Barenblatt, 1952; J. Vazquez, The Porous Medium
 * Equation, 2007, section 17.5). mass = pi^(d/2) Gamma(p + 1) / Gamma(p + 1 + d/2) C^(p + d/2) kappa^(-d/2) gives C.
 *
 * Samples: the first d coordinates of a uniform point on the unit sphere in d + 2 (p + 1) dimensions have density
 * proportional to (1 - |u|^2)^p; so 2 p has to be a whole number, m = 1 + 2 / (2 p).
 */
import { InputError } from "../errors/index.ts";
import { affine, log as logNode, squaredNorm } from "../graph/index.ts";
import { log, normal } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";

/** A profile and its constants. */
export interface Barenblatt extends Distribution {
  readonly m: number;
  /** s */
  readonly scale: number;
  /** C */
  readonly constant: number;
  readonly kappa: number;
  /** alpha / d: the scale at time t is t^exponent. */
  readonly exponent: number;
  /** Of the support. */
  readonly radius: number;
  /** E |x|^2 */
  readonly secondMoment: number;
  /** int rho^m / (m - 1) */
  readonly energy: number;
  readonly sample: NonNullable<Distribution["sample"]>;
  readonly logZ: 0;
}

/**
 * The profile of power m at scale s in d dimensions.
 * @throws InputError unless 2 / (m - 1) is a whole number, as for m = 2, 3, 1.5.
 *
 * @example
 * ```ts
 * import { barenblatt } from "jkoflow/distributions";
 *
 * const profile = barenblatt(2, 2, 1);
 * console.log(profile.radius.toFixed(3), profile.logDensityAt([9, 0])); // 1.786 -Infinity
 * ```
 */
export function barenblatt(d: number, m: number, scale: number): Barenblatt {
  const p = 1 / (m - 1);
  if (!(m > 1 && Math.abs(2 * p - Math.round(2 * p)) < 1e-9)) {
    const expected = "m above 1 with 2 / (m - 1) a whole number, such as 2, 3, 1.5";
    throw new InputError({ where: "Barenblatt profile", came: `m = ${m}`, expected });
  }
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new InputError({ where: "Barenblatt profile", came: `scale ${scale}`, expected: "a number above 0" });
  }
  const alpha = d / (d * (m - 1) + 2);
  const kappa = (alpha * (m - 1)) / (2 * m * d);
  const logMassOf1 = (d / 2) * Math.log(Math.PI / kappa) + logGamma(p + 1) - logGamma(p + 1 + d / 2);
  const constant = Math.exp(-logMassOf1 / (p + d / 2));
  const radius = scale * Math.sqrt(constant / kappa);
  const beyond = Math.round(2 * p) + 2;
  return {
    title: `a Barenblatt profile of m = ${m} in ${d} dimension${d === 1 ? "" : "s"}`,
    dimension: d,
    m,
    scale,
    constant,
    kappa,
    exponent: alpha / d,
    radius,
    secondMoment: (radius * radius * d) / (d + 2 * p + 2),
    energy: scale ** (-d * (m - 1)) * ((p * (p + 1) * constant) / (p + 1 + d / 2)),
    logZ: 0,
    logDensity: (x) =>
      affine(logNode(affine(squaredNorm(x), -kappa / (scale * scale), constant)), p, -d * Math.log(scale)),
    logDensityAt: (row) => {
      let squares = 0;
      for (let k = 0; k < d; k++) squares += row[k] * row[k];
      const base = constant - (kappa * squares) / (scale * scale);
      return base > 0 ? p * log(base) - d * Math.log(scale) : Number.NEGATIVE_INFINITY;
    },
    sample: (key, n) => {
      const z = normal(key, n * (d + beyond));
      const rows = new Float32Array(n * d);
      for (let r = 0; r < n; r++) {
        const all = z.subarray(r * (d + beyond), (r + 1) * (d + beyond));
        const norm = Math.sqrt(all.reduce((sum, v) => sum + v * v, 0));
        for (let k = 0; k < d; k++) rows[r * d + k] = (radius * all[k]) / norm;
      }
      return rows;
    },
  };
}

/** ln Gamma(x) for x a multiple of 1/2, above 0, by its recursion. */
function logGamma(x: number): number {
  let sum = 0;
  let at = x;
  while (at > 1) {
    at -= 1;
    sum += Math.log(at);
  }
  return sum + (at === 0.5 ? Math.log(Math.PI) / 2 : 0); // Gamma(1) = 1, Gamma(1/2) = sqrt(pi)
}
