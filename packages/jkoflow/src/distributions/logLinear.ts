/**
 * A density on the line whose logarithm is piecewise linear: known at knots, a straight line between two, and on with the slopes
 * of the ends. With a step of h its distance to a smooth density of the same values is of order h^4 (SymKL).
 *
 *   log p(x) = f_0 + s_0 (x - x_0) + sum_j (s_j - s_{j-1}) (x - x_j)_+ - log Z
 *
 * Z, the distribution function and its inverse are sums of exponentials in closed form, so that samples are exact.
 */
import { InputError } from "../errors/index.ts";
import { add, affine, type Node, relu, scale } from "../graph/index.ts";
import { exp, expm1, log, log1p, uniform } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";

/**
 * The density of knots [n], which ascend, and its logarithms there [n], up to a constant, nats.
 * @throws InputError for fewer than two knots, for knots that do not ascend, and for ends that do not fall.
 *
 * @example
 * ```ts
 * import { logLinear } from "jkoflow/distributions";
 *
 * const laplace = logLinear([-1, 0, 1], [-1, 0, -1]); // e^-|x| / 2
 * console.log(laplace.logDensityAt([3]).toFixed(4)); // -3.6931
 * ```
 */
export function logLinear(
  knots: ArrayLike<number>,
  logs: ArrayLike<number>,
): Distribution & { readonly sample: NonNullable<Distribution["sample"]> } {
  const n = knots.length;
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where: "knots", came, expected });
  };
  if (n < 2 || logs.length !== n) fail(`${n} knots and ${logs.length} values`, "as many of both, two at least");
  for (let j = 0; j < n; j++) {
    if (!Number.isFinite(knots[j]) || !Number.isFinite(logs[j])) fail(`(${knots[j]}, ${logs[j]})`, "finite numbers");
    if (j > 0 && !(knots[j] > knots[j - 1])) fail(`${knots[j]} behind ${knots[j - 1]}`, "knots that ascend");
  }
  const slopes = Float64Array.from({ length: n - 1 }, (_, j) => (logs[j + 1] - logs[j]) / (knots[j + 1] - knots[j]));
  const [left, right] = [slopes[0], slopes[n - 2]];
  if (!(left > 0 && right < 0)) fail(`slopes ${left} and ${right} at the ends`, "a density that falls at both");
  const most = Array.from(logs).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  // Of the tail to the left, the pieces, the tail to the right, relative to the highest knot.
  const height = (j: number): number => exp(logs[j] - most);
  const masses = [height(0) / left, ...Array.from(slopes, (s, j) => pieceMass(height(j), s, knots[j + 1] - knots[j]))];
  masses.push(height(n - 1) / -right);
  const total = masses.reduce((a, b) => a + b, 0);
  const logZ = most + log(total);
  const below = Float64Array.from(masses);
  for (let j = 1; j < below.length; j++) below[j] += below[j - 1];

  /** How many of the values are not above it: pieces count from the tail on the left, 0, to that on the right, n. */
  const pieceOf = (values: ArrayLike<number>, value: number): number => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const quantile = (u: number): number => {
    const mass = u * total;
    const j = Math.min(n, pieceOf(below, mass));
    if (j === 0) return knots[0] + log(Math.max(mass, Number.MIN_VALUE) / masses[0]) / left;
    const inside = mass - below[j - 1];
    if (j === n) return knots[n - 1] + log(Math.max(1 - inside / masses[n], Number.EPSILON)) / right;
    const [from, slope] = [knots[j - 1], slopes[j - 1]];
    const share = inside / height(j - 1);
    return from + (Math.abs(slope * share) < 1e-9 ? share : log1p(slope * share) / slope);
  };
  return {
    title: `a density of ${n} knots on the line`,
    dimension: 1,
    logZ: 0,
    logDensity: (x) => {
      const hinges = Array.from({ length: n - 2 }, (_, k): Node => {
        const j = k + 1;
        return scale(relu(affine(x, 1, -knots[j])), slopes[j] - slopes[j - 1]);
      });
      return sumOf([affine(x, left, logs[0] - left * knots[0] - logZ), ...hinges]);
    },
    logDensityAt: (row) => {
      const j = Math.min(n - 1, Math.max(1, pieceOf(knots, row[0]))) - 1;
      return logs[j] + slopes[j] * (row[0] - knots[j]) - logZ;
    },
    sample: (key, count) => Float32Array.from(uniform(key, count), quantile),
  };
}

/** int_0^length height e^(slope t) dt */
const pieceMass = (height: number, slope: number, length: number): number =>
  Math.abs(slope * length) < 1e-9 ? height * length : (height * expm1(slope * length)) / slope;

/** Two by two, so that errors of rounding stay small. */
function sumOf(nodes: readonly Node[]): Node {
  if (nodes.length === 1) return nodes[0];
  const half = nodes.length >> 1;
  return add(sumOf(nodes.slice(0, half)), sumOf(nodes.slice(half)));
}
