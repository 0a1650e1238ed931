/**
 * The reference measure of a lower bound (functionals/bound.ts), made anew for each step from rows of the density that the step
 * begins with: in units u = W (y - c) in which they have mean 0 and covariance I it is N(0, I), or uniform on a ball; or rows that
 * are given, in those units.
 */
import type { Engine, Table } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { fitGaussian } from "../evaluate/gaussian.ts";
import type { Reference } from "../functionals/index.ts";
import { exp, fold, halfLog2Pi, integers, type Key, log, normal, uniform } from "../random/index.ts";
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
  /** For turns, of the last step that began. @throws Error before the first. */
  pool(): Pool;
  /** For what is reported, [m, d]: where the reference is given rows, those that no turn is made of. @throws Error before the first. */
  heldOut(): Table;
  dispose(): void;
}

/** Of given rows one in so many is held out. */
const HELD = 5;

/** `target`: the rows [n, d] of a reference that is given by rows. */
export function createReference(
  engine: Engine,
  d: number,
  reference: Reference,
  batchSize: number,
  target?: Float32Array,
): ReferenceRows {
  let pools: { readonly pool: Pool; readonly heldOut: Table } | undefined;
  const dispose = (): void => {
    for (const table of new Set(pools ? [pools.pool.table, pools.heldOut] : [])) table.dispose();
  };
  const make = (key: Key, draw: (from: Key, n: number) => Float32Array): Pool =>
    createPool(engine, d, key, batchSize, (from, numbers) => draw(from, numbers / d));
  const need = (): NonNullable<typeof pools> => {
    if (!pools) throw new Error("a reference before its first step");
    return pools;
  };
  return {
    begin: (rows, key) => {
      const units = unitsOf(rows, d, reference);
      dispose();
      if (target) {
        const u = inUnits(target, d, units.flat);
        const [train, held] = [false, true].map((isHeld) => rowsWhere(u, d, (row) => (row % HELD === 0) === isHeld));
        const pool = make(key, (from, n) => pickRows(train, d, from, n));
        pools = { pool, heldOut: engine.table(held.length / d, d, held) };
      } else {
        const pool = make(key, (from, n) => drawReference(from, n, d, reference, units.radius));
        pools = { pool, heldOut: pool.table };
      }
      return units;
    },
    pool: () => need().pool,
    heldOut: () => need().heldOut,
    dispose,
  };
}

/** Rows [n, d] as W (y - c), W lower triangular; `flat` begins with c and W. */
function inUnits(rows: Float32Array, d: number, flat: Float32Array): Float32Array {
  const [centre, whitener] = [flat.subarray(0, d), flat.subarray(d)];
  return Float32Array.from(rows, (_, at) => {
    const [row, r] = [at - (at % d), at % d];
    let u = 0;
    for (let k = 0; k <= r; k++) u += whitener[r * d + k] * (rows[row + k] - centre[k]);
    return u;
  });
}

/** Those rows of [n, d] for whose number that holds. */
const rowsWhere = (rows: Float32Array, d: number, holds: (row: number) => boolean): Float32Array =>
  rows.filter((_, at) => holds(Math.floor(at / d)));

/** n of the rows [m, d], with repetition. */
function pickRows(rows: Float32Array, d: number, key: Key, n: number): Float32Array {
  const picked = new Float32Array(n * d);
  integers(key, n, 0, rows.length / d).forEach((row, i) => {
    picked.set(rows.subarray(row * d, row * d + d), i * d);
  });
  return picked;
}
