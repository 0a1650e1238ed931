/**
 * A map that adds a network to its row, in the units of the rows it was trained on (c and s are set, not trained):
 *
 *   T(x) = x + s o (u A + N(u)),   u = (x - c) / s,   det DT(x) = det(I + A + DN(u))   (s cancels)
 *
 * It is the map of J. Fan, Q. Zhang, A. Taghvaei, Y. Chen, "Variational Wasserstein gradient flow", ICML 2022,
 * arXiv:2112.02424; ours are the units and the linear part A, by which Gaussians stay in the family. Nothing makes it the
 * gradient of a potential or one-to-one, so that it has no inverse and gives samples but no density. Where it is one-to-one,
 * as a map near the identity is, log |det DT| still says how its density changes; where it folds, that is a bound. A graph has it up to
 * 12 columns, the host for any number.
 */
import { cameOf } from "../errors/came.ts";
import {
  add,
  affine,
  detach,
  LARGEST_ROW_MATRIX,
  logAbsDetRows,
  matmul,
  mul,
  reciprocal,
  slice,
  sub,
  vjp,
} from "../graph/index.ts";
import { createDense, type DenseConfig, denseSize, initDense, openDense } from "../nn/index.ts";
import { log } from "../random/index.ts";
import type { HostMap, MapKind } from "./map.ts";

/** Columns d, and widths of the hidden layers of N. */
export interface ResidualConfig {
  readonly kind: "residual";
  readonly dimension: number;
  readonly hidden: readonly number[];
}

const netOf = ({ dimension: d, hidden }: ResidualConfig): DenseConfig => ({ inputs: d, hidden, outputs: d });
/** That a file may have. */
const MOST_COLUMNS = 64;
/** c, s and A stand before the network. */
const beforeNet = (d: number): number => 2 * d + d * d;

/** The weights with other units: c [d], s [d]. */
export function withUnits(weights: Float32Array, centre: ArrayLike<number>, scale: ArrayLike<number>): Float32Array {
  const changed = weights.slice();
  changed.set(centre, 0);
  changed.set(scale, centre.length);
  return changed;
}

export const residualMap: MapKind<ResidualConfig> = {
  size: (config) => beforeNet(config.dimension) + denseSize(netOf(config)),
  init: (config, key, scale) => {
    const { dimension: d } = config;
    const weights = new Float32Array(residualMap.size(config));
    weights.fill(1, d, 2 * d);
    weights.set(initDense(netOf(config), key, scale), beforeNet(d));
    return weights;
  },
  title: ({ hidden }) => `a row plus a network with hidden layers of ${hidden.join(", ")}`,
  check: (value, fail) => {
    if (typeof value !== "object" || value === null) return fail("map", cameOf(value), "an object");
    const { dimension, hidden } = value as Partial<ResidualConfig>;
    const isCount = (x: unknown, most: number): boolean => Number.isInteger(x) && Number(x) > 0 && Number(x) <= most;
    if (!isCount(dimension, MOST_COLUMNS))
      fail("map.dimension", cameOf(dimension), `a whole number from 1 to ${MOST_COLUMNS}`);
    if (!(Array.isArray(hidden) && hidden.length > 0 && hidden.length <= 16 && hidden.every((h) => isCount(h, 4096))))
      return fail("map.hidden", cameOf(hidden), "1 to 16 whole numbers from 1 to 4096");
    return { kind: "residual", dimension: dimension!, hidden };
  },
  build: (graph, config) => {
    const { dimension: d } = config;
    const frame = [graph.parameter("c", 1, d), graph.parameter("s", 1, d)];
    const linear = graph.parameter("A", d, d);
    const net = createDense(graph, netOf(config), "map.");
    const [centre, scale] = frame.map(detach);
    return {
      parameters: [...frame, linear, ...net.parameters],
      at: (x) => {
        const u = mul(sub(x, centre), reciprocal(scale)); // [B, d]
        const step = add(matmul(u, linear), net.at(u)); // [B, d]
        const y = add(x, mul(step, scale));
        if (d > LARGEST_ROW_MATRIX) return { x, y };
        const jacobian = Array.from({ length: d }, (_, i) => {
          const [row] = vjp([[slice(step, i, i + 1), graph.constant(1)]], [u]); // of step_i: [B, d]
          return Array.from({ length: d }, (_, j) => affine(slice(row, j, j + 1), 1, i === j ? 1 : 0));
        });
        return { x, y, logDet: logAbsDetRows(jacobian) };
      },
    };
  },
  open: openResidual,
};

function openResidual(config: ResidualConfig, weights: Float32Array): HostMap {
  const { dimension: d } = config;
  const net = openDense(netOf(config), weights.subarray(beforeNet(d)));
  const [centre, scale, linear] = [weights.subarray(0, d), weights.subarray(d, 2 * d), weights.subarray(2 * d)];
  const [u, step] = [new Float64Array(d), new Float64Array(d)];
  const jacobian = new Float64Array(d * d);
  return {
    push: (x, y) => {
      for (let k = 0; k < d; k++) u[k] = (x[k] - centre[k]) / scale[k];
      net.at(u, step, jacobian);
      for (let j = 0; j < d; j++) {
        for (let k = 0; k < d; k++) {
          step[j] += u[k] * linear[k * d + j];
          jacobian[j * d + k] += linear[k * d + j] + (j === k ? 1 : 0);
        }
      }
      for (let k = 0; k < d; k++) y[k] = x[k] + scale[k] * step[k];
      return logAbsDet(jacobian, d);
    },
  };
}

/** By elimination with pivots, in place. */
function logAbsDet(matrix: Float64Array, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) {
    let best = k;
    for (let i = k + 1; i < d; i++) if (Math.abs(matrix[i * d + k]) > Math.abs(matrix[best * d + k])) best = i;
    for (let j = k; best !== k && j < d; j++) {
      const kept = matrix[k * d + j];
      matrix[k * d + j] = matrix[best * d + j];
      matrix[best * d + j] = kept;
    }
    sum += log(Math.abs(matrix[k * d + k]));
    for (let i = k + 1; i < d; i++) {
      const factor = matrix[i * d + k] / matrix[k * d + k];
      for (let j = k + 1; j < d; j++) matrix[i * d + j] -= factor * matrix[k * d + j];
    }
  }
  return sum;
}
