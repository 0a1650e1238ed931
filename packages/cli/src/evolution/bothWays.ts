/**
 * A flow taken both ways: the two sides of KL(start | generated) = KL(end | target), which are equal where the maps, their
 * log-determinants and their inverses belong together, and how exact inverses are.
 */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { inversionDrift } from "jkoflow/theory";
import { type Along, logDensityAfter, type OpenFlow, pushAlong } from "./along.ts";
import { createEnergyMeter, type Energy } from "./energy.ts";

type Mean = Pick<Energy, "total" | "error">;

export interface BothWays {
  /** Root mean square difference of log-densities that came along with rows to those by the inverses of the maps, nats. */
  readonly densityGap: number;
  /** F at the end by densities that came along, and on other rows by the inverses of the maps, with standard errors; null where F has no density. */
  readonly energies: { readonly along: Mean; readonly back: Mean } | null;
  /** Largest root mean square of |T(T^-1 y) - y| of a step. */
  readonly inverseError: number;
  /** How far, in W_2, all of them together put a generated row off, by the stretches that were seen. */
  readonly inverseDrift: number;
}

/** Rows that are taken back: each costs an inverse of every map. */
const [CHECKED, MOST_NUMBERS] = [64, 1024];

/** Null where maps have no inverse. */
export function bothWays(
  engine: Engine,
  { functional, dimension: d }: EvolutionProblem,
  flow: OpenFlow,
  { points, logDensity }: Along,
  energy: Energy,
  stretches: readonly number[],
  key: Key,
): BothWays | null {
  if (!flow.maps.every(({ invert }) => invert !== undefined)) return null;
  const last = flow.maps.length;
  const n = Math.min(CHECKED, logDensity[last].length);
  const back = logDensityAfter(flow, points[last].subarray(0, n * d), last).logDensity;
  const errors = inverseErrors(flow, points[last].subarray(0, n * d), d);
  const others = Math.min(logDensity[last].length, Math.max(2, Math.floor(MOST_NUMBERS / (d + 2))));
  return {
    densityGap: Math.sqrt(back.reduce((sum, v, i) => sum + (v - logDensity[last][i]) ** 2 / n, 0)),
    energies: functional.needs.includes("logDensity")
      ? { along: mean(energy), back: mean(energyBack(engine, functional, flow, fold(key, "both ways"), others)) }
      : null,
    inverseError: Math.max(...errors),
    inverseDrift: inversionDrift(errors.map((error, k) => ({ error, stretch: stretches[k] }))),
  };
}

const mean = ({ total, error }: Energy): Mean => ({ total, error });

/** On rows of their own, with densities by the inverses. */
function energyBack(
  engine: Engine,
  functional: EvolutionProblem["functional"],
  flow: OpenFlow,
  key: Key,
  n: number,
): Energy {
  const { points } = pushAlong(flow, key, n);
  const end = points[flow.maps.length];
  const meter = createEnergyMeter(engine, functional, flow.start.dimension, n);
  try {
    return meter.at(end, logDensityAfter(flow, end, flow.maps.length).logDensity);
  } finally {
    meter.dispose();
  }
}

/** Of every step, rows [n, d] of the end taken back one map after the other. */
function inverseErrors({ maps }: OpenFlow, end: Float64Array, d: number): number[] {
  const n = end.length / d;
  const squares = maps.map(() => 0);
  const [x, again] = [new Float64Array(d), new Float64Array(d)];
  for (let r = 0; r < n; r++) {
    const y = end.slice(r * d, r * d + d);
    for (let k = maps.length - 1; k >= 0; k--) {
      maps[k].invert!(y, x);
      maps[k].push(x, again);
      for (let j = 0; j < d; j++) squares[k] += (again[j] - y[j]) ** 2 / n;
      y.set(x);
    }
  }
  return squares.map(Math.sqrt);
}
