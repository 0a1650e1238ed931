/**
 * The distribution of one column by a kernel, and the map that takes it to a smoother one: what a column has of spikes, edges
 * and grids goes into the map, and a model of the mapped column need not learn it.
 *
 *   u = T(t) = G^-1(F(t)),   log p(t) = log p(u) + log T'(t)
 *
 * F is a kernel estimate of narrow width h, chosen on held-out rows (B. Silverman, Density Estimation for Statistics and Data
 * Analysis, 1986, section 2.4), G the target: the normal law ("normal", whose u are normal scores), or the same estimate of the
 * width 1.06 sd n^(-1/5) (his equation 3.28), which leaves the shape of the column and takes away its detail ("smooth"). The kernel is a
 * box three times over, which is within 3 % of a Gaussian and costs nothing on a grid. Both F and G hold a share of a logistic
 * law, so that nothing is impossible. T is piecewise linear between edges of the grid, hence its slope and its inverse are
 * exact, and p integrates to one whatever T is. Neighbouring cells of nearly the same slope are one piece.
 */
import { exp, log, log1p } from "../random/index.ts";
import { type ColumnScale, fitScale, scaled, scaleLogSlope, unscaled } from "./columnScale.ts";
import { normalScore } from "./normalScore.ts";
import { meanAndSd } from "./summary.ts";

/** Where a column is mapped to. */
export type MarginTarget = "normal" | "smooth";

/** A fitted map of one column: plain data that survives JSON. */
export interface KernelMargin {
  readonly scale: ColumnScale;
  /** First edge of the grid and width of its cells, on the scale. */
  readonly first: number;
  readonly step: number;
  /** Where the pieces of T meet, in cells from the first edge, rising from 0. [m] */
  readonly cells: readonly number[];
  /** T there, strictly rising. [m] */
  readonly values: readonly number[];
}

/** Of G, for a column of one value. */
const LEAST_WIDTH = 1e-3;
/** Cells of the grid. */
const CELLS = 4096;
/** Widths tried, as half-widths of the box in cells. */
const HALF_WIDTHS = [0, 1, 2, 4, 8, 16, 32, 64, 128] as const;
/** Shares of the logistic law that are tried, beside one row's. */
const SHARES = [0.001, 0.01] as const;
/** Least rise of T over a cell, on the scale: a cell without a row has a density all the same. */
const LEAST_RISE = 1e-12;
/** Largest difference of log slopes within a piece, nats: far below what held-out rows can tell. */
const SAME_SLOPE = 0.01;

/** The maps of a column to each of the targets, fitted to its values and chosen on held-out ones. */
export function fitKernelMargin(
  values: Float64Array,
  held: Float64Array,
  targets: readonly MarginTarget[],
): readonly KernelMargin[] {
  const scale = fitScale(values);
  const t = values.map((x) => scaled(scale, x));
  const n = t.length;
  const wide = Math.max(1.06 * meanAndSd(t).sd * n ** -0.2, LEAST_WIDTH);
  let [low, high] = [t[0], t[0]];
  for (const v of t) [low, high] = [Math.min(low, v), Math.max(high, v)];
  const first = low - 4 * wide;
  const step = (high + 4 * wide - first) / CELLS;
  const counts = new Float64Array(CELLS);
  for (const v of t) counts[cellOf(v, first, step)] += 1 / n;
  // sd of three boxes of 2 r + 1 cells is sqrt(((2 r + 1)^2 - 1) / 4) cells = about r
  const coarse = Math.max(1, Math.round(wide / step));
  const s = held.map((x) => scaled(scale, x));
  let best: { readonly log: number; readonly mass: Float64Array; readonly share: number } | undefined;
  for (const half of [...HALF_WIDTHS.filter((r) => r < coarse), coarse]) {
    const mass = smooth(counts, half);
    for (const share of [1 / (n + 1), ...SHARES]) {
      let log = 0;
      for (const v of s) log += logDensity(mass, share, v, first, step);
      if (best === undefined || log > best.log) best = { log, mass, share };
    }
  }
  const { mass, share } = best!;
  const from = distribution(mass, share, first, step);
  return targets.map((target) => {
    const values = new Float64Array(CELLS + 1);
    const to = target === "smooth" ? distribution(smooth(counts, coarse), share, first, step) : undefined;
    const places = to && match(from, to);
    for (let i = 0; i <= CELLS; i++) {
      const score = from.below[i] <= from.above[i] ? normalScore(from.below[i]) : -normalScore(from.above[i]);
      values[i] = places ? first + step * places[i] : score;
      if (i > 0) values[i] = Math.max(values[i], values[i - 1] + LEAST_RISE);
    }
    return { scale, first, step, ...pieces(values) };
  });
}

/** u of a value in the units of the column. */
export function applyMargin({ scale, first, step, cells, values }: KernelMargin, x: number): number {
  const place = (scaled(scale, x) - first) / step;
  const k = pieceOf(cells, place);
  return values[k] + ((place - cells[k]) * (values[k + 1] - values[k])) / (cells[k + 1] - cells[k]);
}

/** log |du / dx| at x, nats. */
export function marginLogSlope({ scale, first, step, cells, values }: KernelMargin, x: number): number {
  const k = pieceOf(cells, (scaled(scale, x) - first) / step);
  return log((values[k + 1] - values[k]) / ((cells[k + 1] - cells[k]) * step)) + scaleLogSlope(scale, x);
}

/** The x of a u. */
export function invertMargin({ scale, first, step, cells, values }: KernelMargin, u: number): number {
  const k = pieceOf(values, u);
  const place = cells[k] + ((u - values[k]) * (cells[k + 1] - cells[k])) / (values[k + 1] - values[k]);
  return unscaled(scale, first + step * place);
}

/** k with knots[k] <= value < knots[k + 1]; beyond the outer knots the outer pieces go on. */
function pieceOf(knots: readonly number[], value: number): number {
  let [low, high] = [0, knots.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (knots[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Cells whose log slopes differ by less than `SAME_SLOPE` put together: T at their ends is what it was. */
function pieces(all: Float64Array): Pick<KernelMargin, "cells" | "values"> {
  const cells = [0];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < CELLS; i++) {
    const slope = log(all[i + 1] - all[i]);
    [least, most] = [Math.min(least, slope), Math.max(most, slope)];
    if (most - least > SAME_SLOPE) {
      cells.push(i);
      [least, most] = [slope, slope];
    }
  }
  cells.push(CELLS);
  return { cells, values: cells.map((i) => all[i]) };
}

/** Beyond the grid the outer cells go on. */
const clampCell = (place: number): number => Math.min(CELLS - 1, Math.max(0, Math.floor(place)));

const cellOf = (v: number, first: number, step: number): number => clampCell((v - first) / step);

/** Three running means of 2 half + 1 cells. */
function smooth(counts: Float64Array, half: number): Float64Array {
  let mass = counts;
  for (let turn = 0; half > 0 && turn < 3; turn++) {
    const sums = new Float64Array(CELLS + 1);
    for (let i = 0; i < CELLS; i++) sums[i + 1] = sums[i] + mass[i];
    mass = mass.map((_, i) => {
      const [from, to] = [Math.max(0, i - half), Math.min(CELLS, i + half + 1)];
      return Math.max(0, sums[to] - sums[from]) / (2 * half + 1);
    });
  }
  return mass;
}

const logistic = (v: number): number => 1 / (1 + exp(-v));

function logDensity(mass: Float64Array, share: number, v: number, first: number, step: number): number {
  const place = (v - first) / step;
  const inside = place >= 0 && place < CELLS ? mass[Math.floor(place)] / step : 0;
  if (inside > 0) return log((1 - share) * inside + share * logistic(v) * logistic(-v));
  // Also where the logistic law is below the least number: a single held-out row must not decide.
  return log(share) - Math.abs(v) - 2 * log1p(exp(-Math.abs(v)));
}

/** F and 1 - F at the edges: each is exact where it is small. */
interface Distribution {
  readonly below: Float64Array;
  readonly above: Float64Array;
}

/** The kernel's part is scaled to one, for a little of it may fall off the grid. */
function distribution(mass: Float64Array, share: number, first: number, step: number): Distribution {
  const below = new Float64Array(CELLS + 1);
  const above = new Float64Array(CELLS + 1);
  for (let i = 0; i < CELLS; i++) {
    below[i + 1] = below[i] + mass[i];
    above[CELLS - 1 - i] = above[CELLS - i] + mass[CELLS - 1 - i];
  }
  const kernel = (1 - share) / below[CELLS];
  for (let i = 0; i <= CELLS; i++) {
    below[i] = kernel * below[i] + share * logistic(first + i * step);
    above[i] = kernel * above[i] + share * logistic(-first - i * step);
  }
  return { below, above };
}

/** The place on the grid, in cells, where `to` reaches what `from` is at each of the edges. */
function match(from: Distribution, to: Distribution): Float64Array {
  const up = climb(from.below, to.below);
  const down = climb(from.above.slice().reverse(), to.above.slice().reverse());
  return up.map((place, i) => (from.below[i] <= from.above[i] ? place : CELLS - down[CELLS - i]));
}

/** Of two rising rows of numbers: the place in the second of each of the first. */
function climb(from: Float64Array, to: Float64Array): Float64Array {
  let at = 0;
  return from.map((p) => {
    while (at < CELLS - 1 && to[at + 1] < p) at++;
    const rise = to[at + 1] - to[at];
    return at + (rise > 0 ? Math.min(1, Math.max(0, (p - to[at]) / rise)) : 0);
  });
}
