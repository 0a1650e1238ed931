/**
 * F of a density on the line that is constant in cells, with its gradient and Hessian in the places of the cells' ends.
 *
 * Cell i has the mass c_i, which stays, and ends at x_i < x_i+1: r_i = c_i / D_i, D_i = x_i+1 - x_i.
 *
 *   internal     int f(rho)             sum_i D_i f(r_i)                          d/dD = f - r f',   d2/dD2 = r^2 f'' / D
 *   potential    int V rho              sum_i c_i (mean of V over cell i, by three points of Gauss, right up to degree 5)
 *   interaction  1/2 int int W rho rho  -1/2 sum_kl s_k s_l G(x_k - x_l),   G'' = W,  s_k = r_k-1 - r_k, the jump at x_k
 *
 * The last is exact as well: the double integral of W over two cells is a sum of G at the four distances of their ends. With
 * d the differential, and p_k = sum_l s_l G, q_k = sum_l s_l G', w_k = sum_{l != k} s_l W at x_k - x_l,
 *
 *   dE   = - sum_k p_k ds_k - sum_k s_k q_k dx_k
 *   d2E  = - sum_kl G ds_k ds_l - 2 sum_k q_k dx_k ds_k - 2 sum_kl s_k G' dx_k ds_l
 *          - sum_k s_k w_k dx_k^2 + sum_{k != l} s_k s_l W dx_k dx_l - sum_k p_k d2s_k
 */

/** A function of a number with its derivatives. */
export interface Smooth {
  at(x: number): number;
  slope(x: number): number;
  curvature(x: number): number;
}

/** An even kernel W by a function G with G'' = W (`curvature`), even, with G' (`slope`) odd; W is not asked for at 0. */
export type LineKernel = Smooth;

/** The terms that F has. */
export interface LineFunctional {
  /** f of a density, convex: rho log rho, rho^2. */
  readonly internal?: Smooth;
  readonly potential?: Smooth;
  readonly interaction?: LineKernel;
}

/** A symmetric matrix by its diagonal [n] and the entries beside it [n - 1], with a full part [n, n] where there is one. */
export interface LineHessian {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  readonly full?: Float64Array;
}

/** F with its derivatives in the ends of cells. */
export interface LineEnergy {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: LineHessian;
}

/** rho log rho */
export const lineEntropy: Smooth = {
  at: (r) => r * Math.log(r),
  slope: (r) => Math.log(r) + 1,
  curvature: (r) => 1 / r,
};

/** c rho^m */
export const linePower = (m: number, c = 1): Smooth => ({
  at: (r) => c * r ** m,
  slope: (r) => c * m * r ** (m - 1),
  curvature: (r) => c * m * (m - 1) * r ** (m - 2),
});

/** W = x^2 / 2 - log |x| */
export const logarithmicKernel: LineKernel = {
  at: (z) => (z === 0 ? 0 : z ** 4 / 24 - (z * z * Math.log(Math.abs(z))) / 2 + (3 / 4) * z * z),
  slope: (z) => (z === 0 ? 0 : z ** 3 / 6 - z * Math.log(Math.abs(z)) + z),
  curvature: (z) => z ** 2 / 2 - Math.log(Math.abs(z)),
};

const GAUSS = [
  [(1 - Math.sqrt(3 / 5)) / 2, 5 / 18],
  [1 / 2, 4 / 9],
  [(1 + Math.sqrt(3 / 5)) / 2, 5 / 18],
] as const;

/** mass [n], nodes [n + 1] rising. */
export function lineEnergy(functional: LineFunctional, mass: Float64Array, nodes: Float64Array): LineEnergy {
  const { internal, potential, interaction } = functional;
  const n = mass.length;
  const gradient = new Float64Array(n + 1);
  const diagonal = new Float64Array(n + 1);
  const beside = new Float64Array(n);
  let value = 0;
  /** Slope and curvature of a term in D_i. */
  const alongWidth = (i: number, slope: number, curvature: number): void => {
    gradient[i] -= slope;
    gradient[i + 1] += slope;
    diagonal[i] += curvature;
    diagonal[i + 1] += curvature;
    beside[i] -= curvature;
  };
  for (let i = 0; i < n; i++) {
    const [c, left, width] = [mass[i], nodes[i], nodes[i + 1] - nodes[i]];
    const r = c / width;
    if (internal) {
      value += width * internal.at(r);
      alongWidth(i, internal.at(r) - r * internal.slope(r), (r * r * internal.curvature(r)) / width);
    }
    if (potential) {
      for (const [place, weight] of GAUSS) {
        const [x, share] = [left + place * width, c * weight];
        const [slope, curvature] = [share * potential.slope(x), share * potential.curvature(x)];
        value += share * potential.at(x);
        gradient[i] += (1 - place) * slope;
        gradient[i + 1] += place * slope;
        diagonal[i] += (1 - place) ** 2 * curvature;
        diagonal[i + 1] += place ** 2 * curvature;
        beside[i] += place * (1 - place) * curvature;
      }
    }
  }
  if (!interaction) return { value, gradient, hessian: { diagonal, beside } };
  const pairs = pairEnergy(interaction, mass, nodes);
  pairs.alongWidth.forEach(([slope, curvature], i) => {
    alongWidth(i, slope, curvature);
  });
  pairs.gradient.forEach((v, k) => {
    gradient[k] += v;
  });
  return { value: value + pairs.value, gradient, hessian: { diagonal, beside, full: pairs.full } };
}

/** The interaction; what goes through densities alone is given by widths: slope, and the curvature of p_k d2s_k. */
function pairEnergy(kernel: LineKernel, mass: Float64Array, nodes: Float64Array) {
  const [n, m] = [mass.length, nodes.length];
  const density = mass.map((c, i) => c / (nodes[i + 1] - nodes[i]));
  const steep = mass.map((c, i) => -c / (nodes[i + 1] - nodes[i]) ** 2); // dr/dD
  const jump = Float64Array.from(nodes, (_, k) => (density[k - 1] ?? 0) - (density[k] ?? 0)); // s
  const [G, A] = [new Float64Array(m * m), new Float64Array(m * m)]; // A_kl = s_k G'(x_k - x_l)
  const full = new Float64Array(m * m);
  const [p, q] = [new Float64Array(m), new Float64Array(m)];
  for (let k = 0; k < m; k++) {
    for (let l = 0; l < m; l++) {
      const z = nodes[k] - nodes[l];
      const slope = kernel.slope(z);
      G[k * m + l] = kernel.at(z);
      A[k * m + l] = jump[k] * slope;
      p[k] += jump[l] * G[k * m + l];
      q[k] += jump[l] * slope;
      if (k === l) continue;
      const both = jump[k] * jump[l] * kernel.curvature(z);
      full[k * m + l] += both;
      full[k * m + k] -= both;
    }
    A[k * m + k] += q[k];
  }
  /** M S for ds = S dx: ds_k = dr_k-1 - dr_k, dr_i = steep_i (dx_i+1 - dx_i). */
  const timesS = (M: Float64Array): Float64Array => {
    const out = new Float64Array(m * m);
    for (let k = 0; k < m; k++) {
      for (let i = 0; i < n; i++) {
        const byDensity = (M[k * m + i + 1] - M[k * m + i]) * steep[i];
        out[k * m + i + 1] += byDensity;
        out[k * m + i] -= byDensity;
      }
    }
    return out;
  };
  const transposed = (M: Float64Array): Float64Array =>
    Float64Array.from(M, (_, at) => M[(at % m) * m + Math.floor(at / m)]);
  const quadratic = timesS(transposed(timesS(G))); // S^T G S, G being symmetric
  const mixed = timesS(A);
  for (let k = 0; k < m; k++) {
    for (let l = 0; l < m; l++) full[k * m + l] -= quadratic[k * m + l] + mixed[k * m + l] + mixed[l * m + k];
  }
  const alongWidth = Array.from(mass, (c, i): readonly [number, number] => {
    const pull = -(p[i + 1] - p[i]); // dE/dr_i
    return [pull * steep[i], (pull * 2 * c) / (nodes[i + 1] - nodes[i]) ** 3];
  });
  return {
    value: -jump.reduce((sum, s, k) => sum + s * p[k], 0) / 2,
    gradient: jump.map((s, k) => -s * q[k]),
    full,
    alongWidth,
  };
}
