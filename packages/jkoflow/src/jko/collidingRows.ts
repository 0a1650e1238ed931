/** Particles of the Landau equation in training: where they are, their log-density, and what a step does to them. */
import type { Collided } from "../collisions/step.ts";
import type { Key } from "../random/index.ts";

/** Particles that move together, and log f at each, nats. */
export interface CollidingRows {
  readonly key: Key;
  /** [n, d] */
  v: Float64Array;
  readonly logDensity: Float64Array;
  /** So far. */
  steps: number;
  /** Where weights would take them: asked for before they are moved. */
  ahead?: { readonly weights: Float32Array; readonly batches: readonly MovedBatch[] };
}

/** Particles that have collided with each other. */
export interface MovedBatch {
  /** Of particles. */
  readonly indices: Int32Array;
  readonly collided: Collided;
  readonly near: number;
}

/** After a step, or of the start: energy is H = mean log f. */
export interface CollisionMeasures {
  readonly energy: number;
  readonly energyError: number;
  readonly moved: number;
  /** J over all batches, at most 0. */
  readonly objective: number;
  /** The least of lambda, and of det DT. */
  readonly lambda: number;
  readonly determinant: number;
  /** Batches whose whole step would fold. */
  readonly folded: number;
  /** Share of pairs nearer than the separation. */
  readonly near: number;
}

/** Of particles, and of where a step of `batches` would take them; of particles as they are where there are none. */
export function measureCollided(rows: CollidingRows, batches: readonly MovedBatch[], d: number): CollisionMeasures {
  const n = rows.logDensity.length;
  const after = rows.logDensity.slice();
  let [moved, objective, lambda, least, near, pairs] = [0, 0, 1, 1, 0, 0];
  for (const { indices, collided, near: close } of batches) {
    indices.forEach((i, at) => {
      after[i] -= collided.logDet[at];
      for (let k = 0; k < d; k++) moved += (collided.v[at * d + k] - rows.v[i * d + k]) ** 2 / n;
    });
    objective += collided.objective / batches.length;
    lambda = Math.min(lambda, collided.lambda);
    least = Math.min(least, collided.leastDeterminant);
    near += close;
    pairs += indices.length * (indices.length - 1);
  }
  const folded = batches.filter(({ collided }) => collided.folds).length;
  const energy = after.reduce((sum, value) => sum + value, 0) / n;
  const variance = after.reduce((sum, value) => sum + (value - energy) ** 2, 0) / n;
  const energyError = Math.sqrt(variance / n);
  const close = pairs > 0 ? near / pairs : 0;
  return { energy, energyError, moved, objective, lambda, determinant: least, folded, near: close };
}
