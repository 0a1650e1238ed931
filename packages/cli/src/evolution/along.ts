/**
 * A flow in float64: rows at every time of the scheme, each with its log-density, and rows of any time taken back.
 *
 *     log rho_k(T_k x) = log rho_{k-1}(x) - log det DT_k(x)
 */
import { type distributions, InputError, type Key, type maps as kinds } from "jkoflow";

/** The maps of a flow, one for each step. */
export interface OpenFlow {
  readonly start: distributions.Distribution;
  readonly maps: readonly kinds.HostMap[];
  /** Of equal steps, or the one that step sizes were chosen from. */
  readonly step: number;
  /** From 0 on, one for each step. */
  readonly times: readonly number[];
}

/** Rows and their log-densities (nats) at every time, the start among them. */
export interface Along {
  readonly times: readonly number[];
  /** [n, d] each. */
  readonly points: readonly Float64Array[];
  /** [n] each. */
  readonly logDensity: readonly Float64Array[];
  /** Root mean square distance that each step moved them. */
  readonly moved: readonly number[];
}

/** n fresh rows from the start through all maps. @throws InputError for a start without a sampler. */
export function pushAlong({ start, maps, times }: OpenFlow, key: Key, n: number): Along {
  const d = start.dimension;
  if (start.sample === undefined) {
    throw new InputError({ where: "start", came: `${start.title}, which cannot be sampled`, expected: "one that can" });
  }
  const first = Float64Array.from(start.sample(key, n));
  const points = [first];
  const logDensity = [Float64Array.from({ length: n }, (_, i) => start.logDensityAt(first.subarray(i * d, i * d + d)))];
  const moved: number[] = [];
  maps.forEach((map, k) => {
    const [x, before] = [points[k], logDensity[k]];
    const [y, after] = [new Float64Array(n * d), new Float64Array(n)];
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const to = y.subarray(i * d, i * d + d);
      after[i] = before[i] - map.push(x.subarray(i * d, i * d + d), to);
      for (let j = 0; j < d; j++) squares += (to[j] - x[i * d + j]) ** 2;
    }
    points.push(y);
    logDensity.push(after);
    moved.push(Math.sqrt(squares / n));
  });
  return { times, points, logDensity, moved };
}

/** Rows [n, d] of the start through all maps, with their log-densities. */
export function pushRows(
  { start, maps }: OpenFlow,
  rows: Float64Array,
): { readonly points: Float64Array; readonly logDensity: Float64Array } {
  const d = start.dimension;
  const [points, row] = [rows.slice(), new Float64Array(d)];
  const logDensity = Float64Array.from({ length: rows.length / d }, (_, i) => {
    const at = points.subarray(i * d, i * d + d);
    let log = start.logDensityAt(at);
    for (const map of maps) {
      log -= map.push(at, row);
      at.set(row);
    }
    return log;
  });
  return { points, logDensity };
}

/** k h without the dust of the product. */
export const timeOf = (k: number, step: number): number => Number((k * step).toPrecision(12));

/** Whether they are 0, h, 2 h, ... */
export const areEven = (times: readonly number[], step: number): boolean =>
  times.every((time, k) => time === timeOf(k, step));

/** h of step k without the dust of the difference. */
export const lengthOf = (times: readonly number[], k: number): number =>
  Number((times[k] - times[k - 1]).toPrecision(12));

/** A time of the scheme about the middle of a run, by its table of steps: an example for --at. */
export const middleTime = ({ table }: { readonly table: readonly Readonly<Record<string, number>>[] }): number =>
  table[table.length >> 1].time;

/**
 * Log-densities (nats) of rows [n, d] after `count` maps, by the inverses of the maps, and how far a row that is taken back and
 * forth is from itself at most.
 */
export function logDensityAfter(
  { start, maps }: OpenFlow,
  rows: ArrayLike<number>,
  count: number,
): { readonly logDensity: Float64Array; readonly inversionError: number } {
  const d = start.dimension;
  const n = rows.length / d;
  const logDensity = new Float64Array(n);
  let inversionError = 0;
  let [y, x] = [new Float64Array(d), new Float64Array(d)];
  const again = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) y[j] = rows[i * d + j];
    let sum = 0;
    for (let k = count - 1; k >= 0; k--) {
      sum += inverseOf(maps[k])(y, x);
      maps[k].push(x, again);
      for (let j = 0; j < d; j++) inversionError = Math.max(inversionError, Math.abs(again[j] - y[j]));
      [x, y] = [y, x];
    }
    logDensity[i] = start.logDensityAt(y) - sum;
  }
  return { logDensity, inversionError };
}

function inverseOf({ invert }: kinds.HostMap): NonNullable<kinds.HostMap["invert"]> {
  if (invert !== undefined) return invert;
  const fix = "sample works without";
  throw new InputError({ where: "model", came: "a map without an inverse", expected: "one that has it", fix });
}
