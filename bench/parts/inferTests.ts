/** Targets of the benchmark of samplers, each with an exact sampler and Z = 1. */

import type { Distribution } from "../../packages/jkoflow/src/distributions/index.ts";
import { equalMixture, funnel, mustache, standardNormal } from "../../packages/jkoflow/src/distributions/index.ts";
import { eightModes } from "../../packages/jkoflow/src/distributions/targets.ts";
import { kl } from "../../packages/jkoflow/src/functionals/index.ts";
import { createKey, uniform } from "../../packages/jkoflow/src/random/index.ts";
import type { EvolutionProblem, Settings } from "../../packages/jkoflow/src/systems/index.ts";

type Exact = Distribution & { readonly sample: NonNullable<Distribution["sample"]> };

export interface InferTest {
  readonly says: string;
  readonly target: Exact;
  /** Centres [K, d] of equal modes, where the target is made of some. */
  readonly modes?: readonly (readonly number[])[];
  /** In place of defaults, by system. */
  readonly settings: Readonly<Record<string, Settings>>;
}

export const problemOf = (target: Exact): EvolutionProblem => ({
  title: `KL to ${target.title}`,
  dimension: target.dimension,
  columns: Array.from({ length: target.dimension }, (_, k) => `x${k + 1}`),
  start: standardNormal(target.dimension),
  functional: kl(target),
  time: 4,
  step: 0.2,
});

/** Ten equal Gaussians of variance .01, centres uniform on [-1, 1]^d, as in arXiv:2407.20444; the draw of the centres is ours. */
const tenModes = (d: number): number[][] => {
  const places = uniform(createKey(`ten modes in ${d}`), 10 * d);
  return Array.from({ length: 10 }, (_, k) => Array.from(places.subarray(k * d, (k + 1) * d), (u) => 2 * u - 1));
};

const circle = Array.from({ length: 8 }, (_, k) => [Math.cos((Math.PI * k) / 4) - 1, Math.sin((Math.PI * k) / 4)]);

/** As published for eight modes, with fewer and smaller updates. */
const published: Settings = { from: "start", widening: 1, firstStep: 0.05, flowsBefore: 2, rejectionFlows: 4 };

export const inferTests: Readonly<Record<string, InferTest>> = {
  "eight-modes": {
    says: "Eight Gaussians of variance .01 on a circle",
    target: eightModes(),
    modes: circle,
    settings: { published: { ...published, updates: 3000 } },
  },
  mustache: { says: "Two thin arms that cross", target: mustache(), settings: { published } },
  funnel: { says: "A funnel in 10 dimensions", target: funnel(10), settings: { published } },
  "gmm-10": {
    says: "Ten Gaussians of variance .01 in 10 dimensions",
    target: equalMixture(tenModes(10), 0.01),
    modes: tenModes(10),
    settings: { published },
  },
  "gmm-20": {
    says: "Ten Gaussians of variance .01 in 20 dimensions",
    target: equalMixture(tenModes(20), 0.01),
    modes: tenModes(20),
    settings: { published },
  },
};
