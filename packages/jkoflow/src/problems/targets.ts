/**
 * KL to a target by name, from a Gaussian: what samplers of a log-density are judged on (distributions/targets.ts has sources),
 * and random mixtures of Gaussians as in P. Mokrov et al., NeurIPS 2021, arXiv:2106.00736, section 5.1: 4 + d/2 components of
 * variance 1, centres uniform in [-5, 5]^d, from N(0, 16 I).
 */
import {
  banana,
  type Distribution,
  eightModes,
  equalMixture,
  funnel,
  mustache,
  normalDistribution,
} from "../distributions/index.ts";
import { kl } from "../functionals/index.ts";
import { fold, type Key, uniform } from "../random/index.ts";
import type { EvolutionProblem } from "../systems/index.ts";
import type { NamedProblem, Published, Times } from "./namedProblem.ts";

type Sampled = Distribution & { readonly sample: NonNullable<Distribution["sample"]> };

/** KL to a distribution from N(0, deviation^2 I); what is known is the end, not the way. */
export function towards(to: Sampled, deviation: number, title: string, { time, step }: Times): EvolutionProblem {
  const d = to.dimension;
  const identity = Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? deviation ** 2 : 0));
  return {
    title,
    dimension: d,
    columns: Array.from({ length: d }, (_, k) => `x${k + 1}`),
    start: normalDistribution(new Float64Array(d), identity),
    functional: kl(to),
    time,
    step,
    exact: {
      of: "the target",
      logDensityAt: (row) => to.logDensityAt(row),
      sample: (key, n) => to.sample(key, n),
      leastEnergy: 0,
    },
  };
}

const target = (
  says: string,
  dimensions: readonly [number, number],
  make: (dimension: number) => Sampled,
  times: Times = { time: 4, step: 0.2 },
): NamedProblem => ({
  says,
  oracle: "the target's density and samples",
  dimensions,
  times,
  make: (dimension, _, asked) => towards(make(dimension), 1, `KL to ${says}`, asked),
});

/** SymKL at t = 4, means over five targets, in the result files released with arXiv:2106.00736; by dimension. */
const MOKROV: ReadonlyMap<number, number> = new Map([
  [2, 0.062],
  [4, 0.176],
  [6, 0.301],
  [8, 0.396],
  [10, 0.329],
  [12, 0.509],
]);

function mixtureOf(dimension: number, key: Key, times: Times): EvolutionProblem {
  const count = 4 + Math.ceil(dimension / 2);
  const places = uniform(fold(key, "centres"), count * dimension);
  const centres = Array.from({ length: count }, (_, k) =>
    Array.from(places.subarray(k * dimension, (k + 1) * dimension), (u) => 10 * u - 5),
  );
  return towards(equalMixture(centres, 1), 4, `KL to a random mixture of ${count} Gaussians`, times);
}

export const randomMixture: NamedProblem = {
  says: "KL to a random mixture of Gaussians",
  oracle: "the target's density and samples; published SymKL",
  dimensions: [2, 32],
  times: { time: 4, step: 0.1 },
  make: mixtureOf,
  published: (dimension): readonly Published[] => {
    const symKl = MOKROV.get(dimension);
    return symKl === undefined ? [] : [{ time: 4, symKl }];
  },
};

/** All targets by name. */
export const namedTargets: Readonly<Record<string, NamedProblem>> = {
  banana: target("a banana, a Gaussian bent along a parabola", [2, 2], () => banana()),
  mustache: target("a mustache, two thin arms that cross", [2, 2], mustache),
  funnel: target("a funnel, a neck that narrows without end", [2, 12], funnel),
  "eight-modes": target("eight narrow modes on a circle", [2, 2], eightModes),
  mixture: randomMixture,
};
