/**
 * The gradient of a convex potential as a map, y = grad u(x): the form that every optimal map has (Y. Brenier, Comm. Pure
 * Appl. Math. 44 (1991), 375-417). Its log-determinant is that of the Hessian: exact for fixed weights, and in a graph up to
 * 12 columns, an estimate beyond (logDetEstimate.ts); its inverse is the minimiser of the strongly convex u(x) - <x, y>.
 *
 * Newton's method with the closed-form Hessian, halving the step until the value falls enough (S. Boyd, L. Vandenberghe,
 * Convex Optimization, 2004, section 9.5), here by |grad u(x) - y|^2, whose derivative along the Newton direction is
 * -2 |grad u(x) - y|^2. All in float64.
 */
import { cameOf } from "../errors/came.ts";
import { InputError, NumericError } from "../errors/index.ts";
import { factorRows, LARGEST_ROW_MATRIX, logDetRows } from "../graph/index.ts";
import {
  type ConvexConfig,
  convexBounds,
  convexSize,
  createConvexPotential,
  initConvex,
  openConvex,
} from "../nn/index.ts";
import { log } from "../random/index.ts";
import { logDetEstimate } from "./logDetEstimate.ts";
import type { HostMap, MapKind } from "./map.ts";

/** Sizes of the potential whose gradient is the map. */
export interface GradientConfig extends ConvexConfig {
  readonly kind: "gradient";
}

/** The inverse is right when |T(x) - y| is below this times 1 + |y|. */
export const INVERSE_TOLERANCE = 1e-10;
const MOST_ITERATIONS = 200;
/** Columns: the weights of a potential are nodes, about d^2 of them. */
const MOST_COLUMNS = 32;

export const gradientMap: MapKind<GradientConfig> = {
  size: convexSize,
  init: initConvex,
  title: ({ width, rank }) => `gradient of a convex potential of width ${width} and rank ${rank}`,
  check: (value, fail) => {
    if (typeof value !== "object" || value === null) return fail("map", cameOf(value), "an object");
    const { dimension, width, rank, convexity } = value as Partial<GradientConfig>;
    for (const [name, count, most] of [
      ["dimension", dimension, MOST_COLUMNS],
      ["width", width, 4096],
      ["rank", rank, 256],
    ] as const) {
      if (!(Number.isInteger(count) && Number(count) > 0 && Number(count) <= most))
        fail(`map.${name}`, cameOf(count), `a whole number from 1 to ${most}`);
    }
    if (!(typeof convexity === "number" && convexity > 0 && convexity < 1))
      fail("map.convexity", cameOf(convexity), "a number above 0 and below 1");
    return { kind: "gradient", dimension: dimension!, width: width!, rank: rank!, convexity: convexity! };
  },
  build: (graph, config) => {
    const { parameters, at } = createConvexPotential(graph, config);
    return {
      parameters,
      at: (x, signs) => {
        const { gradient, hessian, hessianTimes } = at(x);
        const logDet = signs ? logDetEstimate(graph, hessianTimes, signs) : logDetRows(factorRows(hessian()));
        return { x, y: gradient, logDet };
      },
    };
  },
  estimates: ({ dimension }) => dimension > LARGEST_ROW_MATRIX,
  bounds: convexBounds,
  open: openGradientMap,
};

function openGradientMap(config: GradientConfig, weights: Float32Array): HostMap & Required<Pick<HostMap, "invert">> {
  const { dimension: d } = config;
  const potential = openConvex(config, weights);
  const hessian = new Float64Array(d * d);
  const image = new Float64Array(d);
  const trial = new Float64Array(d);
  const direction = new Float64Array(d);

  const missOf = (y: ArrayLike<number>): number => {
    let squares = 0;
    for (let k = 0; k < d; k++) squares += (image[k] - y[k]) ** 2;
    return squares;
  };
  return {
    push: (x, y) => {
      potential.at(x, y, hessian);
      return factorInPlace(hessian, d);
    },
    invert: (y, x) => {
      x.set(Array.from(y)); // T is near the identity
      const size = Math.sqrt(Array.from(y).reduce((sum, v) => sum + v * v, 0));
      potential.at(x, image, hessian);
      let miss = missOf(y);
      for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
        const logDet = factorInPlace(hessian, d);
        if (Math.sqrt(miss) <= INVERSE_TOLERANCE * (1 + size)) return logDet;
        for (let k = 0; k < d; k++) direction[k] = image[k] - y[k];
        solveInPlace(hessian, d, direction);
        let step = 1;
        let next = Number.POSITIVE_INFINITY;
        for (; step > 1e-10; step /= 2) {
          for (let k = 0; k < d; k++) trial[k] = x[k] - step * direction[k];
          potential.at(trial, image, hessian);
          next = missOf(y);
          if (next < miss * (1 - step / 2)) break;
        }
        if (!(next < miss)) break;
        x.set(trial);
        miss = next;
      }
      throw new NumericError(
        `the inverse of a gradient map did not come nearer than ${Math.sqrt(miss).toExponential(1)} to its row`,
      );
    },
  };
}

/** The lower Cholesky factor in the place of a symmetric matrix; gives log det. */
function factorInPlace(matrix: Float64Array, d: number): number {
  let logDet = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * d + k] * matrix[j * d + k];
      if (i === j) {
        if (!(sum > 0)) throw new NumericError("a Hessian that is not positive definite: weights are not finite");
        matrix[i * d + i] = Math.sqrt(sum);
        logDet += log(sum);
      } else matrix[i * d + j] = sum / matrix[j * d + j];
    }
  }
  return logDet;
}

/** Solves L L^T x = b in place. */
function solveInPlace(lower: Float64Array, d: number, b: Float64Array): void {
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) b[i] -= lower[i * d + k] * b[k];
    b[i] /= lower[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) b[i] -= lower[k * d + i] * b[k];
    b[i] /= lower[i * d + i];
  }
}

/** @throws InputError for more columns than a map of this kind has. */
export function checkDimension(d: number): void {
  if (d <= MOST_COLUMNS) return;
  throw new InputError({ where: "jko-icnn", came: `${d} columns`, expected: `at most ${MOST_COLUMNS}` });
}
