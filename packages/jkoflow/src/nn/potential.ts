/**
 * The residual potential of OT-Flow with its exact gradient and Laplacian.
 *
 * D. Onken, S. Wu Fung, X. Li, L. Ruthotto, "OT-Flow", AAAI 2021, arXiv:2006.00104, sections "Neural network" and "Hessian
 * trace". With s = (x, t), time last, sigma(u) = log(e^u + e^-u), sigma' = tanh, eta = 1/M:
 *
 *   Phi(s) = w . u_M + |A s|^2 / 2 + b . s + c
 *   a_0 = K_0 s + b_0, u_0 = sigma(a_0);    a_i = K_i u_{i-1} + b_i, u_i = u_{i-1} + eta sigma(a_i),  i = 1 ... M
 *   gradient   z_{M+1} = w,  z_i = z_{i+1} + eta K_i^T (tanh a_i o z_{i+1}),  dPhi/ds = K_0^T (tanh a_0 o z_1) + A^T A s + b
 *   Laplacian  t_i = sum_j (1 - tanh^2 a_i)_j (z_{i+1})_j sum_k (P_i)_jk^2,  P_i = K_i J_{i-1}, J_i = J_{i-1} + eta diag(tanh a_i) P_i
 *              tr = t_0 + eta sum_i t_i + |A_x|^2,  with P_0 the columns of K_0 of x, J_0 = diag(tanh a_0) P_0
 *
 * P_1 is linear in D = tanh a_0: column k of P_1 is D times the matrix diag(K_0 e_k) K_1^T, so all d columns are one product
 * of D with a matrix of d blocks that is made once per update. The published runs have M = 1.
 */
import {
  add,
  affine,
  concat,
  type Graph,
  groupDot,
  matmul,
  mul,
  type Node,
  type Operand,
  rowDot,
  rowSum,
  scale,
  slice,
  softplus,
  square,
  sub,
  tanh,
  transpose,
} from "../graph/index.ts";
import { fold, type Key, uniform } from "../random/index.ts";

export interface PotentialConfig {
  readonly kind: "potential";
  /** Columns d of the data. */
  readonly dimension: number;
  /** m, the width of every layer. */
  readonly width: number;
  /** M, the residual layers after the opening one; default 1. */
  readonly layers?: number;
  /** Rows of A; default min(10, d + 1). */
  readonly rank?: number;
  /** Factor of K_0 and b_0 at the start; default 1. Above that the tanh begin steep: fine structure is found sooner. */
  readonly openingScale?: number;
  /** alpha_L in v = -grad Phi / alpha_L; default 1. */
  readonly inertia?: number;
  /** A potential has no covariates. */
  readonly condition?: undefined;
}

export interface Potential {
  readonly config: PotentialConfig;
  /** In the order of the flat array: K_0, b_0, K_1, b_1, ..., w, A, b, c. */
  readonly parameters: readonly Node[];
  at(x: Node, t: Operand): PotentialValue;
}

export interface PotentialValue {
  readonly value: Node; // [B, 1]
  readonly gradient: Node; // [B, d], with respect to x
  readonly rate: Node; // [B, 1], dPhi/dt
  readonly laplacian: Node; // [B, 1], with respect to x
}

const rankOf = ({ dimension, rank = Math.min(10, dimension + 1) }: PotentialConfig): number => rank;

/** Shapes of the parameters, in their order. */
export function shapesOf(config: PotentialConfig): readonly (readonly [name: string, rows: number, cols: number])[] {
  const { dimension: d, width: m, layers = 1 } = config;
  const residual = Array.from({ length: layers }, (_, i) => [
    [`K${i + 1}`, m, m] as const,
    [`b${i + 1}`, 1, m] as const,
  ]).flat();
  const ends = [["w", 1, m] as const, ["A", rankOf(config), d + 1] as const, ["b", 1, d + 1] as const];
  return [["K0", m, d + 1], ["b0", 1, m], ...residual, ...ends, ["c", 1, 1]];
}

/** (d + 1) m + m + M (m^2 + m) + m + r (d + 1) + (d + 1) + 1 numbers. */
export const potentialSize = (config: PotentialConfig): number =>
  shapesOf(config).reduce((sum, [, rows, cols]) => sum + rows * cols, 0);

/**
 * First parameters: w = 1, b = c = 0, A by Xavier's rule, layers uniform in +-1/sqrt(fan in), layers 2 ... M as copies of
 * layer 1. `openingScale` multiplies K_0 and b_0. `outputScale` multiplies w and A; 0 makes the flow exactly the identity,
 * and leaves A without a gradient.
 */
export function initPotential(config: PotentialConfig, key: Key, outputScale = 1): Float32Array {
  const { dimension: d, width: m, openingScale = 1 } = config;
  const values = new Float32Array(potentialSize(config));
  let offset = 0;
  for (const [name, rows, cols] of shapesOf(config)) {
    const layer = /^[Kb][0-9]/.test(name);
    const drawn = layer && !/[01]$/.test(name) ? `${name[0]}1` : name;
    const bound =
      name === "A"
        ? outputScale * Math.sqrt(6 / (rows + cols))
        : name.endsWith("0")
          ? openingScale / Math.sqrt(d + 1)
          : 1 / Math.sqrt(m);
    const numbers = layer || name === "A" ? uniform(fold(key, drawn), rows * cols) : undefined;
    for (let i = 0; i < rows * cols; i++) {
      values[offset + i] = numbers ? bound * (2 * numbers[i] - 1) : name === "w" ? outputScale : 0;
    }
    offset += rows * cols;
  }
  return values;
}

/** Columns of the parts behind one another, as a balanced tree: linear pieces would be copied again and again. */
function concatAll(parts: readonly Node[]): Node {
  if (parts.length === 1) return parts[0];
  const half = parts.length >> 1;
  return concat(concatAll(parts.slice(0, half)), concatAll(parts.slice(half)));
}

/**
 * Declares the potential's parameters in a graph, their names beginning with `prefix`; `at` gives Phi, grad Phi, dPhi/dt
 * and the Laplacian at rows x `[B, d]` and time t (the formulas above: OT-Flow, arXiv:2006.00104).
 */
export function createPotential(graph: Graph, config: PotentialConfig, prefix = ""): Potential {
  const { dimension: d, layers: M = 1 } = config;
  const parameters = shapesOf(config).map(([name, rows, cols]) => graph.parameter(prefix + name, rows, cols));
  const [K0, b0, ...rest] = parameters;
  const hidden = Array.from({ length: M }, (_, i) => ({ K: rest[2 * i], b: rest[2 * i + 1] }));
  const [w, A, b, c] = rest.slice(2 * M);
  const eta = 1 / M;
  const [K0x, K0t] = [slice(K0, 0, d), slice(K0, d, d + 1)]; // [m, d], [m, 1]
  const [Ax, At] = [slice(A, 0, d), slice(A, d, d + 1)]; // [r, d], [r, 1]
  const [bx, bt] = [slice(b, 0, d), slice(b, d, d + 1)];
  const squares = transpose(rowSum(square(K0x))); // [1, m]
  const flat = rowSum(transpose(rowSum(square(Ax)))); // [1, 1], the part of A in the Laplacian

  /** P_1 for all k: [m, d m]. */
  const blocks = concatAll(
    Array.from({ length: d }, (_, k) => mul(transpose(hidden[0].K), slice(K0x, k, k + 1))), // [m, m] each
  );
  /** sum_k (P_i)_jk^2 for i = 1 ... M, each [B, m]. */
  const rowsOfP = (tanhs: readonly Node[]): Node[] => {
    const first = matmul(tanhs[0], blocks); // [B, d m]
    const sums = [groupDot(first, first, config.width)];
    if (M === 1) return sums;
    for (let k = 0; k < d; k++) {
      let P = slice(first, k * config.width, (k + 1) * config.width);
      let J = mul(tanhs[0], transpose(slice(K0x, k, k + 1)));
      for (let i = 1; i < M; i++) {
        J = add(J, scale(mul(tanhs[i], P), eta));
        P = matmul(J, hidden[i].K, "transposed");
        sums[i] = sums[i] ? add(sums[i], square(P)) : square(P);
      }
    }
    return sums;
  };

  const at = (x: Node, t: Operand): PotentialValue => {
    const timed = (row: Node): Node => (typeof t === "number" ? scale(row, t) : mul(row, t));
    /** K s + bias for a row of biases. */
    const affineOf = (K: Node, column: Node, bias?: Node): Node => {
      const moved = bias ? add(bias, timed(transpose(column))) : timed(transpose(column));
      return add(matmul(x, K, "transposed"), moved);
    };
    const open = affineOf(K0x, K0t, b0); // [B, m]
    const tanhs = [tanh(open)];
    let u = sub(softplus(scale(open, 2)), open);
    for (const { K, b: bias } of hidden) {
      const a = add(matmul(u, K, "transposed"), bias);
      tanhs.push(tanh(a));
      u = add(u, scale(sub(softplus(scale(a, 2)), a), eta));
    }
    // z_{i+1} for i = M ... 0; the last of them is w, a row of parameters.
    const z: Node[] = [];
    z[M] = w;
    for (let i = M; i > 0; i--) z[i - 1] = add(z[i], scale(matmul(mul(tanhs[i], z[i]), hidden[i - 1].K), eta));
    const inner = mul(tanhs[0], z[0]); // [B, m]
    const As = affineOf(Ax, At); // [B, r]
    const gradient = add(add(matmul(inner, K0x), matmul(As, Ax)), bx);
    const rate = add(add(matmul(inner, K0t), matmul(As, At)), bt);
    const curvature = tanhs.map((y) => affine(square(y), -1, 1));
    const opening = matmul(mul(curvature[0], z[0]), transpose(squares));
    const laplacian = rowsOfP(tanhs)
      .map((sum, i) => scale(rowDot(mul(curvature[i + 1], z[i + 1]), sum), eta))
      .reduce((a, b) => add(a, b), add(opening, flat));
    const quadratic = add(scale(rowDot(As, As), 1 / 2), add(matmul(x, transpose(bx)), timed(bt)));
    return { value: add(add(matmul(u, transpose(w)), quadratic), c), gradient, rate, laplacian };
  };
  return { config, parameters, at };
}
