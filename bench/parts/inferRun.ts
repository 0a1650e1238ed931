/** A sampler of the benchmark at work: training, rows, and how far these are from exact ones. */
import { sampleMixtureBase } from "../../packages/jkoflow/src/distributions/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import { neuralJkoIc, type Settings, temperedSmc } from "../../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./clock.ts";
import { halfEnergyDistance } from "./halfEnergyDistance.ts";
import { type InferTest, problemOf } from "./inferTests.ts";

export type InferFigures = Readonly<Record<string, number>>;

/** Rows of each sampler, and exact ones. */
const ROWS = 10_000;

export const inferSystems = ["smc", "neural", "published"] as const;
export type InferSystem = (typeof inferSystems)[number];

export async function runSampler(
  engine: Engine,
  system: InferSystem,
  { target, modes, settings: own }: InferTest,
  settings: Settings,
  seed: number,
  onStep: (line: string) => void,
): Promise<InferFigures> {
  const [problem, key, d] = [problemOf(target), createKey(seed), target.dimension];
  const exact = target.sample(fold(key, "exact"), ROWS);
  const clock = startClock();
  const judge = (rows: Float32Array): InferFigures => {
    const { value, error } = halfEnergyDistance(rows, exact, d);
    const distance = { energyDistance: value, energyDistanceError: error };
    return modes ? { ...distance, modeError: modeError(rows, modes) } : distance;
  };
  if (system === "smc") {
    const run = temperedSmc.run({ engine, problem, settings: { ...temperedSmc.defaults, ...own.smc }, key });
    let next = await run.next();
    while (!next.done) next = await run.next();
    const { cpuSeconds: trainSeconds } = clock();
    const { rows, logZ, logZError, weighed, evaluations, mixture } = next.value;
    const ofMixture = judge(sampleMixtureBase(mixture, fold(key, "draw"), ROWS, d));
    const { meanLogRatio, ess, paretoK } = weighed;
    const figures = { trainSeconds, evaluations, logZ, logZError, meanLogRatio, ess, paretoK };
    return { ...figures, ...judge(rows.subarray(0, ROWS * d)), mixtureDistance: ofMixture.energyDistance };
  }
  const all = { ...neuralJkoIc.defaults, ...own[system], ...settings };
  const run = neuralJkoIc.run({ engine, problem, settings: all, key });
  let next = await run.next();
  for (; !next.done; next = await run.next())
    if (next.value.type === "step") {
      const { place, values } = next.value;
      onStep(`${clock().cpuSeconds.toFixed(1)} s ${place.join(" ")} ${JSON.stringify(values)}`);
    }
  const { cpuSeconds: trainSeconds } = clock();
  const { model, figures, gradients: evaluations } = next.value;
  const open = neuralJkoIc.open(engine, problem, model, all);
  const drawing = startClock();
  const rows = Float32Array.from(open.sample(fold(key, "draw"), ROWS).values);
  const { cpuSeconds: drawSeconds } = drawing();
  open.dispose();
  return { trainSeconds, drawSeconds, evaluations, ...figures, ...judge(rows) };
}

/** Sum over modes of (share of the rows that are nearest - 1/K)^2, as in arXiv:2407.20444. */
function modeError(rows: Float32Array, modes: readonly (readonly number[])[]): number {
  const d = modes[0].length;
  const counts = modes.map(() => 0);
  for (let i = 0; i < rows.length; i += d) {
    const squares = modes.map((mode) => mode.reduce((sum, m, k) => sum + (rows[i + k] - m) ** 2, 0));
    counts[squares.indexOf(Math.min(...squares))]++;
  }
  return counts.reduce((sum, count) => sum + ((count * d) / rows.length - 1 / modes.length) ** 2, 0);
}
