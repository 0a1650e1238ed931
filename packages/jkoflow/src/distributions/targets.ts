/**
 * Published targets with known normalisation: what a method for densities without samples is tried on. All have log Z = 0.
 *
 *   banana      x1 ~ N(0, 1), x2 | x1 ~ N(b (x1^2 - 1), 1/4)           H. Haario, E. Saksman, J. Tamminen, Comput. Stat. 14 (1999)
 *   mustache    (x1, x2 - (x1^2 - 1)^2) ~ N(0, [[1, .9], [.9, 1]])     R. Laumont et al. / J. Hertrich, R. Gruhlke, arXiv:2411.01006
 *   funnel      x1 ~ N(0, 9), x_j | x1 ~ N(0, e^x1)                     R. Neal, Ann. Statist. 31 (2003), 705-767
 *   eight modes equal Gaussians of variance .01 at (cos(pi k / 4) - 1, sin(pi k / 4))
 */
import { InputError } from "../errors/index.ts";
import { add, affine, exp as expNode, mul, type Node, negate, scale, slice, square, sub } from "../graph/index.ts";
import { cosTurns, exp, halfLog2Pi, normal, sinTurns } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";
import { equalMixture, type GaussianMixture } from "./mixture.ts";

type Target = Distribution & { readonly sample: NonNullable<Distribution["sample"]>; readonly logZ: 0 };

const column = (x: Node, k: number): Node => slice(x, k, k + 1);

/** Rows of `d` numbers made from as many independent normals. */
const pushed =
  (d: number, move: (z: Float32Array) => void) =>
  (key: Parameters<typeof normal>[0], n: number): Float32Array => {
    const rows = normal(key, n * d);
    for (let r = 0; r < n; r++) move(rows.subarray(r * d, (r + 1) * d));
    return rows;
  };

/**
 * A Gaussian bent along a parabola, in two dimensions; `bend` is b.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { banana, eightModes, funnel, mustache } from "jkoflow/distributions";
 *
 * for (const target of [banana(), mustache(), funnel(3), eightModes()]) {
 *   console.log(target.dimension, target.sample(createKey(0), 10).length);
 * }
 * ```
 */
export const banana = (bend = 1): Target => ({
  title: "a banana",
  dimension: 2,
  logZ: 0,
  logDensity: (x) => {
    const away = sub(column(x, 1), scale(affine(square(column(x, 0)), 1, -1), bend));
    const squares = add(square(column(x, 0)), scale(square(away), 4));
    return affine(squares, -1 / 2, Math.log(2) - 2 * halfLog2Pi);
  },
  logDensityAt: (row) => {
    const away = row[1] - bend * (row[0] * row[0] - 1);
    return -(row[0] * row[0] + 4 * away * away) / 2 + Math.log(2) - 2 * halfLog2Pi;
  },
  sample: pushed(2, (z) => {
    z[1] = z[1] / 2 + bend * (z[0] * z[0] - 1);
  }),
});

/** Two thin arms that cross, in two dimensions. */
export const mustache = (): Target => {
  const [c, determinant] = [0.9, 1 - 0.9 * 0.9];
  const constant = -2 * halfLog2Pi - Math.log(determinant) / 2;
  return {
    title: "a mustache",
    dimension: 2,
    logZ: 0,
    logDensity: (x) => {
      const a = column(x, 0);
      const b = sub(column(x, 1), square(affine(square(a), 1, -1)));
      const squares = add(sub(square(a), scale(mul(a, b), 2 * c)), square(b));
      return affine(squares, -1 / (2 * determinant), constant);
    },
    logDensityAt: (row) => {
      const b = row[1] - (row[0] * row[0] - 1) ** 2;
      return constant - (row[0] * row[0] - 2 * c * row[0] * b + b * b) / (2 * determinant);
    },
    sample: pushed(2, (z) => {
      z[1] = c * z[0] + Math.sqrt(determinant) * z[1] + (z[0] * z[0] - 1) ** 2;
    }),
  };
};

/** A neck that narrows without end, in d >= 2 dimensions. @throws InputError for d = 1. */
export function funnel(d: number): Target {
  if (!(Number.isInteger(d) && d >= 2)) {
    throw new InputError({ where: "funnel", came: `${d} dimensions`, expected: "a whole number from 2" });
  }
  const constant = -d * halfLog2Pi - Math.log(3);
  return {
    title: `a funnel in ${d} dimensions`,
    dimension: d,
    logZ: 0,
    logDensity: (x) => {
      const neck = column(x, 0);
      const rest = slice(x, 1, d);
      const inside = mul(
        Array.from({ length: d - 1 }, (_, k) => square(column(rest, k))).reduce((a, b) => add(a, b)),
        expNode(negate(neck)),
      );
      const outside = add(scale(square(neck), 1 / 9), scale(neck, d - 1));
      return affine(add(inside, outside), -1 / 2, constant);
    },
    logDensityAt: (row) => {
      let squares = 0;
      for (let k = 1; k < d; k++) squares += row[k] * row[k];
      return constant - (squares * exp(-row[0]) + (row[0] * row[0]) / 9 + (d - 1) * row[0]) / 2;
    },
    sample: pushed(d, (z) => {
      z[0] *= 3;
      for (let k = 1; k < d; k++) z[k] *= exp(z[0] / 2);
    }),
  };
}

/** Eight narrow modes on a circle, in two dimensions. */
export const eightModes = (): GaussianMixture =>
  equalMixture(
    Array.from({ length: 8 }, (_, k) => [cosTurns(k / 8) - 1, sinTurns(k / 8)]),
    0.01,
  );
