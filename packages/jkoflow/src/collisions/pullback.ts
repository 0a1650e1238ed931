/**
 * The derivative of sum_i <L_i, G_i> by s: what a weight L_i [d, d] on the Jacobian of each particle pulls at the vectors. With
 * z = v_i - v_j and a = C |z|^gamma,
 *
 *   d/ds_i = -mean_j q(z; L_i + L_j),     q(z; L) = a { 2 L z - tr(L) z - L^T z + gamma [L z - z (z^T L z) / |z|^2] }
 *
 * by the transpose of the formula of G in field.ts; q(z; I) = div A(z). It is odd in z, so that the sum over all particles is 0.
 */
import { type Cloud, meanOf } from "./field.ts";
import { type CollisionKernel, powerOf } from "./kernel.ts";

/** mean_j q(v_i - v_j; L_i + L_j) over the others, of weights L [n, d, d]: [n, d] */
export const pullback = (
  kernel: CollisionKernel,
  cloud: Pick<Cloud, "d" | "v">,
  weights: Float64Array,
): Float64Array => (kernel.gamma === 0 ? momentPull(kernel, cloud, weights) : pairPull(kernel, cloud, weights));

function pairPull(
  { gamma, constant, separation }: CollisionKernel,
  { d, v }: Pick<Cloud, "d" | "v">,
  weights: Float64Array,
): Float64Array {
  const n = v.length / d;
  const out = new Float64Array(n * d);
  const least = separation * separation;
  const nearest = constant * powerOf(gamma, least);
  const isSpace = d === 3;
  for (let i = 0; i < n; i++) {
    const [ai, li] = [i * d, i * d * d];
    for (let j = 0; j < i; j++) {
      const [aj, lj] = [j * d, j * d * d];
      const z1 = v[ai] - v[aj];
      const z2 = v[ai + 1] - v[aj + 1];
      const z3 = isSpace ? v[ai + 2] - v[aj + 2] : 0;
      const squares = z1 * z1 + z2 * z2 + z3 * z3;
      if (squares === 0) continue;
      const isNear = squares < least;
      const a = isNear ? nearest : constant * powerOf(gamma, squares);
      const c = isNear ? 0 : gamma;
      let [y1, y2, y3, t1, t2, t3, trace] = [0, 0, 0, 0, 0, 0, 0]; // L z, L^T z, tr L
      if (isSpace) {
        const l11 = weights[li] + weights[lj];
        const l12 = weights[li + 1] + weights[lj + 1];
        const l13 = weights[li + 2] + weights[lj + 2];
        const l21 = weights[li + 3] + weights[lj + 3];
        const l22 = weights[li + 4] + weights[lj + 4];
        const l23 = weights[li + 5] + weights[lj + 5];
        const l31 = weights[li + 6] + weights[lj + 6];
        const l32 = weights[li + 7] + weights[lj + 7];
        const l33 = weights[li + 8] + weights[lj + 8];
        y1 = l11 * z1 + l12 * z2 + l13 * z3;
        y2 = l21 * z1 + l22 * z2 + l23 * z3;
        y3 = l31 * z1 + l32 * z2 + l33 * z3;
        t1 = l11 * z1 + l21 * z2 + l31 * z3;
        t2 = l12 * z1 + l22 * z2 + l32 * z3;
        t3 = l13 * z1 + l23 * z2 + l33 * z3;
        trace = l11 + l22 + l33;
      } else {
        const l11 = weights[li] + weights[lj];
        const l12 = weights[li + 1] + weights[lj + 1];
        const l21 = weights[li + 2] + weights[lj + 2];
        const l22 = weights[li + 3] + weights[lj + 3];
        y1 = l11 * z1 + l12 * z2;
        y2 = l21 * z1 + l22 * z2;
        t1 = l11 * z1 + l21 * z2;
        t2 = l12 * z1 + l22 * z2;
        trace = l11 + l22;
      }
      const along = (c * (z1 * y1 + z2 * y2 + z3 * y3)) / squares + trace;
      const q1 = a * ((2 + c) * y1 - t1 - along * z1);
      const q2 = a * ((2 + c) * y2 - t2 - along * z2);
      out[ai] += q1;
      out[aj] -= q1;
      out[ai + 1] += q2;
      out[aj + 1] -= q2;
      if (!isSpace) continue;
      const q3 = a * ((2 + c) * y3 - t3 - along * z3);
      out[ai + 2] += q3;
      out[aj + 2] -= q3;
    }
  }
  return out.map((sum) => sum / (n - 1));
}

/** M(L) x with M(L) = 2 L - tr(L) I - L^T is linear in both: the mean over j is M(L_i) x_i + M(mean L) x_i - mean_j M(L_j) x_j. */
function momentPull(
  { constant }: CollisionKernel,
  { d, v }: Pick<Cloud, "d" | "v">,
  weights: Float64Array,
): Float64Array {
  const n = v.length / d;
  const [mean, meanL] = [meanOf(v, d), meanOf(weights, d * d)];
  const out = new Float64Array(n * d);
  const meanOwn = new Float64Array(d); // mean_j M(L_j) x_j
  const addM = (L: Float64Array, from: number, i: number, to: Float64Array, place: number): void => {
    let trace = 0;
    for (let k = 0; k < d; k++) trace += L[from + k * d + k];
    for (let a = 0; a < d; a++) {
      let sum = -trace * (v[i * d + a] - mean[a]);
      for (let k = 0; k < d; k++) sum += (2 * L[from + a * d + k] - L[from + k * d + a]) * (v[i * d + k] - mean[k]);
      to[place + a] += sum;
    }
  };
  for (let i = 0; i < n; i++) {
    addM(weights, i * d * d, i, out, i * d);
    for (let a = 0; a < d; a++) meanOwn[a] += out[i * d + a] / n;
    addM(meanL, 0, i, out, i * d);
  }
  const scale = (constant * n) / (n - 1);
  return out.map((sum, at) => scale * (sum - meanOwn[at % d]));
}
