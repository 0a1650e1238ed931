/**
 * One step of the scheme for the Landau equation, over particles v_i with vectors s_i = s(v_i), the step being v -> v + h g(v)
 * (field.ts): up to constants and divided by h^2 it minimises
 *
 *   J = (1/2) mean_ij |s_i - s_j|_A^2 - (2/h) mean_i log det(I + h G_i),     mean_ij |s_i - s_j|_A^2 = -2 mean_i s_i.g_i
 *
 * (Y. Huang, L. Wang, arXiv:2409.12296). J = 0 for s = 0. Where J <= 0 on the very particles that are moved, mean log det >= 0 and
 * H = mean log f does not rise, whatever h is. For small h the minimiser is grad log f. With log det(I + h G) replaced by
 * h tr G ("trace") J is implicit score matching, weighted by A, and says nothing of H.
 *
 * J is no mean over rows, but its derivatives by s_i and ds_i are rows, with L_i = (I + h G_i)^-T, or I for the trace:
 *
 *   dJ/ds_i = -(2/n) g_i + (2/n) mean_j q(z_ij; L_i + L_j)      (pullback.ts)
 *   dJ/d(ds_i) = (2/n) A_i L_i
 */
import { log } from "../random/index.ts";
import { type Cloud, createDrift, openField } from "./field.ts";
import type { CollisionKernel } from "./kernel.ts";
import { pullback } from "./pullback.ts";
import { determinantOf, inverseTranspose } from "./small.ts";

/** Particles with s and its Jacobian: ds [n, d, d], entry (a, k) being ds_a/dv_k. */
export interface CollisionBatch extends Cloud {
  readonly ds: Float64Array;
}

/** What a batch does to its own particles: g [n, d], G and A [n, d, d]. */
export interface Forces {
  readonly g: Float64Array;
  readonly G: Float64Array;
  readonly A: Float64Array;
  /** mean_ij |s_i - s_j|_A^2 over pairs of two: the rate at which H falls is half of it. */
  readonly dissipation: number;
  /** Pairs, each from both ends, nearer than the kernel's separation. */
  readonly near: number;
}

export type DeterminantKind = "exact" | "trace";

export function forcesOf(kernel: CollisionKernel, batch: CollisionBatch): Forces {
  const { d, v, s, ds } = batch;
  const n = v.length / d;
  const [g, G, A] = [new Float64Array(n * d), new Float64Array(n * d * d), new Float64Array(n * d * d)];
  const field = openField(kernel, batch);
  const drift = createDrift(d);
  let [near, dissipation] = [0, 0];
  for (let i = 0; i < n; i++) {
    const [row, matrix] = [i * d, i * d * d];
    near += field.at(
      v.subarray(row, row + d),
      s.subarray(row, row + d),
      ds.subarray(matrix, matrix + d * d),
      n - 1,
      drift,
    );
    g.set(drift.g, row);
    G.set(drift.G, matrix);
    A.set(drift.A, matrix);
    for (let k = 0; k < d; k++) dissipation -= (2 * s[row + k] * drift.g[k]) / n;
  }
  return { g, G, A, dissipation, near };
}

/** J, its derivatives, and the least det(I + h G). */
export interface Objective {
  readonly value: number;
  /** [n, d] */
  readonly byS: Float64Array;
  /** [n, d, d] */
  readonly bySlope: Float64Array;
  readonly leastDeterminant: number;
}

/** I + factor G_i into `to`. */
export function jacobianAt(G: Float64Array, i: number, d: number, factor: number, to: Float64Array): void {
  const size = d * d;
  for (let k = 0; k < size; k++) to[k] = factor * G[i * size + k] + (k % (d + 1) === 0 ? 1 : 0);
}

/** Undefined, for the exact determinant, where one is not above 0: the step folds. */
export function objectiveOf(
  kernel: CollisionKernel,
  batch: CollisionBatch,
  h: number,
  determinant: DeterminantKind,
  { g, G, A, dissipation } = forcesOf(kernel, batch),
): Objective | undefined {
  const { d, v } = batch;
  const n = v.length / d;
  const L = new Float64Array(n * d * d);
  const jacobian = new Float64Array(d * d);
  const turned = new Float64Array(d * d);
  let [volume, least] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    jacobianAt(G, i, d, h, jacobian);
    if (determinant === "trace") {
      for (let k = 0; k < d; k++) {
        L[i * d * d + k * (d + 1)] = 1;
        volume += (h * G[i * d * d + k * (d + 1)]) / n;
      }
      least = Math.min(least, determinantOf(jacobian, d));
      continue;
    }
    const det = inverseTranspose(jacobian, d, turned);
    if (!(det > 0)) return undefined;
    least = Math.min(least, det);
    volume += log(det) / n;
    L.set(turned, i * d * d);
  }
  const byS = pullback(kernel, batch, L);
  for (let k = 0; k < byS.length; k++) byS[k] = (2 / n) * (byS[k] - g[k]);
  const bySlope = new Float64Array(n * d * d);
  for (let i = 0; i < n; i++) {
    const at = i * d * d;
    for (let a = 0; a < d; a++) {
      for (let k = 0; k < d; k++) {
        let sum = 0;
        for (let b = 0; b < d; b++) sum += A[at + a * d + b] * L[at + b * d + k];
        bySlope[at + a * d + k] = (2 / n) * sum;
      }
    }
  }
  return { value: dissipation / 2 - (2 / h) * volume, byS, bySlope, leastDeterminant: least };
}
