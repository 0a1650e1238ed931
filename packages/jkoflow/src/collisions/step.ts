/**
 * The step of a batch, v -> m + c (v + lambda h g(v) - m): as long as the scheme allows, and with the energy that it had.
 *
 *   J(lambda) = lambda^2 D / 2 - (2/h) [mean log det(I + lambda h G) + d log c]      lambda from 0 to 1, J(0) = 0
 *
 * By the antisymmetry of g the mean m is kept, and |v - m|^2 gains lambda^2 h^2 mean |g|^2 (the first order cancels pair by pair),
 * which c takes back. The least J is taken, so that J <= 0 on the very particles that are moved: H does not rise, for any h.
 */
import { log } from "../random/index.ts";
import { meanOf } from "./field.ts";
import { type CollisionBatch, type Forces, jacobianAt } from "./objective.ts";
import { determinantOf, inverseTranspose } from "./small.ts";

/** A batch, moved. */
export interface Collided {
  /** [n, d] */
  readonly v: Float64Array;
  /** Of the map at each particle, nats: [n] */
  readonly logDet: Float64Array;
  readonly lambda: number;
  /** c */
  readonly scale: number;
  /** J, at most 0. */
  readonly objective: number;
  readonly leastDeterminant: number;
  /** Whether the whole step, of lambda = 1, would fold: det(I + h G) not above 0 somewhere. */
  readonly folds: boolean;
}

/** Parts of the interval of lambda that are looked at at most, and how short it need not be. */
const [LOOKS, SHORT] = [40, 1e-10];

export function collide(batch: CollisionBatch, { g, G, dissipation }: Forces, h: number): Collided {
  const { d, v } = batch;
  const n = v.length / d;
  const mean = meanOf(v, d);
  let [spread, squares] = [0, 0];
  for (let at = 0; at < v.length; at++) {
    spread += (v[at] - mean[at % d]) ** 2;
    squares += g[at] * g[at];
  }
  const gain = spread > 0 ? (h * h * squares) / spread : 0; // of the energy, for lambda = 1
  const matrix = new Float64Array(d * d);
  const turned = new Float64Array(d * d);

  /** J and dJ/dlambda; undefined where the step folds. */
  const at = (lambda: number): { readonly value: number; readonly slope: number } | undefined => {
    let [volume, rate] = [0, 0];
    for (let i = 0; i < n; i++) {
      jacobianAt(G, i, d, lambda * h, matrix);
      const det = inverseTranspose(matrix, d, turned);
      if (!(det > 0)) return undefined;
      volume += log(det) / n;
      for (let k = 0; k < d * d; k++) rate += (turned[k] * h * G[i * d * d + k]) / n;
    }
    const grown = 1 + lambda * lambda * gain;
    const value = (lambda * lambda * dissipation) / 2 - (2 / h) * (volume - (d / 2) * log(grown));
    return { value, slope: lambda * dissipation - (2 / h) * (rate - (d * lambda * gain) / grown) };
  };
  let lambda = 1;
  let found = at(1);
  const folds = found === undefined;
  if (found === undefined || found.slope > 0) {
    // Where a chord of the slope crosses 0, the end that stays twice being halved ("Illinois"); a step that folds has no slope.
    let [low, high] = [0, 1];
    let [below, above] = [at(0)?.slope ?? 0, found?.slope];
    let last: "low" | "high" | undefined;
    for (let look = 0; look < LOOKS && high - low > SHORT && below < 0; look++) {
      const chord = above === undefined ? 0.5 : below / (below - above);
      const middle = low + (high - low) * (chord > 0 && chord < 1 ? chord : 0.5);
      const there = at(middle);
      if (there !== undefined && there.slope <= 0) {
        [low, below] = [middle, there.slope];
        if (last === "low" && above !== undefined) above /= 2;
        last = "low";
      } else {
        [high, above] = [middle, there?.slope];
        if (last === "high") below /= 2;
        last = "high";
      }
    }
    lambda = low;
    found = at(lambda);
  }
  // Where J is not convex a point of slope 0 may lie above 0: shorter steps, down to none.
  while (lambda > 0 && !(found !== undefined && found.value <= 0)) {
    lambda = lambda > 1e-6 ? lambda / 2 : 0;
    found = at(lambda);
  }
  const scale = 1 / Math.sqrt(1 + lambda * lambda * gain);
  const logScale = d * log(scale);
  const moved = v.map((x, k) => mean[k % d] + scale * (x + lambda * h * g[k] - mean[k % d]));
  let least = Number.POSITIVE_INFINITY;
  const logDet = Float64Array.from({ length: n }, (_, i) => {
    jacobianAt(G, i, d, lambda * h, matrix);
    const det = determinantOf(matrix, d);
    least = Math.min(least, det);
    return log(det) + logScale;
  });
  return { v: moved, logDet, lambda, scale, objective: found?.value ?? 0, leastDeterminant: least, folds };
}
