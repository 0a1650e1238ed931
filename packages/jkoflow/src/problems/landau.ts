/**
 * The Landau equation, as it is used to judge methods; A(z) = C |z|^gamma (|z|^2 I - z z^T).
 *
 *   landau:bkw2          Maxwell molecules in the plane, C = 1/16, from the BKW solution of K = 1 - exp(-t / 8) / 2 at t = 1
 *   landau:bkw3          in space, C = 1/24, from that of K = 1 - exp(-t / 6) at t = 5.5
 *   landau:anisotropic   Maxwell molecules from a Gaussian of variances 1.8, 0.2 (and 1 in space): its covariance is known
 *   landau:coulomb       Coulomb's kernel, gamma = -3, in the plane, C = 1/16, from N((-2, 1), I) / 2 + N((0, -1), I) / 2
 *
 * The problems of J. Carrillo, J. Hu, L. Wang, J. Wu, "A particle method for the homogeneous Landau equation", J. Comput. Phys. X
 * 7 (2020), 100066, and of Y. Huang, L. Wang, arXiv:2409.12296. Time counts from the start. From the plane's t = 0 the BKW solution
 * is 0 at the origin, and its score infinite: the start is later. F is H = int f log f.
 */
import { type Bkw, bkw, type Distribution, equalMixture, normalDistribution } from "../distributions/index.ts";
import { bkwScaleAt, maxwellCovarianceAt } from "../evaluate/maxwellFlow.ts";
import { entropy } from "../functionals/index.ts";
import type { EvolutionProblem, ExactFlow } from "../systems/index.ts";
import { usualConstant } from "./collisionWords.ts";
import type { NamedProblem, Times } from "./namedProblem.ts";

function problemOf(
  title: string,
  start: Distribution,
  collisions: NonNullable<EvolutionProblem["collisions"]>,
  { time, step }: Times,
  exact?: ExactFlow,
): EvolutionProblem {
  const { dimension } = start;
  const columns = ["x", "y", "z"].slice(0, dimension).map((axis) => `v${axis}`);
  return {
    title,
    dimension,
    columns,
    start,
    functional: entropy(),
    collisions,
    time,
    step,
    ...(exact ? { exact } : {}),
  };
}

/** From the time `begin` of the solution of K = 1 - K0 exp(-2 C (d - 1) t) on. */
export function bkwProblem(dimension: number, begin: number, K0: number, times: Times): EvolutionProblem {
  const constant = usualConstant(dimension);
  const solution = (t: number): Bkw => bkw(dimension, bkwScaleAt({ dimension, constant, K0 }, begin + t));
  // The density of one time is asked for at many rows: the last one is kept.
  let held = { time: 0, density: solution(0) };
  const at = (t: number): Bkw => {
    if (held.time !== t) held = { time: t, density: solution(t) };
    return held.density;
  };
  const identity = Float64Array.from({ length: dimension ** 2 }, (_, k) => (k % (dimension + 1) === 0 ? 1 : 0));
  const exact: ExactFlow = {
    logDensityAt: (row, t) => at(t).logDensityAt(row),
    sample: (key, n, t) => at(t).sample(key, n),
    energyAt: (t) => at(t).energy,
    covarianceAt: () => identity,
    leastEnergy: equilibriumOf(dimension, 1),
  };
  return problemOf("the BKW solution of the Landau equation", solution(0), { gamma: 0, constant }, times, exact);
}

/** H of a Gaussian of variance T in each direction, nats. */
export const equilibriumOf = (d: number, T: number): number => (-d / 2) * Math.log(2 * Math.PI * Math.E * T);

function anisotropic(dimension: number, times: Times): EvolutionProblem {
  const variances = [1.8, 0.2, 1].slice(0, dimension);
  const covariance = Float64Array.from({ length: dimension ** 2 }, (_, k) =>
    k % (dimension + 1) === 0 ? variances[Math.floor(k / dimension)] : 0,
  );
  const constant = usualConstant(dimension);
  const start = normalDistribution(new Float64Array(dimension), covariance);
  return problemOf("the Landau equation from an anisotropic Gaussian", start, { gamma: 0, constant }, times, {
    covarianceAt: (t) => maxwellCovarianceAt(covariance, dimension, constant, t),
    leastEnergy: equilibriumOf(dimension, 1),
  });
}

function coulomb(times: Times): EvolutionProblem {
  const start = equalMixture(
    [
      [-2, 1],
      [0, -1],
    ],
    1,
  );
  const title = "the Landau equation of Coulomb's force from two Gaussians";
  return problemOf(title, start, { gamma: -3, constant: 1 / 16 }, times, { leastEnergy: equilibriumOf(2, 2) });
}

/** All of them by name. */
export const landauProblems: Readonly<Record<string, NamedProblem>> = {
  "landau:bkw2": {
    says: "collisions of Maxwell molecules in the plane, with a known density",
    dimensions: [2, 2],
    oracle: "the BKW solution: density, samples, covariance and H at all times",
    times: { time: 2, step: 0.1 },
    make: (_, __, times) => bkwProblem(2, 1, 1 / 2, times),
  },
  "landau:bkw3": {
    says: "collisions of Maxwell molecules in space, with a known density",
    dimensions: [3, 3],
    oracle: "the BKW solution: density, samples, covariance and H at all times",
    times: { time: 2, step: 0.1 },
    make: (_, __, times) => bkwProblem(3, 5.5, 1, times),
  },
  "landau:anisotropic": {
    says: "collisions of Maxwell molecules from an anisotropic Gaussian",
    dimensions: [2, 3],
    oracle: "the covariance at all times, and the least H",
    times: { time: 2, step: 0.1 },
    make: (dimension, _, times) => anisotropic(dimension, times),
  },
  "landau:coulomb": {
    says: "collisions by Coulomb's force in the plane, from two Gaussians",
    dimensions: [2, 2],
    oracle: "the least H; random pairs beside the run for moments",
    times: { time: 5, step: 0.1 },
    make: (_, __, times) => coulomb(times),
  },
};
