/** Two systems that share no objective, on the same problem: JKO-ICNN by log-determinants, the variational flow by a critic. */
import { createKey, type Engine, type EvolutionProblem, jkoIcnn, problems, type Settings, variational } from "jkoflow";
import { momentsOf } from "jkoflow/evaluate";
import type { AnyEvolutionSystem } from "jkoflow/systems";
import { logDensityAfter, pushRows } from "../../packages/cli/src/evolution/along.ts";
import { createEnergyMeter } from "../../packages/cli/src/evolution/energy.ts";
import type { OwnTest } from "./evolutionJudge.ts";
import { type TrainedFlow, trainFlow } from "./evolutionTrain.ts";

/** Rows of the start that both flows move, so that what differs is the maps; seeds of training; rows that are taken back. */
const [ROWS, SEEDS, LOOKS] = [8192, [1, 2, 3], 1000];

/** F, mean of each column, E |x - mean|^2 over the same rows of the start. */
type Seen = Readonly<Record<string, number>>;

interface SystemSeen {
  readonly flows: readonly TrainedFlow[];
  readonly seen: readonly Seen[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
/** Standard error of a mean over seeds. */
const errorOf = (values: readonly number[]): number => {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0) / (values.length - 1) / values.length);
};

async function runAll(
  engine: Engine,
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  settings: Settings,
): Promise<SystemSeen> {
  const d = problem.dimension;
  const first = Float64Array.from(problem.start.sample!(createKey("agree"), ROWS));
  const [flows, seen]: [TrainedFlow[], Seen[]] = [[], []];
  for (const seed of SEEDS) {
    const trained = await trainFlow(engine, system, problem, settings, seed);
    const { points, logDensity } = pushRows(trained.flow, first);
    const meter = createEnergyMeter(engine, problem.functional, d, ROWS);
    const { total } = meter.at(points, logDensity);
    meter.dispose();
    const state = momentsOf(points, d);
    const spread = Array.from({ length: d }, (_, k) => state.covariance[k * (d + 1)]).reduce((a, b) => a + b, 0);
    const means = Object.fromEntries(Array.from(state.mean, (value, k) => [`mean${k + 1}`, value]));
    flows.push(trained);
    seen.push({ F: total, ...means, spread });
  }
  return { flows, seen };
}

/** KL both ways between two flows, nats, by the densities of both at rows of each. */
function symKlBetween(a: TrainedFlow, b: TrainedFlow, d: number): number {
  const half = ([own, other]: readonly [TrainedFlow, TrainedFlow]): number => {
    const rows = Float64Array.from(own.flow.start.sample!(createKey("between"), LOOKS));
    const { points, logDensity } = pushRows(own.flow, rows);
    const there = logDensityAfter(other.flow, points, other.flow.maps.length).logDensity;
    return logDensity.reduce((sum, v, i) => sum + v - there[i], 0) / (points.length / d);
  };
  return half([a, b]) + half([b, a]);
}

/**
 * Both by three seeds, the variational flow with convex maps, which have densities. `z`: the difference of the means over seeds in its standard
 * errors; `between` and `within`: SymKL of flows of both systems with each other, and of two seeds of the same one.
 */
export const agree = (
  name: string,
  times: Parameters<typeof problems.namedProblem>[2],
  settings: Settings = {},
): OwnTest => ({
  of: "seeds",
  cases: [0],
  figures: async (engine, number, changed) => {
    const problem = problems.namedProblem(name, createKey(number), times);
    const icnn = await runAll(engine, jkoIcnn, problem, { ...settings, ...changed });
    const game = await runAll(engine, variational, problem, {
      map: "convex",
      hidden: [64, 64],
      ...settings,
      ...changed,
    });
    const quantities = Object.keys(icnn.seen[0]).flatMap((quantity) => {
      const [ours, theirs] = [icnn, game].map(({ seen }) => seen.map((of) => of[quantity]));
      const [a, b] = [mean(ours), mean(theirs)];
      const error = Math.hypot(errorOf(ours), errorOf(theirs));
      return Object.entries({
        Icnn: a,
        IcnnError: errorOf(ours),
        Game: b,
        GameError: errorOf(theirs),
        Z: (a - b) / error,
      }).map(([of, value]) => [`${quantity}${of}`, value]);
    });
    const d = problem.dimension;
    const exact = problem.exact?.of === undefined ? problem.exact?.energyAt?.(problem.time) : undefined;
    // Not finite where supports are bounded: rows of one flow are then outside of the other.
    const apart = [
      ["between", symKlBetween(icnn.flows[0], game.flows[0], d)],
      ["withinIcnn", symKlBetween(icnn.flows[0], icnn.flows[1], d)],
      ["withinGame", symKlBetween(game.flows[0], game.flows[1], d)],
    ] as const;
    const cpu = ({ flows }: SystemSeen): number => mean(flows.map(({ cpuSeconds }) => cpuSeconds));
    return {
      ...(Object.fromEntries(quantities) as Record<string, number>),
      ...(exact === undefined ? {} : { exactF: exact }),
      ...Object.fromEntries(apart.filter(([, value]) => Number.isFinite(value))),
      cpuSecondsIcnn: cpu(icnn),
      cpuSecondsGame: cpu(game),
      cpuSeconds: SEEDS.length * (cpu(icnn) + cpu(game)),
    };
  },
  expected: "differences within their errors over three seeds, or SymKL between the systems no larger than within one",
});
