/**
 * Tempered sequential Monte Carlo: rows of a base are brought to a target over densities between them,
 *
 *   ln p_b = b ln target + (1 - b) ln base,     0 = b_0 < b_1 < ... < b_T = 1,
 *
 * each time weighed by p_{b+} / p_b, drawn anew by these weights, and moved by HMC on p_{b+}. (R. Neal, "Annealed importance
 * sampling", Stat. Comput. 11 (2001), 125-139; P. Del Moral, A. Doucet, A. Jasra, "Sequential Monte Carlo samplers", J. R. Stat.
 * Soc. B 68 (2006), 411-436; the next b is the one at which the effective sample size comes to a share of the rows: A. Jasra
 * et al., Scand. J. Stat. 38 (2011), 1-22.)
 *
 * Rows live in groups that never exchange any. Each has its own estimate of Z, the product of its mean weights; their mean is
 * the estimate, their spread its standard error, whatever happened inside. What all share, the temperatures, the metric and
 * the length of steps, is chosen from all rows together.
 */

import { exp, fold, type Key, log, permutation, uniformAt } from "../random/index.ts";
import { type Bridge, evaluated, hmcMove, taken } from "./hmc.ts";
import { covarianceMetric } from "./metric.ts";

export interface SmcSettings {
  /** Rows, at most; a multiple of the groups. */
  readonly particles: number;
  readonly groups: number;
  /** Share of the rows that the effective sample size comes to by a change of temperature. */
  readonly ess: number;
  readonly leaps: number;
  /** Moves at each temperature, at least: three times as many at the last, and all until rows go no further by more of them. */
  readonly moves: number;
}

/** All that a run goes on from. */
export interface SmcState {
  readonly rows: Float32Array;
  /** b */
  readonly temperature: number;
  readonly temperatures: number;
  /** ln Z of each group, nats. */
  readonly logZ: Float64Array;
  readonly stepSize: number;
  /** Share of moves accepted at this temperature. */
  readonly acceptance: number;
  /** Rows at which the target was evaluated so far. */
  readonly evaluations: number;
}

/** ln of the mean of Z over groups, and its standard error, nats. */
export function logZOf(logZ: Float64Array): { readonly value: number; readonly error: number } {
  const largest = logZ.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const shares = logZ.map((value) => exp(value - largest));
  const mean = shares.reduce((a, b) => a + b, 0) / logZ.length;
  const squares = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0);
  const error = Math.sqrt(squares / (logZ.length - 1) / logZ.length) / mean;
  return { value: largest + log(mean), error };
}

/** Step of the leapfrog at the start, in units of the rows' spread. */
const FIRST_STEP = 0.5;
/** Acceptance that steps are made longer or shorter for, and how fast. */
const ACCEPTANCE = 0.75;
const GAIN = 0.3;
/**
 * Moves at one temperature, at most, and by which share of the squared way so far rows must get further by one more: those that
 * have forgotten where they were, but for the mode they are in, do not.
 */
const MOST_MOVES = 40;
const LEAST_GAIN = 0.05;

/** Yields the state after each temperature; ends with the last, whose rows have been drawn from all groups by their weights. */
export async function* smc(
  bridge: Bridge,
  start: (key: Key, n: number) => Float32Array,
  settings: SmcSettings,
  key: Key,
  resume?: SmcState,
): AsyncGenerator<SmcState, SmcState, void> {
  const { groups, leaps, moves } = settings;
  const size = Math.floor(settings.particles / groups);
  const n = size * groups;
  const d = bridge.base.dimension;
  let state: SmcState = resume ?? {
    ...{ rows: start(fold(key, "start"), n), temperature: 0, temperatures: 0, logZ: new Float64Array(groups) },
    ...{ stepSize: FIRST_STEP, acceptance: 1, evaluations: n },
  };
  let particles = await evaluated(bridge, state.rows);
  while (state.temperature < 1) {
    const { temperature, temperatures, logZ } = state;
    const turn = fold(key, "temperature", temperatures);
    const ratios = Float64Array.from(particles.target.logDensity, (value, i) =>
      regular(value - particles.base.logDensity[i]),
    );
    const rise = nextRise(ratios, 1 - temperature, settings.ess);
    const next = rise === 1 - temperature ? 1 : temperature + rise;
    const weights = ratios.map((ratio) => rise * ratio);
    const drawn = new Int32Array(n);
    const sums = logZ.map((before, g) => {
      const { indices, logMean } = resample(weights.subarray(g * size, (g + 1) * size), fold(turn, "group", g));
      indices.forEach((index, i) => {
        drawn[g * size + i] = g * size + index;
      });
      return before + logMean;
    });
    particles = taken(particles, drawn, d);
    const metric = covarianceMetric(particles.rows, d);
    const from = particles.rows;
    let { stepSize } = state;
    let [count, acceptance, way, gained] = [0, 0, 0, true];
    while (count < (next < 1 ? moves : 3 * moves) || (gained && count < MOST_MOVES)) {
      const made = await hmcMove(bridge, particles, next, { stepSize, leaps, metric }, fold(turn, "move", count++));
      particles = made.particles;
      acceptance += made.acceptance;
      stepSize *= exp(GAIN * (made.acceptance - ACCEPTANCE));
      const further = squaredWay(from, particles.rows, metric, d);
      gained = further > (1 + LEAST_GAIN) * way;
      way = further;
    }
    acceptance /= count;
    const evaluations = state.evaluations + count * leaps * n;
    state = {
      ...{ rows: particles.rows, temperature: next, temperatures: temperatures + 1, logZ: sums },
      ...{ stepSize, acceptance, evaluations },
    };
    yield state;
  }
  // Each row counts as much as its group's Z. Rows of one group stood next to each other: whoever takes a part shall have of all.
  const { logZ } = state;
  const { indices } = resample(
    Float64Array.from({ length: n }, (_, i) => logZ[Math.floor(i / size)]),
    fold(key, "groups"),
  );
  const order = permutation(fold(key, "order"), n);
  return {
    ...state,
    rows: taken(
      particles,
      Int32Array.from(order, (place) => indices[place]),
      d,
    ).rows,
  };
}

/** Mean square of the way from rows to others, each column in units of its spread. */
function squaredWay(from: Float32Array, to: Float32Array, metric: Float64Array, d: number): number {
  const variances = Float64Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let k = 0; k <= j; k++) sum += metric[j * d + k] ** 2;
    return sum;
  });
  let sum = 0;
  for (let i = 0; i < from.length; i++) sum += (to[i] - from[i]) ** 2 / variances[i % d];
  return sum / from.length;
}

/** A row that cannot be has no weight. */
const regular = (ratio: number): number => (Number.isNaN(ratio) ? Number.NEGATIVE_INFINITY : ratio);

/** The largest rise of b, at most `most`, by which the effective sample size stays a share of the rows. */
function nextRise(ratios: Float64Array, most: number, share: number): number {
  if (essShare(ratios, most) >= share) return most;
  let high = most;
  // Where ratios are large the first rise is small: the scale first, then the place.
  for (let i = 0; i < 100 && essShare(ratios, high / 8) < share; i++) high /= 8;
  let low = high / 8;
  for (let i = 0; i < 16; i++) {
    const middle = (low + high) / 2;
    if (essShare(ratios, middle) >= share) low = middle;
    else high = middle;
  }
  return low;
}

/** (sum w)^2 / (n sum w^2), w = exp(rise ratio). */
function essShare(ratios: Float64Array, rise: number): number {
  const largest = ratios.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let [sum, squares] = [0, 0];
  for (const ratio of ratios) {
    const weight = exp(rise * (ratio - largest));
    sum += weight;
    squares += weight * weight;
  }
  return (sum * sum) / (ratios.length * squares);
}

/** Systematic draws by log-weights: as many as there are, with one number of chance; ln of the mean weight. */
export function resample(
  logWeights: Float64Array,
  key: Key,
): { readonly indices: Int32Array; readonly logMean: number } {
  const n = logWeights.length;
  const largest = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = logWeights.map((value) => exp(value - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  const indices = new Int32Array(n);
  const first = uniformAt(key, 0);
  let [below, index] = [weights[0], 0];
  for (let i = 0; i < n; i++) {
    const place = ((i + first) * total) / n;
    while (below < place && index < n - 1) below += weights[++index];
    indices[i] = index;
  }
  return { indices, logMean: largest + log(total / n) };
}
