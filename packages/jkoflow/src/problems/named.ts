/**
 * Flows by name, as they are used to judge methods, with closed forms where there are some. F* is that of the steady state.
 *
 *   ou:d             KL to a random Gaussian (randomGaussian.ts) from N(0, I): an Ornstein-Uhlenbeck process, known at all times
 *   mixture:d        KL to a random mixture of Gaussians (targets.ts), porous:d the porous medium equation (porous.ts)
 *   aggregation      W = x^2/2 - log |x| on the line, from N(0, 4); F* = 3/8 + ln(2)/4 of the semicircle sqrt(2 - x^2) / pi
 *   disk             W = r^2/2 - log r in the plane, from N(0, I); F* = 3/8 of the uniform law on the unit disk
 *   ring             W = r^4/4 - r^2/2 in the plane, from N(0, I/4); F* = -1/12 of the circle of radius 1 / sqrt(3)
 *   fokker-planck    f = rho^2, V = x^2, from N(0, 0.04); F* = 6 C / 5 of (C - x^2/2)+, C = (3 / (4 sqrt(2)))^(2/3)
 *   filtering        V = sin(2 pi x) / pi + x^2 / 4 on the line, from N(0, 1) (filtering.ts)
 *
 * P. Mokrov et al., NeurIPS 2021, arXiv:2106.00736 (ou); D. Alvarez-Melis et al., TMLR 2022, arXiv:2106.00774 (aggregation,
 * fokker-planck). The steady states of interactions: the logarithmic kernel is that of the eigenvalues of random matrices
 * (E. Wigner 1955; J. Ginibre 1965); the ring balances r^3 against r on the circle.
 */
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import {
  type GaussianState,
  gaussianFlowAt,
  gaussianJkoAt,
  gaussianKl,
  gaussianSymKl,
} from "../evaluate/gaussianFlow.ts";
import { cholesky, solveCholesky } from "../evaluate/linalg.ts";
import { kl } from "../functionals/index.ts";
import { nearestName } from "../io/index.ts";
import type { Key } from "../random/index.ts";
import type { EvolutionProblem, ExactFlow } from "../systems/index.ts";
import type { OwnProblem } from "./checkOwn.ts";
import { filtering } from "./filtering.ts";
import { landauProblems } from "./landau.ts";
import type { NamedProblem, Published, Times } from "./namedProblem.ts";
import { ownProblem } from "./own.ts";
import { countSteps, startOf } from "./parts.ts";
import { porous } from "./porous.ts";
import { randomGaussian } from "./randomGaussian.ts";
import { randomMixture } from "./targets.ts";

/** A flow in words whose steady state is known. */
function known(says: string, own: OwnProblem, times: Times, leastEnergy: number, oracle: string): NamedProblem {
  const { dimension } = startOf(own.start);
  return {
    says,
    oracle,
    dimensions: [dimension, dimension],
    times,
    make: (_, __, asked) => ({ ...ownProblem({ ...own, ...asked }), title: says, exact: { leastEnergy } }),
  };
}

const semicircle = 3 / 8 + Math.log(2) / 4;
const parabola = (6 / 5) * (3 / (4 * Math.SQRT2)) ** (2 / 3);

/**
 * SymKL to the exact flow at t = 0.5 and 0.9, medians over 15 random targets, in the result files that P. Mokrov et al. released
 * with arXiv:2106.00736; by dimension.
 */
const MOKROV: ReadonlyMap<number, readonly [number, number]> = new Map([
  [1, [0.0007, 0.0005]],
  [2, [0.0027, 0.0041]],
  [4, [0.0081, 0.0083]],
  [6, [0.0176, 0.0077]],
  [8, [0.0148, 0.0103]],
  [10, [0.0181, 0.0135]],
  [12, [0.0263, 0.0191]],
]);

/** All of them by name. */
export const namedProblems: Readonly<Record<string, NamedProblem>> = {
  ou: {
    says: "KL to a random Gaussian, an Ornstein-Uhlenbeck process",
    oracle: "density, moments and F at all times, of the flow and of the scheme; published SymKL",
    dimensions: [1, 32],
    times: { time: 1, step: 0.05 },
    make: ornsteinUhlenbeck,
    published: (dimension) =>
      [0.5, 0.9].flatMap((time, k) => {
        const symKl = MOKROV.get(dimension)?.[k];
        return symKl === undefined ? [] : [{ time, symKl }];
      }),
  },
  mixture: randomMixture,
  ...landauProblems,
  porous,
  aggregation: known(
    "particles that attract and repel each other on the line",
    { start: "normal:1:2", interaction: "r^2/2 - log(r)" },
    { time: 10, step: 1 },
    semicircle,
    "least F 3/8 + ln(2)/4, of the semicircle of radius sqrt(2)",
  ),
  disk: known(
    "particles that gather in a disk",
    { start: "normal:2", interaction: "r^2/2 - log(r)" },
    { time: 8, step: 1 },
    3 / 8,
    "least F 3/8, uniform on the unit disk",
  ),
  ring: known(
    "particles that gather on a ring",
    { start: "normal:2:0.5", interaction: "r^4/4 - r^2/2" },
    { time: 10, step: 1 },
    -1 / 12,
    "least F -1/12, the circle of radius 1/sqrt(3)",
  ),
  "fokker-planck": known(
    "a nonlinear Fokker-Planck equation on the line",
    { start: "normal:1:0.2", internal: "rho^2", potential: "x^2", diffusion: 0 },
    { time: 2, step: 0.1 },
    parabola,
    "least F 6 C / 5 of (C - x^2/2)+, C = 0.655185",
  ),
  filtering,
};

function ornsteinUhlenbeck(dimension: number, key: Key, { time, step }: Times): EvolutionProblem {
  const { mean, covariance } = randomGaussian(key, dimension);
  const to = normalDistribution(mean, covariance);
  const start = standardNormal(dimension);
  const precision = inverseOf(covariance, dimension);
  const target = { mean, precision };
  const end: GaussianState = { mean, covariance };
  const flowAt = (t: number): GaussianState => gaussianFlowAt(start, target, t);
  const schemeAt = (t: number, h: number): GaussianState => gaussianJkoAt(start, target, h, Math.round(t / h));
  // The density of one time is asked for at many rows: the last one is kept.
  let held = { time: 0, density: start };
  const densityAt = (t: number): typeof start => {
    if (held.time !== t) {
      const state = flowAt(t);
      held = { time: t, density: normalDistribution(state.mean, state.covariance) };
    }
    return held.density;
  };
  const exact: ExactFlow = {
    logDensityAt: (row, t) => densityAt(t).logDensityAt(row),
    sample: (sampleKey, n, t) => densityAt(t).sample(sampleKey, n),
    momentsAt: flowAt,
    energyAt: (t) => gaussianKl(flowAt(t), end),
    schemeEnergyAt: (t, h) => gaussianKl(schemeAt(t, h), end),
    floorAt: (t, h) => gaussianSymKl(flowAt(t), schemeAt(t, h)),
    leastEnergy: 0,
  };
  return {
    title: "KL to a random Gaussian",
    dimension,
    columns: Array.from({ length: dimension }, (_, k) => `x${k + 1}`),
    start,
    functional: kl(to),
    time,
    step,
    exact,
  };
}

/** Inverse of a covariance, column by column. */
function inverseOf(covariance: Float64Array, d: number): Float64Array {
  const factor = cholesky(covariance, d);
  if (factor === undefined)
    throw new InputError({ where: "covariance", came: "a singular matrix", expected: "another" });
  const inverse = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const column = new Float64Array(d);
    column[k] = 1;
    solveCholesky(factor, d, column);
    for (let i = 0; i < d; i++) inverse[i * d + k] = column[i];
  }
  return inverse;
}

/**
 * The flow that a name stands for, such as "ou:2". `key` decides what is random of it, `asked` how far to go; `place` names the
 * parts of `asked` in messages. `among` is where names are looked up.
 *
 * @throws InputError for an unknown name or dimension, and for times that are no whole number of steps.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { namedProblem } from "jkoflow/problems";
 *
 * const problem = namedProblem("porous:2", createKey(0));
 * console.log(problem.title, problem.time); // the porous medium equation 0.01
 * ```
 */
export function namedProblem(
  name: string,
  key: Key,
  asked: Partial<Times> = {},
  place?: (part: "time" | "step") => string,
  among: Readonly<Record<string, NamedProblem>> = namedProblems,
): EvolutionProblem {
  const names = Object.keys(among);
  const [word, size, ...more] = partsOf(name, names);
  if (!Object.hasOwn(among, word)) {
    const near = nearestName(word, names);
    const fix = near === undefined ? undefined : `did you mean ${near}?`;
    throw new InputError({ where: "problem", came: JSON.stringify(name), expected: names.join(", "), fix });
  }
  const problem = among[word];
  const [least, most] = problem.dimensions;
  const dimension = size === undefined ? least : Number(size);
  const fits = Number.isInteger(dimension) && dimension >= least && dimension <= most && more.length === 0;
  if (!fits) {
    const expected = least === most ? `${word}:${least}` : `${word}:d with d from ${least} to ${most}`;
    throw new InputError({ where: "problem", came: JSON.stringify(name), expected });
  }
  const times = { ...problem.times, ...asked };
  countSteps(times.time, times.step, place);
  return problem.make(dimension, key, times);
}

/** The word of a problem, which may have a colon itself, and what stands behind it. */
function partsOf(name: string, names: readonly string[]): string[] {
  const own = names.find((known) => known.includes(":") && (name === known || name.startsWith(`${known}:`)));
  if (own === undefined) return name.split(":");
  return [own, ...name.slice(own.length).split(":").slice(1)];
}

/** What is published of the kind of flow that a name stands for; nothing for no name. */
export function publishedOf(name: string | undefined): readonly Published[] {
  const [word, size] = partsOf(name ?? "", Object.keys(namedProblems));
  if (!Object.hasOwn(namedProblems, word)) return [];
  const { published, dimensions } = namedProblems[word];
  return published?.(size === undefined ? dimensions[0] : Number(size)) ?? [];
}
