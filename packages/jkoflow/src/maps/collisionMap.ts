/**
 * A step of the Landau equation as a map of any row, by particles that stand for the density before it and a network s:
 *
 *   T(v) = m + c (v + h g(v) - m),   g(v) = -lambda mean_j A(v - v_j) (s(v) - s(v_j)),   m = mean v_j
 *
 * (Y. Huang, L. Wang, arXiv:2409.12296; collisions/step.ts.) Weights: those of s, the particles [M, d], lambda, c. Its Jacobian is
 * exact; its inverse is Newton's method from the row itself, halving the step until |T(v) - y| falls. All in float64.
 */

import { createDrift, meanOf, openField } from "../collisions/field.ts";
import { type CollisionKernel, checkKernel, type VelocityDimension } from "../collisions/kernel.ts";
import { jacobianAt } from "../collisions/objective.ts";
import { determinantOf, inverseTranspose } from "../collisions/small.ts";
import { cameOf } from "../errors/came.ts";
import { NumericError } from "../errors/index.ts";
import { type Activation, type MlpConfig, mlpSize, openMlp } from "../nn/index.ts";
import { log } from "../random/index.ts";
import { INVERSE_TOLERANCE } from "./gradientMap.ts";
import type { HostMap, StoredMapKind } from "./map.ts";

export interface CollisionConfig extends CollisionKernel {
  readonly kind: "collision";
  readonly dimension: VelocityDimension;
  /** Hidden layers of s. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** h */
  readonly step: number;
  /** M */
  readonly particles: number;
}

/** The network s of a description. */
export const scoreNetwork = ({ dimension, hidden, activation }: CollisionConfig): MlpConfig => ({
  dimension,
  hidden,
  activation,
  time: "none",
});

/** The weights of a map, in their order. */
export function collisionWeights(
  network: Float32Array,
  particles: Float64Array,
  { lambda, scale }: { readonly lambda: number; readonly scale: number },
): Float32Array {
  const weights = new Float32Array(network.length + particles.length + 2);
  weights.set(network);
  weights.set(particles, network.length);
  weights.set([lambda, scale], network.length + particles.length);
  return weights;
}

const MOST_ITERATIONS = 100;

export const collisionMap: StoredMapKind<CollisionConfig> = {
  size: (config) => mlpSize(scoreNetwork(config)) + config.particles * config.dimension + 2,
  title: ({ gamma, particles }) => `collisions of gamma = ${gamma} with ${particles} particles`,
  check: (value, fail) => {
    if (typeof value !== "object" || value === null) return fail("map", cameOf(value), "an object");
    const { dimension, hidden, activation, gamma, constant, separation, step, particles } =
      value as Partial<CollisionConfig>;
    if (dimension !== 2 && dimension !== 3) return fail("map.dimension", cameOf(dimension), "2 or 3");
    if (!(Array.isArray(hidden) && hidden.length > 0 && hidden.every((w) => Number.isInteger(w) && w > 0 && w <= 4096)))
      return fail("map.hidden", cameOf(hidden), "widths from 1 to 4096");
    const isActivation =
      activation?.kind === "tanh" ||
      (activation?.kind === "softplus" && Number.isFinite(activation.beta) && activation.beta > 0);
    if (activation === undefined || !isActivation)
      return fail("map.activation", cameOf(activation), "tanh, or softplus and its beta above 0");
    if (!(typeof step === "number" && step > 0 && Number.isFinite(step)))
      return fail("map.step", cameOf(step), "a number above 0");
    if (!(Number.isInteger(particles) && Number(particles) > 1))
      return fail("map.particles", cameOf(particles), "a whole number above 1");
    const kernel = { gamma: Number(gamma), constant: Number(constant), separation: Number(separation) };
    checkKernel(kernel);
    return { kind: "collision", dimension, hidden, activation, ...kernel, step, particles: Number(particles) };
  },
  open: openCollisionMap,
};

function openCollisionMap(config: CollisionConfig, weights: Float32Array): HostMap & Required<Pick<HostMap, "invert">> {
  const { dimension: d, particles, step: h } = config;
  const size = mlpSize(scoreNetwork(config));
  const network = openMlp(scoreNetwork(config), weights.subarray(0, size));
  const v = Float64Array.from(weights.subarray(size, size + particles * d));
  const [lambda, scale] = weights.subarray(size + particles * d);
  const s = new Float64Array(particles * d);
  const [own, slope] = [new Float64Array(d), new Float64Array(d * d)];
  for (let j = 0; j < particles; j++) {
    network.at(v.subarray(j * d, (j + 1) * d), own, slope);
    s.set(own, j * d);
  }
  const field = openField(config, { d, v, s });
  const mean = meanOf(v, d);
  const drift = createDrift(d);
  const [jacobian, turned] = [new Float64Array(d * d), new Float64Array(d * d)];
  const [image, trial, direction] = [0, 1, 2].map(() => new Float64Array(d));

  /** T(x) into y, I + lambda h G into `jacobian`. */
  const move = (x: ArrayLike<number>, y: Float64Array): void => {
    network.at(x, own, slope);
    field.at(x, own, slope, particles, drift);
    for (let k = 0; k < d; k++) y[k] = mean[k] + scale * (x[k] + lambda * h * drift.g[k] - mean[k]);
    jacobianAt(drift.G, 0, d, lambda * h, jacobian);
  };
  /** Where a map folds it has no log-determinant of a density. */
  const logDet = (): number => {
    const determinant = determinantOf(jacobian, d);
    if (determinant > 0) return log(determinant) + d * log(scale);
    throw new NumericError("a collision map folds at a row: its Jacobian has no determinant above 0 there");
  };
  const missOf = (y: ArrayLike<number>): number => image.reduce((sum, value, k) => sum + (value - y[k]) ** 2, 0);
  return {
    push: (x, y) => {
      move(x, y);
      return logDet();
    },
    invert: (y, x) => {
      x.set(Array.from(y)); // T is near the identity
      const tolerance =
        INVERSE_TOLERANCE * (1 + Math.sqrt(Array.from(y).reduce((sum, value) => sum + value * value, 0)));
      move(x, image);
      let miss = missOf(y);
      for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
        if (Math.sqrt(miss) <= tolerance) return logDet();
        inverseTranspose(jacobian, d, turned);
        for (let k = 0; k < d; k++) {
          direction[k] = 0;
          for (let a = 0; a < d; a++) direction[k] += (turned[a * d + k] * (image[a] - y[a])) / scale;
        }
        let length = 1;
        let next = Number.POSITIVE_INFINITY;
        for (; length > 1e-10; length /= 2) {
          for (let k = 0; k < d; k++) trial[k] = x[k] - length * direction[k];
          move(trial, image);
          next = missOf(y);
          if (next < miss * (1 - length / 2)) break;
        }
        if (!(next < miss)) break;
        x.set(trial);
        miss = next;
      }
      throw new NumericError(
        `the inverse of a collision map did not come nearer than ${Math.sqrt(miss).toExponential(1)} to its row`,
      );
    },
  };
}
