/**
 * The cheap opponent for the Landau equation: random pairs of particles collide, without a density and without a network.
 *
 *   each step, for each pair: v_i + v_j is kept, z = v_i - v_j moves on its sphere by Brownian motion for the time dt, its
 *   variance in each tangent direction being 8 C |z|^gamma dt as an angle
 *
 * The difference of two particles of the Landau equation diffuses with 8 A(z) and drifts by 8 div A(z) / 2 = -4 (d - 1) C |z|^gamma z,
 * which is that motion exactly; momentum and energy are kept. In the manner of K. Nanbu, "Theory of cumulative small-angle
 * collisions in plasmas", Phys. Rev. E 55 (1997), 4642. Its error is that of n independent rows, n^(-1/2), for n operations a step.
 */
import { type CollisionKernel, checkKernel, checkVelocities, powerOf } from "../collisions/kernel.ts";
import { InputError } from "../errors/index.ts";
import { cosTurns, fold, type Key, normal, permutation, sinTurns } from "../random/index.ts";

export interface PairOptions {
  readonly time: number;
  readonly steps: number;
  readonly key: Key;
}

const TURN = 2 * Math.PI;

/**
 * Rows [n, d] after `time`.
 * @throws InputError for dimensions without such collisions, for no kernel, and for times and steps without a meaning.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { pairCollisions } from "jkoflow/evaluate";
 *
 * const kernel = { gamma: 0, constant: 1 / 16, separation: 1e-3 };
 * const rows = random.normal(createKey("velocities"), 200); // [100, 2]
 * const after = pairCollisions(rows, 2, kernel, { time: 0.2, steps: 2, key: createKey(0) });
 * const energy = (v: ArrayLike<number>): number => Array.from(v).reduce((sum, x) => sum + x * x, 0);
 * console.log(after.length, Math.abs(energy(after) / energy(rows) - 1) < 1e-5); // 200 true
 * ```
 */
export function pairCollisions(
  rows: ArrayLike<number>,
  dimension: number,
  kernel: CollisionKernel,
  { time, steps, key }: PairOptions,
): Float64Array {
  const d = checkVelocities(dimension);
  checkKernel(kernel);
  if (!(Number.isInteger(steps) && steps > 0))
    throw new InputError({ where: "steps", came: String(steps), expected: "a whole number above 0" });
  if (!(time >= 0 && Number.isFinite(time)))
    throw new InputError({ where: "time", came: String(time), expected: "a number from 0 on" });
  const v = Float64Array.from(rows);
  const n = Math.floor(v.length / d);
  const pairs = Math.floor(n / 2);
  const least = kernel.separation ** 2;
  const z = new Float64Array(d);
  for (let k = 0; k < steps; k++) {
    const order = permutation(fold(key, "pairs", k), n);
    const noise = normal(fold(key, "angles", k), pairs * (d === 2 ? 1 : 3));
    for (let p = 0; p < pairs; p++) {
      const [i, j] = [order[2 * p] * d, order[2 * p + 1] * d];
      let squares = 0;
      for (let a = 0; a < d; a++) {
        z[a] = v[i + a] - v[j + a];
        squares += z[a] * z[a];
      }
      if (squares === 0) continue;
      const power = powerOf(kernel.gamma, Math.max(squares, least));
      const spread = Math.sqrt((8 * kernel.constant * power * time) / steps);
      if (d === 2) turnInPlane(z, spread * noise[p]);
      else turnOnSphere(z, squares, spread, noise, 3 * p);
      for (let a = 0; a < d; a++) {
        const middle = (v[i + a] + v[j + a]) / 2;
        v[i + a] = middle + z[a] / 2;
        v[j + a] = middle - z[a] / 2;
      }
    }
  }
  return v;
}

function turnInPlane(z: Float64Array, angle: number): void {
  const [cos, sin] = [cosTurns(angle / TURN), sinTurns(angle / TURN)];
  const [x, y] = z;
  z[0] = cos * x - sin * y;
  z[1] = sin * x + cos * y;
}

/** Along a great circle, in the direction of a Gaussian vector less its part along z, by its length. */
function turnOnSphere(z: Float64Array, squares: number, spread: number, noise: Float32Array, from: number): void {
  const along = (z[0] * noise[from] + z[1] * noise[from + 1] + z[2] * noise[from + 2]) / squares;
  const [a, b, c] = [0, 1, 2].map((k) => noise[from + k] - along * z[k]);
  const length = Math.sqrt(a * a + b * b + c * c);
  if (length === 0) return;
  const angle = (spread * length) / TURN;
  const [cos, sin] = [cosTurns(angle), (sinTurns(angle) * Math.sqrt(squares)) / length];
  z[0] = cos * z[0] + sin * a;
  z[1] = cos * z[1] + sin * b;
  z[2] = cos * z[2] + sin * c;
}
