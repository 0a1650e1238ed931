/**
 * A smooth, strongly convex potential with its gradient and Hessian in closed form.
 *
 * The network is the DenseICNN of A. Korotin, L. Li, J. Solomon, E. Burnaev, "Continuous Wasserstein-2 barycenter estimation",
 * ICLR 2021, arXiv:2102.01752, appendix B.2, with two hidden layers, as in P. Mokrov et al., "Large-scale Wasserstein gradient
 * flows", NeurIPS 2021, arXiv:2106.00736. Its first layer q_i has no activation, so that with C >= 0, c >= 0
 *
 *   q_i(x) = sum_r (Q1_ri . x)^2 + w1_i . x + b1_i                                     i = 1 ... width
 *   s_j(x) = sum_r (Q2_rj . x)^2 + w2_j . x + b2_j + sum_i C_ij q_i(x)  =  x^T B_j x / 2 + l_j . x + e_j
 *   u(x)   = |A x|^2 / 2 + a . x + sum_j c_j softplus(s_j(x)) + eps |x|^2 / 2
 *
 *   B_j = 2 sum_r Q2_rj Q2_rj^T + 2 sum_i C_ij sum_r Q1_ri Q1_ri^T        constant: made once per update, in the prologue
 *   grad u = A^T A x + a + sum_j c_j sigma(s_j) g_j + eps x,                        g_j = B_j x + l_j
 *   H u    = A^T A + sum_j c_j [ sigma(s_j) B_j + sigma'(s_j) g_j g_j^T ] + eps I
 *
 * Ours is the quadratic part |A x|^2 / 2 + a . x: with A = I and c = 0 the map x -> grad u is the identity, and affine maps,
 * which Gaussians need, are in the family as they stand.
 */
import {
  add,
  affine,
  broadcast,
  concat,
  type Graph,
  matmul,
  mul,
  type Node,
  type RowMatrix,
  rowDot,
  scale,
  sigmoid,
  slice,
  transpose,
} from "../graph/index.ts";
import { fold, type Key, normal } from "../random/index.ts";

/** Sizes of a convex potential. */
export interface ConvexConfig {
  /** Columns d. */
  readonly dimension: number;
  /** Units of both hidden layers. */
  readonly width: number;
  /** R, squares in each unit. */
  readonly rank: number;
  /** eps: no eigenvalue of the Hessian is below it. */
  readonly convexity: number;
}

/** grad u and H u of rows. */
export interface ConvexValue {
  /** [B, d] */
  readonly gradient: Node;
  /** Its entries, [B, 1] each. */
  hessian(): RowMatrix;
  /** H u v for rows v: [B, d], without the entries. */
  hessianTimes(v: Node): Node;
}

/** A potential in a graph. */
export interface ConvexPotential {
  /** In the order of the flat array: A, a, Q1, w1, b1, Q2, w2, b2, C, c. */
  readonly parameters: readonly Node[];
  at(x: Node): ConvexValue;
}

/** Numbers in the flat array: d^2 + d + 2 W (R d + d + 1) + W^2 + W. */
export const convexSize = ({ dimension: d, width: w, rank: r }: ConvexConfig): number =>
  d * d + d + 2 * w * (r * d + d + 1) + w * w + w;

/** Least c: at 0 a unit is dead, for then no weight of it but c has a gradient; Adam makes good for small ones. */
const LEAST_SHARE = 1e-3;

/** C and c, which stand at the end, must not be negative: a clamp after each update. (Squares in their place train worse.) */
export const convexBounds = (config: ConvexConfig): { from: number; to: number; least: number }[] => {
  const to = convexSize(config);
  const middle = to - config.width;
  return [
    { from: middle - config.width * config.width, to: middle, least: 0 },
    { from: middle, to, least: LEAST_SHARE },
  ];
};

/**
 * Standard deviation of slopes and biases at the start. At 1/sqrt(width), as published, all units are nearly the same
 * parabola over rows of unit size: training then found no map but affine ones where others are called for.
 */
const SLOPE = 2;

/**
 * Squares and C from N(0, 1/width), slopes and biases from N(0, {@link SLOPE}^2), c as C but times `outputScale`; C and c
 * absolute; A = sqrt(1 - eps) I.
 */
export function initConvex(config: ConvexConfig, key: Key, outputScale: number): Float32Array {
  const { dimension: d, width, rank, convexity } = config;
  const weights = new Float32Array(convexSize(config));
  for (let i = 0; i < d; i++) weights[i * (d + 1)] = Math.sqrt(1 - convexity);
  const first = d * d + d;
  const draws = normal(fold(key, "convex"), weights.length - first);
  const sd = 1 / Math.sqrt(width);
  let at = first;
  const next = (count: number, make: (draw: number) => number): void => {
    for (const end = at + count; at < end; at++) weights[at] = make(draws[at - first]);
  };
  for (let layer = 0; layer < 2; layer++) {
    next(rank * d * width, (draw) => sd * draw);
    next((d + 1) * width, (draw) => SLOPE * draw);
  }
  next(width * width, (draw) => sd * Math.abs(draw));
  next(width, (draw) => sd * Math.abs(draw) * outputScale);
  return weights;
}

const sumOf = (nodes: readonly Node[]): Node => nodes.reduce((a, b) => add(a, b));
const beside = (nodes: readonly Node[]): Node => nodes.reduce((a, b) => concat(a, b));

/**
 * The network in a graph, with its parameters.
 *
 * @example
 * ```ts
 * import { createKey, graph } from "jkoflow";
 * import { convexBounds, convexSize, createConvexPotential, initConvex, openConvex } from "jkoflow/nn";
 *
 * const config = { dimension: 2, width: 8, rank: 2, convexity: 0.01 };
 * const g = graph.createGraph();
 * console.log(createConvexPotential(g, config).at(g.rows("x", 2)).gradient.cols, convexBounds(config)[0].least); // 2 0
 * const weights = initConvex(config, createKey(0), 0.1);
 * const gradient = new Float64Array(2);
 * openConvex(config, weights).at([1, 2], gradient); // outside of an engine, in float64
 * console.log(weights.length === convexSize(config), gradient.every(Number.isFinite)); // true true
 * ```
 */
export function createConvexPotential(graph: Graph, config: ConvexConfig): ConvexPotential {
  const { dimension: d, width, rank, convexity } = config;
  const range = Array.from({ length: d }, (_, k) => k);
  const parameters: Node[] = [];
  const parameter = (name: string, rows: number, cols: number): Node => {
    const node = graph.parameter(name, rows, cols);
    parameters.push(node);
    return node;
  };
  const quadratic = parameter("A", d, d);
  const linear = parameter("a", 1, d);
  const layer = (name: string) => {
    const squares = Array.from({ length: rank }, (_, r) =>
      range.map((k) => parameter(`Q${name}[${r},${k}]`, 1, width)),
    );
    const slopes = range.map((k) => parameter(`w${name}[${k}]`, 1, width));
    return { squares, slopes, bias: parameter(`b${name}`, 1, width) };
  };
  const [opening, second] = [layer("1"), layer("2")];
  const C = parameter("C", width, width);
  const c = parameter("c", 1, width);

  /** Entry (k, m) of all width matrices 2 sum_r Q_r Q_r^T: [1, W] */
  const products = ({ squares }: typeof opening, k: number, m: number): Node =>
    scale(sumOf(squares.map((q) => mul(q[k], q[m]))), 2);
  const pairs = range.flatMap((k) => range.slice(k).map((m) => [k, m] as const));
  const entries = new Map<number, Node>();
  for (const [k, m] of pairs) {
    const entry = add(products(second, k, m), matmul(products(opening, k, m), C));
    entries.set(k * d + m, entry);
    entries.set(m * d + k, entry);
  }
  const B = (k: number, m: number): Node => entries.get(k * d + m)!; // [1, W]
  const l = range.map((k) => add(second.slopes[k], matmul(opening.slopes[k], C))); // [1, W] each
  const e = add(second.bias, matmul(opening.bias, C)); // [1, W]
  const columns = (nodes: readonly Node[]): Node => beside(nodes.map(transpose));
  const wide = beside(range.map((k) => transpose(columns(range.map((m) => B(k, m)))))); // [d, d W]
  const flat = columns(pairs.map(([k, m]) => B(k, m))); // [W, d (d + 1) / 2]
  const gram = matmul(transpose(quadratic), quadratic); // A^T A: [d, d]
  const gramEntry = (k: number, m: number): Node => slice(transpose(slice(gram, k, k + 1)), m, m + 1); // [1, 1]

  const at = (x: Node): ConvexValue => {
    const xs = range.map((k) => slice(x, k, k + 1));
    const Bx = matmul(x, wide); // [B, d W]
    const g = range.map((k) => add(slice(Bx, k * width, (k + 1) * width), l[k])); // [B, W] each
    const s = add(scale(sumOf(g.map((gk, k) => mul(add(gk, l[k]), xs[k]))), 1 / 2), e); // [B, W]
    const open = sigmoid(s);
    const first = mul(open, c);
    const affinePart = add(add(matmul(x, gram), linear), scale(x, convexity));
    const gradient = add(affinePart, beside(g.map((gk) => rowDot(first, gk))));
    const hessian = (): RowMatrix => {
      const curved = mul(first, affine(open, -1, 1)); // c sigma'(s): [B, W]
      const scaled = g.map((gk) => mul(curved, gk));
      const constant = matmul(first, flat); // [B, d (d + 1) / 2]
      const H: Node[][] = range.map(() => []);
      pairs.forEach(([k, m], i) => {
        const fixed = affine(gramEntry(k, m), 1, k === m ? convexity : 0);
        const moving = add(slice(constant, i, i + 1), rowDot(scaled[k], g[m]));
        H[k][m] = add(moving, broadcast(fixed, "B", 1));
        H[m][k] = H[k][m];
      });
      return H;
    };
    const hessianTimes = (v: Node): Node => {
      const Bv = matmul(v, wide); // [B, d W]
      const along = sumOf(g.map((gk, k) => mul(gk, slice(v, k, k + 1)))); // g . v: [B, W]
      const curved = mul(mul(first, affine(open, -1, 1)), along);
      const moving = range.map((k) => add(rowDot(first, slice(Bv, k * width, (k + 1) * width)), rowDot(curved, g[k])));
      return add(add(matmul(v, gram), scale(v, convexity)), beside(moving));
    };
    return { gradient, hessian, hessianTimes };
  };
  return { parameters, at };
}
