/**
 * Gaussians: N(0, I), which tables are carried to, and any N(mean, covariance).
 *
 *   log p(x) = -|L^-1 (x - mean)|^2 / 2 - log det L - d ln(2 pi) / 2,     L L^T = covariance,     x = mean + L z
 */
import { normalQuantile } from "../data/normalQuantile.ts";
import { InputError } from "../errors/index.ts";
import { add, affine, mul, type Node, scale, squaredNorm } from "../graph/index.ts";
import { halfLog2Pi, log, normal } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";
import { checkFinite, columnsOf, factorCovariance, invertFactor } from "./matrix.ts";
import { strata } from "./strata.ts";

/** A Gaussian and its parameters. */
export interface Normal extends Distribution {
  /** [d] */
  readonly mean: Float64Array;
  /** [d, d] */
  readonly covariance: Float64Array;
  readonly sample: NonNullable<Distribution["sample"]>;
  readonly stratified: NonNullable<Distribution["stratified"]>;
  readonly logZ: 0;
}

/** -ln N(0; 0, I) in d columns, nats: ln N(x; 0, I) = -(standard energy of x) - this. */
export const standardConstant = (d: number): number => d * halfLog2Pi;

/** |x|^2 / 2 of rows [B, d] -> [B, 1], nats. */
export const standardEnergy = (x: Node): Node => scale(squaredNorm(x), 1 / 2);

/**
 * |x|^2 / 2 in float64, nats, of the numbers of `x` from `from` up to `to`: a row, or the sum over rows.
 *
 * @example
 * ```ts
 * import { createGraph, print, createProgram } from "jkoflow/graph";
 * import { standardConstant, standardEnergy, standardEnergyOf, standardLogDensity } from "jkoflow/distributions";
 *
 * console.log(standardEnergyOf([1, 2]), (-standardEnergyOf([1, 2]) - standardConstant(2)).toFixed(4)); // 2.5 -4.3379
 * const x = createGraph().rows("x", 2);
 * const outputs = { energy: standardEnergy(x), logDensity: standardLogDensity(x) }; // the same as nodes [B, 1]
 * console.log(print(createProgram({ name: "normal", outputs })).includes("logDensity")); // true
 * ```
 */
export function standardEnergyOf(x: ArrayLike<number>, from: number = 0, to: number = x.length): number {
  let squares = 0;
  for (let i = from; i < to; i++) squares += x[i] * x[i];
  return squares / 2;
}

/** ln N(x; 0, I) of rows [B, d] -> [B, 1], nats. */
export const standardLogDensity = (x: Node): Node => affine(squaredNorm(x), -1 / 2, -standardConstant(x.cols));

/**
 * N(mean, covariance), the covariance [d, d] row after row.
 * @throws InputError for numbers that are not finite and for what is no covariance.
 *
 * @example
 * ```ts
 * import { normalDistribution } from "jkoflow/distributions";
 *
 * const normal = normalDistribution([1, 0], Float64Array.of(2, 0.5, 0.5, 1)); // the covariance, row after row
 * console.log(normal.dimension, normal.logDensityAt([1, 0]).toFixed(4)); // 2 -2.1177
 * ```
 */
export function normalDistribution(mean: ArrayLike<number>, covariance: Float64Array): Normal {
  const d = mean.length;
  if (d === 0) throw new InputError({ where: "mean", came: "no numbers", expected: "one per column" });
  checkFinite(mean, "mean");
  checkFinite(covariance, "covariance");
  const lower = factorCovariance(covariance, d, "covariance");
  const white = invertFactor(lower, d);
  let constant = -standardConstant(d);
  for (let i = 0; i < d; i++) constant -= log(lower[i * d + i]);
  const standard =
    covariance.every((value, at) => value === (at % (d + 1) === 0 ? 1 : 0)) && Array.from(mean).every((m) => m === 0);
  return {
    title: standard
      ? `N(0, I) in ${d} dimension${d === 1 ? "" : "s"}`
      : `a Gaussian in ${d} dimension${d === 1 ? "" : "s"}`,
    dimension: d,
    mean: Float64Array.from(mean),
    covariance: covariance.slice(),
    moments: { mean: Float64Array.from(mean), covariance: covariance.slice() },
    logZ: 0,
    logDensity: (x) => (standard ? standardLogDensity(x) : whitened(x, mean, white, constant)),
    logDensityAt: (row) => {
      let squares = 0;
      for (let i = 0; i < d; i++) {
        let z = 0;
        for (let j = 0; j <= i; j++) z += white[i * d + j] * (row[j] - mean[j]);
        squares += z * z;
      }
      return constant - squares / 2;
    },
    sample: (key, n) => placed(normal(key, n * d), new Float32Array(n * d), mean, lower),
    stratified: (key, n) => {
      const z = strata(key, n, d).map((u) => normalQuantile(Math.min(1 - 1e-8, Math.max(1e-8, u))));
      return placed(z, z, mean, lower);
    },
  };
}

/** mean + L z for rows z [n, d], into `to`, which may be z itself. */
function placed<T extends Float32Array | Float64Array>(
  z: ArrayLike<number>,
  to: T,
  mean: ArrayLike<number>,
  lower: Float64Array,
): T {
  const d = mean.length;
  for (let from = 0; from < z.length; from += d) {
    for (let i = d - 1; i >= 0; i--) {
      let x = mean[i];
      for (let j = 0; j <= i; j++) x += lower[i * d + j] * z[from + j];
      to[from + i] = x;
    }
  }
  return to;
}

/** N(0, I) in d dimensions. */
export const standardNormal = (d: number): Normal =>
  normalDistribution(
    new Float64Array(d),
    Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0)),
  );

/** constant - |white (x - mean)|^2 / 2, column by column: [B, 1] */
function whitened(x: Node, mean: ArrayLike<number>, white: Float64Array, constant: number): Node {
  const d = mean.length;
  const centred = columnsOf(x).map((column, k) => affine(column, 1, -mean[k]));
  const squares = centred.map((_, i) => {
    const z = centred
      .slice(0, i + 1)
      .map((column, j) => scale(column, white[i * d + j]))
      .reduce((a, b) => add(a, b));
    return mul(z, z);
  });
  return affine(
    squares.reduce((a, b) => add(a, b)),
    -1 / 2,
    constant,
  );
}
