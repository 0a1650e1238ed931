/** Steps of h and of h / 2 of flows that are known: what extrapolation leaves, and how true the estimated error is. */
import { createKey, jkoIcnn, problems } from "jkoflow";
import { accuracyOf } from "../../packages/cli/src/evolution/accuracy.ts";
import { finerProblem, trainedOn } from "../../packages/cli/src/evolution/finer.ts";
import type { OwnTest } from "./evolutionJudge.ts";
import { trainFlow } from "./evolutionTrain.ts";

/** By which moments are taken. */
const ROWS = 8192;

/** As --accuracy does it; the target is that of the seed. */
export const accuracy = (d: number): OwnTest => ({
  of: "seeds",
  cases: [1, 2, 3],
  figures: async (engine, seed, changed) => {
    const problem = problems.namedProblem(`ou:${d}`, createKey(seed), { time: 0.5, step: 0.05 });
    const settings = { ...jkoIcnn.accurate, ...changed };
    const [run, half] = [
      await trainFlow(engine, jkoIcnn, trainedOn({ accuracy: true }, problem), settings, seed),
      await trainFlow(engine, jkoIcnn, trainedOn({ accuracy: true }, finerProblem(problem)), settings, seed),
    ];
    const options = { key: createKey(seed + 1000), rows: ROWS };
    const finer = { flow: half.flow, seconds: half.cpuSeconds };
    const found = await accuracyOf(engine, problem, run.flow, finer, options, async () => {});
    const figures = {
      momentsRun: found.momentError?.run,
      momentsHalf: found.momentError?.half,
      momentsExtrapolated: found.momentError?.extrapolated,
      estimateRun: found.estimate?.run,
      estimateByTruth: found.estimate && found.momentError && found.estimate.run / found.momentError.run,
      logDensityRun: found.logDensityError?.run,
      logDensityHalf: found.logDensityError?.half,
      logDensityExtrapolated: found.logDensityError?.extrapolated,
      logDensityChange: found.logDensityChange,
      energyExtrapolated: found.energy.extrapolated,
      exactEnergy: problem.exact?.energyAt?.(problem.time),
    };
    const known = Object.entries(figures).filter(([, value]) => typeof value === "number");
    return { ...(Object.fromEntries(known) as Record<string, number>), cpuSeconds: run.cpuSeconds + half.cpuSeconds };
  },
  expected:
    "moments: SymKL to the exact ones, extrapolated at most 1e-4, the estimate within a factor 3; logDensity: root mean square error, nats",
});
