/**
 * The score of a density that a map has pushed, at the rows that came along, and how the map stretches there.
 *
 *   grad log rho'(T x) = DT(x)^-T [grad log rho(x) - grad log |det DT(x)|]
 *
 * It follows from log rho'(T x) = log rho(x) - log |det DT(x)|. Derivatives of the map are central differences in float64, which are
 * right to about nine digits for maps whose curvature is of the order of 1.
 */
import { symmetricEigen } from "../data/index.ts";
import type { Distribution } from "../distributions/index.ts";
import { NumericError } from "../errors/index.ts";
import type { HostMap } from "../maps/index.ts";

/** Rows behind a map. */
export interface PushedScore {
  /** T(x): [n, d] */
  readonly rows: Float64Array;
  /** Score of the density of T(x), nats per unit of length: [n, d] */
  readonly score: Float64Array;
  /** log |det DT(x)|, nats: [n] */
  readonly logDet: Float64Array;
  /** Largest factor by which the inverse stretches a short way, over the rows: 1 / least singular value of DT. */
  readonly stretch: number;
  /** Largest |DT - DT^T| over the rows, by the largest |DT|: 0 of gradients. */
  readonly turn: number;
}

/** Half the way between the places of a difference, by 1 + |x|. */
const STEP = 1e-5;

/**
 * Score of a distribution at rows [n, d], by differences of its log-density; not finite where its support ends.
 *
 * @example
 * ```ts
 * import { distributions } from "jkoflow";
 * import { scoreAt } from "jkoflow/theory";
 *
 * console.log(scoreAt(distributions.standardNormal(2), Float64Array.of(1, -2)).map((v) => Number(v.toFixed(6)))); // Float64Array(2) [ -1, 2 ]
 * ```
 */
export function scoreAt({ dimension: d, logDensityAt }: Distribution, rows: Float64Array): Float64Array {
  const row = new Float64Array(d);
  return rows.map((x, at) => {
    const from = at - (at % d);
    const by = STEP * (1 + Math.abs(x));
    row.set(rows.subarray(from, from + d));
    row[at % d] = x + by;
    const up = logDensityAt(row);
    row[at % d] = x - by;
    return (up - logDensityAt(row)) / (2 * by);
  });
}

/**
 * Rows [n, d] and the score there, through a map. @throws NumericError where the map is singular.
 *
 * @example
 * ```ts
 * import { type PushedScore, pushScore } from "jkoflow/theory";
 *
 * const doubled = { push: (x: ArrayLike<number>, y: Float64Array) => { y[0] = 2 * x[0]; return Math.log(2); } };
 * const pushed: PushedScore = pushScore(doubled, Float64Array.of(1), Float64Array.of(-1), 1); // of N(0, 1)
 * console.log(pushed.rows[0], pushed.score[0].toFixed(6), pushed.stretch.toFixed(6)); // 2 -0.500000 0.500000
 * ```
 */
export function pushScore(
  { push }: Pick<HostMap, "push">,
  before: Float64Array,
  score: Float64Array,
  dimension: number,
): PushedScore {
  const d = dimension;
  const n = before.length / d;
  const [rows, after, logDet] = [new Float64Array(n * d), new Float64Array(n * d), new Float64Array(n)];
  const [x, up, down] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  let [stretch, turn] = [0, 0];
  for (let r = 0; r < n; r++) {
    const place = before.subarray(r * d, r * d + d);
    logDet[r] = push(place, rows.subarray(r * d, r * d + d));
    const slopes = new Float64Array(d * d); // dT_i / dx_j
    const right = new Float64Array(d);
    for (let j = 0; j < d; j++) {
      const by = STEP * (1 + Math.abs(place[j]));
      x.set(place);
      x[j] = place[j] + by;
      const above = push(x, up);
      x[j] = place[j] - by;
      const below = push(x, down);
      for (let i = 0; i < d; i++) slopes[i * d + j] = (up[i] - down[i]) / (2 * by);
      right[j] = score[r * d + j] - (above - below) / (2 * by);
    }
    const looked = lookAt(slopes, d);
    stretch = Math.max(stretch, looked.stretch);
    turn = Math.max(turn, looked.turn);
    after.set(solveTransposed(slopes, right, d), r * d);
  }
  return { rows, score: after, logDet, stretch, turn };
}

function lookAt(slopes: Float64Array, d: number): { readonly stretch: number; readonly turn: number } {
  const gram = new Float64Array(d * d);
  let [size, odd] = [0, 0];
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      size = Math.max(size, Math.abs(slopes[i * d + j]));
      odd = Math.max(odd, Math.abs(slopes[i * d + j] - slopes[j * d + i]));
      for (let k = 0; k < d; k++) gram[i * d + j] += slopes[k * d + i] * slopes[k * d + j];
    }
  const least = symmetricEigen(gram, d).values[d - 1];
  return { stretch: 1 / Math.sqrt(Math.max(0, least)), turn: odd / size };
}

/** x of A^T x = b, by elimination with the largest pivot of each column. */
function solveTransposed(A: Float64Array, b: Float64Array, d: number): Float64Array {
  const rows = Array.from({ length: d }, (_, i) => Float64Array.from({ length: d }, (__, j) => A[j * d + i]));
  const x = b.slice();
  for (let k = 0; k < d; k++) {
    let best = k;
    for (let i = k + 1; i < d; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best], x[k], x[best]] = [rows[best], rows[k], x[best], x[k]];
    if (!(Math.abs(rows[k][k]) > 0)) throw new NumericError("a map whose derivative is singular at a row has no score");
    for (let i = k + 1; i < d; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < d; j++) rows[i][j] -= factor * rows[k][j];
      x[i] -= factor * x[k];
    }
  }
  for (let k = d - 1; k >= 0; k--) {
    for (let j = k + 1; j < d; j++) x[k] -= rows[k][j] * x[j];
    x[k] /= rows[k][k];
  }
  return x;
}
