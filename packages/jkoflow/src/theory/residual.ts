/**
 * How far a step of the scheme is from its first-order condition, measured on rows: no score, no optimal transport.
 *
 *   xi(y) = grad f'(rho)(y) + pull(y) + (y - x) / h,   y = T(x),   pull = grad (V + W * rho)
 *
 * With P(rho) = rho f'(rho) - f(rho), integration by parts takes the density out of the derivative: for every smooth scalar phi
 *
 *   E[xi_i phi] = E[(pull_i + (y_i - x_i) / h) phi(y) - (P(rho) / rho)(y) d_i phi(y)],          P / rho = 1 of int rho log rho
 *
 * The fields are phi_k e_i with phi 1, the columns, and waves cos(w . y + b) of random w, so that what is seen is the norm of the
 * projection of xi onto them: sum_i b_i^T G^-1 b_i, b_ik = E[xi_i phi_k], G_kl = E[phi_k phi_l]. It is not above the norm of xi, and all of it where
 * xi is affine, as between Gaussians. Squares of means of few rows are too large by their noise; products of means of
 * different groups of rows are not. Where T is no gradient of a convex function it is the residual of the objective that
 * was trained, not of the step in W_2.
 *
 * The condition is that of R. Jordan, D. Kinderlehrer, F. Otto, SIAM J. Math. Anal. 29 (1998); weak forms of it as residuals are derived here.
 */
import { InputError } from "../errors/index.ts";
import { cholesky } from "../evaluate/linalg.ts";
import { fold, type Key, normal, uniform } from "../random/index.ts";

/** Rows of a step that it was not trained on. */
export interface SteppedRows {
  /** x and T(x): [n, d] */
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
  /** grad (V + W * rho) at T(x), of W at an independent row: [n, d] */
  readonly pull: ArrayLike<number>;
  /** P(rho) / rho at T(x): [n] */
  readonly pressure: ArrayLike<number>;
  readonly stepSize: number;
}

/** A residual as it was seen. */
export interface SeenResidual {
  /** Norm of the projection of xi in L^2, 0 where its square came out below 0. */
  readonly residual: number;
  /** The square of it as it came out, without bias, and its standard error. */
  readonly square: number;
  readonly standardError: number;
  /** The root of the square and two standard errors: what stands in bounds. */
  readonly upper: number;
  /** Number of test fields. */
  readonly fields: number;
}

const WAVES = 12;
/** Rows are taken in so many groups. */
const GROUPS = 16;
const LEAST_ROWS = 20 * GROUPS;

/**
 * What rows show of xi. `key` draws the waves. @throws InputError for fewer than 320 rows, and for rows that are not finite.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { type SeenResidual, type SteppedRows, seenResidual } from "jkoflow/theory";
 *
 * const before = Float64Array.from(random.normal(createKey(1), 4096)); // N(0, 1) towards N(0, 1): it should stay
 * const after = before.map((x) => x + 0.5);
 * const step: SteppedRows = { before, after, pull: after, pressure: new Float64Array(4096).fill(1), stepSize: 1 };
 * const seen: SeenResidual = seenResidual(step, 1, createKey(2));
 * console.log(Math.abs(seen.residual - 1) < 0.1); // true
 * ```
 */
export function seenResidual(rows: SteppedRows, dimension: number, key: Key): SeenResidual {
  const { before: x, after: y, pull, pressure, stepSize: h } = rows;
  const [d, n] = [dimension, pressure.length];
  if (n < LEAST_ROWS) throw new InputError({ where: "rows", came: `${n}`, expected: `at least ${LEAST_ROWS}` });
  if (y.length !== n * d || x.length !== n * d || pull.length !== n * d)
    throw new InputError({ where: "rows", came: `${y.length} numbers`, expected: `${n} rows of ${d}` });
  const fields = createFields(y, n, d, key);
  const K = fields.count;
  const gram = new Float64Array(K * K);
  const sums = new Float64Array(GROUPS * d * K);
  const sizes = new Float64Array(GROUPS);
  for (let r = 0; r < n; r++) {
    const { phi, slopes } = fields.at(r);
    for (let k = 0; k < K; k++) for (let l = 0; l <= k; l++) gram[k * K + l] += (phi[k] * phi[l]) / n;
    const group = r % GROUPS;
    sizes[group]++;
    for (let i = 0; i < d; i++) {
      const at = r * d + i;
      const local = pull[at] + (y[at] - x[at]) / h;
      if (!Number.isFinite(local) || !Number.isFinite(pressure[r]))
        throw new InputError({ where: `row ${r}`, came: "a number that is not finite", expected: "finite rows" });
      const to = (group * d + i) * K;
      for (let k = 0; k < K; k++) sums[to + k] += local * phi[k] - pressure[r] * slopes[k * d + i];
    }
  }
  const factor = factorOf(gram, K);
  // Whitened means of every group: their inner products are those of the projection.
  const means = Array.from({ length: GROUPS }, (_, g) => {
    const out = new Float64Array(d * K);
    for (let i = 0; i < d; i++) {
      const b = sums.subarray((g * d + i) * K, (g * d + i + 1) * K);
      for (let k = 0; k < K; k++) {
        let value = b[k] / sizes[g];
        for (let l = 0; l < k; l++) value -= factor[k * K + l] * out[i * K + l];
        out[i * K + k] = value / factor[k * K + k];
      }
    }
    return out;
  });
  const square = crossed(means);
  const without = means.map((_, g) => crossed(means.filter((__, other) => other !== g)));
  const centre = without.reduce((a, b) => a + b, 0) / GROUPS;
  const spread = without.reduce((sum, v) => sum + (v - centre) ** 2, 0) * ((GROUPS - 1) / GROUPS);
  const standardError = Math.sqrt(spread);
  const residual = Math.sqrt(Math.max(0, square));
  const upper = Math.sqrt(Math.max(0, square) + 2 * standardError);
  return { residual, square, standardError, upper, fields: d * K };
}

/** Mean over pairs of different groups of the inner product of their means. */
function crossed(means: readonly Float64Array[]): number {
  const m = means.length;
  const total = new Float64Array(means[0].length);
  let own = 0;
  for (const mean of means)
    for (let k = 0; k < mean.length; k++) {
      total[k] += mean[k];
      own += mean[k] * mean[k];
    }
  return (total.reduce((sum, v) => sum + v * v, 0) - own) / (m * (m - 1));
}

/** Cholesky factor of the Gram matrix; fields that others nearly span are told apart by a small ridge. */
function factorOf(lower: Float64Array, K: number): Float64Array {
  const whole = lower.map((v, at) => {
    const [k, l] = [Math.floor(at / K), at % K];
    return k === l ? v + 1e-6 * (v + 1e-6) : l < k ? v : lower[l * K + k];
  });
  const factor = cholesky(whole, K);
  if (factor === undefined)
    throw new InputError({ where: "rows", came: "rows that do not spread", expected: "rows of a density" });
  return factor;
}

/** 1, the columns and waves, at rows in units of their spread, with their slopes in the units of the rows. */
function createFields(y: ArrayLike<number>, n: number, d: number, key: Key) {
  const count = 1 + d + WAVES;
  const mean = new Float64Array(d);
  const sd = new Float64Array(d);
  for (let at = 0; at < n * d; at++) mean[at % d] += y[at] / n;
  for (let at = 0; at < n * d; at++) sd[at % d] += (y[at] - mean[at % d]) ** 2 / n;
  for (let i = 0; i < d; i++) sd[i] = Math.sqrt(sd[i]) || 1;
  // Lengths of w from 1/2 to 2 per deviation, in any number of columns: faster waves see finer errors and are noisier.
  const directions = normal(fold(key, "directions"), WAVES * d);
  const [lengths, phases] = [uniform(fold(key, "lengths"), WAVES), uniform(fold(key, "phases"), WAVES)];
  const w = new Float64Array(WAVES * d);
  for (let k = 0; k < WAVES; k++) {
    let norm = 0;
    for (let i = 0; i < d; i++) norm += directions[k * d + i] ** 2;
    for (let i = 0; i < d; i++) w[k * d + i] = ((0.5 + 1.5 * lengths[k]) * directions[k * d + i]) / Math.sqrt(norm);
  }
  const [phi, slopes, z] = [new Float64Array(count), new Float64Array(count * d), new Float64Array(d)];
  phi[0] = 1;
  for (let i = 0; i < d; i++) slopes[(1 + i) * d + i] = 1 / sd[i];
  return {
    count,
    /** At row r; the arrays are used again at the next one. */
    at(r: number) {
      for (let i = 0; i < d; i++) phi[1 + i] = z[i] = (y[r * d + i] - mean[i]) / sd[i];
      for (let k = 0; k < WAVES; k++) {
        let angle = 2 * Math.PI * phases[k];
        for (let i = 0; i < d; i++) angle += w[k * d + i] * z[i];
        const to = 1 + d + k;
        phi[to] = Math.cos(angle);
        const slope = -Math.sin(angle);
        for (let i = 0; i < d; i++) slopes[to * d + i] = (slope * w[k * d + i]) / sd[i];
      }
      return { phi, slopes };
    },
  };
}
