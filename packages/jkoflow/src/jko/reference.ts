/**
 * The reference measure of a lower bound (functionals/bound.ts), made anew for each step from rows of the density that the step
 * begins with: in units u = W (y - c) in which they have mean 0 and covariance I it is N(0, I), or uniform on a ball.
 */
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { fitGaussian } from "../evaluate/gaussian.ts";
import type { Reference } from "../functionals/index.ts";
import { exp, fold, halfLog2Pi, type Key, log, normal, uniform } from "../random/index.ts";
import { createPool, type Pool } from "../train/index.ts";

/** What a reference is told by: moments of rows, and how far a ball around them reaches. */
export interface Units {
  /** [d] */
  readonly mean: Float64Array;
  /** Root mean square of each column about its mean: [d] */
  readonly spread: Float64Array;
  /** c, W and level, as they stand at the start of a critic's weights. */
  readonly flat: Float32Array;
  /** Of the ball; 1 for a normal reference. */
  readonly radius: number;
}

/** A ball reaches this much farther than the farthest row: a step must not carry rows out of it. */
const MARGIN = 1.25;

/** Of rows [n, d]. @throws InputError for rows that all lie in a plane. */
export function unitsOf(rows: Float32Array, d: number, reference: Reference): Units {
  const n = rows.length / d;
  const { mean, covariance, whitener, ridge } = fitGaussian(rows, n, d);
  if (ridge > 0)
    throw new InputError({ where: "start", came: "rows that lie in a plane", expected: "rows that have a density" });
  let farthest = 0;
  for (let i = 0; reference === "ball" && i < n; i++) {
    let squares = 0;
    for (let r = 0; r < d; r++) {
      let u = 0;
      for (let k = 0; k <= r; k++) u += whitener[r * d + k] * (rows[i * d + k] - mean[k]);
      squares += u * u;
    }
    farthest = Math.max(farthest, squares);
  }
  const radius = reference === "ball" ? MARGIN * Math.sqrt(farthest) : 1;
  let level = reference === "ball" ? -logBall(d, radius) : -d * halfLog2Pi;
  for (let k = 0; k < d; k++) level += log(whitener[k * (d + 1)]);
  const spread = Float64Array.from({ length: d }, (_, k) => Math.sqrt(covariance[k * (d + 1)]));
  return { mean, spread, flat: Float32Array.from([...mean, ...whitener, level]), radius };
}

/** ln of the volume of a ball: V_d = V_(d-2) 2 pi / d, V_0 = 1, V_1 = 2. */
function logBall(d: number, radius: number): number {
  let sum = d % 2 === 0 ? 0 : log(2);
  for (let k = d; k > 1; k -= 2) sum += log((2 * Math.PI) / k);
  return sum + d * log(radius);
}

/** n rows of a reference, in its units: [n, d]. */
export function drawReference(key: Key, n: number, d: number, reference: Reference, radius: number): Float32Array {
  const z = normal(fold(key, "directions"), n * d);
  if (reference === "normal") return z;
  const shares = uniform(fold(key, "radii"), n);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let k = 0; k < d; k++) squares += z[i * d + k] ** 2;
    const factor = (radius * exp(log(shares[i]) / d)) / Math.sqrt(squares);
    for (let k = 0; k < d; k++) z[i * d + k] *= factor;
  }
  return z;
}

/** The reference of the step that is trained. */
export interface ReferenceRows {
  /** Made for rows [n, d]; the one before it is given back. */
  begin(rows: Float32Array, key: Key): Units;
  /** Of the last step that began. @throws Error before the first. */
  pool(): Pool;
  dispose(): void;
}

export function createReference(engine: Engine, d: number, reference: Reference, batchSize: number): ReferenceRows {
  let pool: Pool | undefined;
  return {
    begin: (rows, key) => {
      const units = unitsOf(rows, d, reference);
      pool?.table.dispose();
      const draw = (from: Key, numbers: number) => drawReference(from, numbers / d, d, reference, units.radius);
      pool = createPool(engine, d, key, batchSize, draw);
      return units;
    },
    pool: () => {
      if (!pool) throw new Error("a reference before its first step");
      return pool;
    },
    dispose: () => pool?.table.dispose(),
  };
}
