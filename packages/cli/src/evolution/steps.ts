/** F and its terms at every time of the scheme: the table of steps. */
import type { Engine, EvolutionProblem } from "jkoflow";
import { counted, small } from "../progress/numbers.ts";
import { type Along, lengthOf } from "./along.ts";
import type { Certificate } from "./certificate.ts";
import { createEnergyMeter, type Energy } from "./energy.ts";
import type { TrainedFlow } from "./train.ts";

/** One time of the scheme: names and numbers, in the order of the columns. */
export type StepRow = Readonly<Record<string, number>>;

export async function energiesOf(
  engine: Engine,
  { functional, dimension }: EvolutionProblem,
  { points, logDensity }: Along,
  rows: number,
  pause: (phase?: string) => Promise<void>,
): Promise<Energy[]> {
  const meter = createEnergyMeter(engine, functional, dimension, rows);
  try {
    const energies: Energy[] = [];
    await pause("measuring F at every time ...");
    points.forEach((at, k) => {
      energies.push(meter.at(at, logDensity[k]));
    });
    return energies;
  } finally {
    meter.dispose();
  }
}

export function stepTable(
  { exact }: EvolutionProblem,
  { times, moved }: Along,
  energies: readonly Energy[],
  certificate: Certificate | null,
  { gaps, collisions }: Pick<TrainedFlow, "gaps" | "collisions">,
): StepRow[] {
  return energies.map(({ total, error, terms }, k) => ({
    step: k,
    time: times[k],
    F: total,
    error,
    ...(exact?.energyAt ? { exact: exact.energyAt(times[k]) } : {}),
    ...(Object.keys(terms).length > 1 ? terms : {}),
    ...(k === 0
      ? {}
      : {
          moved: moved[k - 1],
          dissipation: (energies[k - 1].total - total) / lengthOf(times, k),
          speed2: (moved[k - 1] / lengthOf(times, k)) ** 2,
          ...(gaps[k - 1] === undefined ? {} : { gap: gaps[k - 1] }),
          ...collisions[k - 1],
          ...certified(certificate, k),
        }),
  }));
}

/** "20 steps of 0.05", or from what to what. */
export function stepsSay(table: readonly StepRow[]): string {
  const times = table.map(({ time }) => time);
  const lengths = times.slice(1).map((_, k) => lengthOf(times, k + 1));
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  return `${counted(lengths.length, "step")} of ${least === most ? small(least) : `${small(least)} to ${small(most)}`}`;
}

/** The rows are the same at both times, so that the difference is known better than its parts; this is the safe side. */
export const countRises = (energies: readonly Energy[]): number =>
  energies
    .slice(1)
    .filter(({ total, error }, k) => total > energies[k].total + 2 * Math.hypot(error, energies[k].error)).length;

/** Residual and bounds of step k. */
function certified(certificate: Certificate | null, k: number): StepRow {
  if (certificate === null) return {};
  const { residual, residualUpper, largest, bound, closed } = certificate.steps[k - 1];
  const bounds = { ...(bound === null ? {} : { bound }), ...(closed === null ? {} : { closed }) };
  return { residual, residualUpper, largestResidual: largest, ...bounds };
}
