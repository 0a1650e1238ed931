/**
 * What particles v_j with vectors s_j do to a particle at v with a vector s(v): with z = v - v_j, w = s - s_j, a = C |z|^gamma
 *
 *   g(v) = -mean_j A(z) w,     A(v) = mean_j A(z),     G = dg/dv, s_j and v_j fixed:
 *   G    = -mean_j { a [2 w z^T - (z.w) I - z w^T] + gamma a / |z|^2 (|z|^2 w - z (z.w)) z^T } - A(v) ds/dv
 *
 * (Y. Huang, L. Wang, "JKO for Landau", arXiv:2409.12296, IMA J. Numer. Anal. 2026: g is the velocity of its particles.) For
 * gamma = 0 the means are polynomials in v whose coefficients are moments of the particles: O(1) for a row, not O(M).
 * A particle of its own number is no partner: at z = 0 nothing is added, and means are over the others.
 */
import { type CollisionKernel, powerOf, type VelocityDimension } from "./kernel.ts";

/** Velocities v and vectors s, row after row: [n, d] each. */
export interface Cloud {
  readonly d: VelocityDimension;
  readonly v: Float64Array;
  readonly s: Float64Array;
}

/** At one row; matrices row after row, entry (a, k) of G being dg_a/dv_k. */
export interface Drift {
  /** [d] */
  readonly g: Float64Array;
  /** [d, d] */
  readonly G: Float64Array;
  /** [d, d] */
  readonly A: Float64Array;
}

export const createDrift = (d: VelocityDimension): Drift => ({
  g: new Float64Array(d),
  G: new Float64Array(d * d),
  A: new Float64Array(d * d),
});

/** Particles that act on a row. */
export interface Field {
  /**
   * Fills `out` at v [d] with s(v) [d] and ds/dv [d, d]; means are sums over the particles divided by `others`. Gives the number
   * of particles nearer than the kernel's separation.
   */
  at(v: ArrayLike<number>, s: ArrayLike<number>, ds: ArrayLike<number>, others: number, out: Drift): number;
}

export const openField = (kernel: CollisionKernel, cloud: Cloud): Field =>
  kernel.gamma === 0 ? momentField(kernel, cloud) : pairField(kernel, cloud);

/** Adds -A ds to G. */
function addOwnSlope({ G, A }: Drift, ds: ArrayLike<number>, d: VelocityDimension): void {
  for (let a = 0; a < d; a++) {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let b = 0; b < d; b++) sum += A[a * d + b] * ds[b * d + k];
      G[a * d + k] -= sum;
    }
  }
}

/** All pairs, for any gamma. In the plane the third coordinate is 0. */
function pairField({ gamma, constant, separation }: CollisionKernel, { d, v, s }: Cloud): Field {
  const n = v.length / d;
  const third = d === 3 ? 2 : -1;
  const least = separation * separation;
  const nearest = constant * powerOf(gamma, least);
  return {
    at: (x, sx, ds, others, out) => {
      const [x1, x2, x3] = [x[0], x[1], third < 0 ? 0 : x[2]];
      const [s1, s2, s3] = [sx[0], sx[1], third < 0 ? 0 : sx[2]];
      let [g1, g2, g3] = [0, 0, 0];
      let [a11, a12, a13, a22, a23, a33] = [0, 0, 0, 0, 0, 0];
      let [m11, m12, m13, m21, m22, m23, m31, m32, m33] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
      let near = 0;
      for (let j = 0, at = 0; j < n; j++, at += d) {
        const z1 = x1 - v[at];
        const z2 = x2 - v[at + 1];
        const z3 = third < 0 ? 0 : x3 - v[at + 2];
        const squares = z1 * z1 + z2 * z2 + z3 * z3;
        if (squares === 0) continue;
        const w1 = s1 - s[at];
        const w2 = s2 - s[at + 1];
        const w3 = third < 0 ? 0 : s3 - s[at + 2];
        let a = nearest;
        let b = 0;
        if (squares < least) near++;
        else {
          a = constant * powerOf(gamma, squares);
          b = (gamma * a) / squares;
        }
        const zw = z1 * w1 + z2 * w2 + z3 * w3;
        const h1 = squares * w1 - z1 * zw;
        const h2 = squares * w2 - z2 * zw;
        const h3 = squares * w3 - z3 * zw;
        g1 += a * h1;
        g2 += a * h2;
        g3 += a * h3;
        a11 += a * (squares - z1 * z1);
        a12 -= a * z1 * z2;
        a13 -= a * z1 * z3;
        a22 += a * (squares - z2 * z2);
        a23 -= a * z2 * z3;
        a33 += a * (squares - z3 * z3);
        const u1 = 2 * a * w1 + b * h1;
        const u2 = 2 * a * w2 + b * h2;
        const u3 = 2 * a * w3 + b * h3;
        const o = a * zw;
        m11 += u1 * z1 - a * z1 * w1 - o;
        m12 += u1 * z2 - a * z1 * w2;
        m13 += u1 * z3 - a * z1 * w3;
        m21 += u2 * z1 - a * z2 * w1;
        m22 += u2 * z2 - a * z2 * w2 - o;
        m23 += u2 * z3 - a * z2 * w3;
        m31 += u3 * z1 - a * z3 * w1;
        m32 += u3 * z2 - a * z3 * w2;
        m33 += u3 * z3 - a * z3 * w3 - o;
      }
      const { g, G, A } = out;
      if (d === 2) {
        g.set([g1, g2]);
        A.set([a11, a12, a12, a22]);
        G.set([m11, m12, m21, m22]);
      } else {
        g.set([g1, g2, g3]);
        A.set([a11, a12, a13, a12, a22, a23, a13, a23, a33]);
        G.set([m11, m12, m13, m21, m22, m23, m31, m32, m33]);
      }
      for (let k = 0; k < d; k++) g[k] /= -others;
      for (let k = 0; k < d * d; k++) {
        A[k] /= others;
        G[k] /= -others;
      }
      addOwnSlope(out, ds, d);
      return near;
    },
  };
}

/** Moments of a cloud about its mean, x = v - mean v, with s less its mean: means over all particles. */
interface Moments {
  readonly meanV: Float64Array;
  readonly meanS: Float64Array;
  /** E x x^T, E s x^T: [d, d] */
  readonly xx: Float64Array;
  readonly sx: Float64Array;
  /** E |x|^2 s - E x (x.s): [d] */
  readonly cubic: Float64Array;
}

export function meanOf(rows: ArrayLike<number>, d: number): Float64Array {
  const mean = new Float64Array(d);
  const n = rows.length / d;
  for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) mean[k] += rows[i * d + k] / n;
  return mean;
}

function momentsOf({ d, v, s }: Cloud): Moments {
  const n = v.length / d;
  const [meanV, meanS] = [meanOf(v, d), meanOf(s, d)];
  const [xx, sx, cubic] = [new Float64Array(d * d), new Float64Array(d * d), new Float64Array(d)];
  for (let i = 0; i < n; i++) {
    let [squares, dot] = [0, 0];
    for (let k = 0; k < d; k++) {
      const x = v[i * d + k] - meanV[k];
      squares += x * x;
      dot += x * (s[i * d + k] - meanS[k]);
    }
    for (let k = 0; k < d; k++) {
      const x = v[i * d + k] - meanV[k];
      const p = s[i * d + k] - meanS[k];
      cubic[k] += (squares * p - dot * x) / n;
      for (let m = 0; m < d; m++) {
        const y = v[i * d + m] - meanV[m];
        xx[k * d + m] += (x * y) / n;
        sx[k * d + m] += (p * y) / n;
      }
    }
  }
  return { meanV, meanS, xx, sx, cubic };
}

function momentField({ constant }: CollisionKernel, cloud: Cloud): Field {
  const { d } = cloud;
  const n = cloud.v.length / d;
  const { meanV, meanS, xx, sx, cubic } = momentsOf(cloud);
  let [trace, virial] = [0, 0]; // E |x|^2, E x.s
  for (let k = 0; k < d; k++) {
    trace += xx[k * d + k];
    virial += sx[k * d + k];
  }
  const [x, p] = [new Float64Array(d), new Float64Array(d)];
  return {
    at: (v, s, ds, others, out) => {
      const { g, G, A } = out;
      const scale = (constant * n) / others;
      let [squares, dot] = [0, 0];
      for (let k = 0; k < d; k++) {
        x[k] = v[k] - meanV[k];
        p[k] = s[k] - meanS[k];
        squares += x[k] * x[k];
        dot += x[k] * p[k];
      }
      for (let a = 0; a < d; a++) {
        // E |z|^2 w - z (z.w) = (|x|^2 + E|x|^2) p - x (x.p + E x.s) + 2 E[s x^T] x - E[x s^T] x - E[x x^T] p - cubic
        let h = (squares + trace) * p[a] - x[a] * (dot + virial) - cubic[a];
        for (let k = 0; k < d; k++) {
          h += (2 * sx[a * d + k] - sx[k * d + a]) * x[k] - xx[a * d + k] * p[k];
          A[a * d + k] = scale * ((a === k ? squares + trace : 0) - x[a] * x[k] - xx[a * d + k]);
          const wz = p[a] * x[k] + sx[a * d + k];
          const zw = x[a] * p[k] + sx[k * d + a];
          G[a * d + k] = -scale * (2 * wz - zw - (a === k ? dot + virial : 0));
        }
        g[a] = -scale * h;
      }
      addOwnSlope(out, ds, d);
      return 0;
    },
  };
}
