/**
 * A start and maps, one after the other: samples with their log-density after each, and the log-density of any row, in float64.
 *
 *   log rho_k(T_k x) = log rho_{k-1}(x) - log det DT_k(x)
 */
import type { Distribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import type { HostMap } from "./map.ts";

/** Rows [n, d] and the log-density of each, nats. */
export interface ScoredRows {
  readonly x: Float64Array;
  readonly logDensity: Float64Array;
}

/** A flow from a start. */
export interface MapFlow {
  readonly dimension: number;
  /** Number of maps. */
  readonly steps: number;
  /** Independent rows after `step` maps. */
  sample(key: Key, n: number, step: number): ScoredRows;
  /** log rho_step of rows [n, d]. @throws NumericError where a row has no inverse within the tolerance. */
  logDensity(rows: ArrayLike<number>, step: number): Float64Array;
  /** Rows that `step` maps take to these: [n, d]. */
  invert(rows: ArrayLike<number>, step: number): Float64Array;
}

/** @throws InputError for a start without samples where they are asked for, and for maps without an inverse likewise. */
export function openMapFlow(start: Distribution, maps: readonly HostMap[]): MapFlow {
  const d = start.dimension;
  const missing = (came: string, expected: string): never => {
    throw new InputError({ where: "flow", came, expected });
  };
  /** Takes a row back in place; gives the sum of log-determinants. */
  const back = (row: Float64Array, step: number): number => {
    const from = new Float64Array(d);
    let logDet = 0;
    for (let k = step - 1; k >= 0; k--) {
      const { invert } = maps[k];
      if (!invert) return missing("a map without inverse", "one that can be inverted");
      logDet += invert(row, from);
      row.set(from);
    }
    return logDet;
  };
  const eachRow = (rows: ArrayLike<number>, use: (row: Float64Array, r: number) => void): void => {
    const row = new Float64Array(d);
    for (let r = 0; r < rows.length / d; r++) {
      for (let k = 0; k < d; k++) row[k] = rows[r * d + k];
      use(row, r);
    }
  };
  return {
    dimension: d,
    steps: maps.length,
    sample: (key, n, step) => {
      if (!start.sample) return missing(start.title, "a start that gives samples");
      const rows = start.sample(key, n);
      const x = new Float64Array(n * d);
      const logDensity = new Float64Array(n);
      const to = new Float64Array(d);
      eachRow(rows, (row, r) => {
        logDensity[r] = start.logDensityAt(row) - (start.logZ ?? 0);
        for (let k = 0; k < step; k++) {
          logDensity[r] -= maps[k].push(row, to);
          row.set(to);
        }
        x.set(row, r * d);
      });
      return { x, logDensity };
    },
    logDensity: (rows, step) => {
      const out = new Float64Array(rows.length / d);
      eachRow(rows, (row, r) => {
        const logDet = back(row, step);
        out[r] = start.logDensityAt(row) - (start.logZ ?? 0) - logDet;
      });
      return out;
    },
    invert: (rows, step) => {
      const out = new Float64Array(rows.length);
      eachRow(rows, (row, r) => {
        back(row, step);
        out.set(row, r * d);
      });
      return out;
    },
  };
}
