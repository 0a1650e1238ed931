/**
 * One entry per operation: expressions in which it appears, for the laws of `rules.test.ts` (derivatives) and
 * `engine/lower.test.ts` (executors). A new operation without an entry here fails both.
 */
import {
  abs,
  add,
  affine,
  broadcast,
  columnSum,
  concat,
  cos,
  detach,
  exp,
  type Graph,
  groupDot,
  groupScale,
  log,
  matmul,
  mul,
  type Node,
  type Operation,
  outer,
  pad,
  reciprocal,
  relu,
  rowDot,
  rowSum,
  scale,
  sigmoid,
  sign,
  sin,
  slice,
  softplus,
  sqrt,
  step,
  sub,
  tanh,
  transpose,
} from "./index.ts";

/** Where an operation's operands may lie: `nonzero` stays 0.2 away from a kink at 0. */
export type Domain = "any" | "positive" | "nonzero";

export function drawFrom(domain: Domain, random: () => number): number {
  if (domain === "positive") return 0.5 + random();
  if (domain === "nonzero") return (random() < 0.5 ? -1 : 1) * (0.5 + random());
  return 2 * random() - 1;
}

interface Case {
  readonly domain?: Domain;
  /** Expressions that contain the operation; the leaves are named so that they do not clash. */
  readonly build: (g: Graph, c: number) => readonly Node[];
}

/** Rows and columns of the second operands; odd, so that no vector length divides them. */
const R = 3;
const K = 5;

/** Rows [B, c] with a parameter in them, so that every case has a gradient. */
const rowsOf = (g: Graph, c: number, name = "x"): Node => mul(g.rows(name, c), g.parameter(`p ${name}`, 1, c));

const unary = (f: (x: Node) => Node, domain: Domain = "any"): Case => ({
  domain,
  build: (g, c) => [f(rowsOf(g, c)), f(g.parameter("P", R, c)), f(g.parameter("row", 1, c))],
});

type Shape = readonly ["B" | "R" | 1, "c" | 1];
const shapes: readonly Shape[] = [
  ["B", "c"],
  ["B", 1],
  ["R", "c"],
  ["R", 1],
  [1, "c"],
  [1, 1],
];
const compatible = ([r, c]: Shape, [s, d]: Shape): boolean =>
  (r === s || r === 1 || s === 1) && (c === d || c === 1 || d === 1);

const leafOf = (g: Graph, [r, k]: Shape, c: number, name: string): Node => {
  const cols = k === "c" ? c : 1;
  if (r === "B") return rowsOf(g, cols, name);
  return g.parameter(name, r === "R" ? R : 1, cols);
};

/** All pairs of shapes that repeat into one another; once as they are, once with an operand repeated by hand. */
const binary = (f: (a: Node, b: Node) => Node): Case => ({
  build: (g, c) =>
    shapes.flatMap((s) =>
      shapes
        .filter((t) => compatible(s, t))
        .flatMap((t) => {
          const [a, b] = [leafOf(g, s, c, `a ${s}`), leafOf(g, t, c, `b ${t}`)];
          const y = f(a, b);
          const wide = (x: Node): Node => broadcast(x, y.rows, y.cols);
          return [y, f(wide(a), b), f(wide(a), wide(b))];
        }),
    ),
});

export const cases: Readonly<Record<Operation, Case>> = {
  rows: { build: (g, c) => [g.rows("x", c)] },
  parameter: { build: (g, c) => [g.parameter("P", R, c), rowsOf(g, c)] },
  scalar: { build: (g, c) => [mul(rowsOf(g, c), g.scalar("s")), mul(g.parameter("P", R, c), g.scalar("s"))] },
  rowCount: { build: (g, c) => [mul(rowsOf(g, c), reciprocal(g.rowCount()))] },
  constant: { build: (g, c) => [mul(rowsOf(g, c), exp(g.constant(0.3))), broadcast(g.constant(0.7), R, c)] },
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  affine: unary((x) => affine(x, 1.7, -0.3)),
  softplus: { build: (g, c) => [1, 3, 20].flatMap((beta) => unary((x) => softplus(x, beta)).build(g, c)) },
  sigmoid: { build: (g, c) => [1, 3, 20].flatMap((beta) => unary((x) => sigmoid(x, beta)).build(g, c)) },
  tanh: unary(tanh),
  exp: unary(exp),
  log: unary(log, "positive"),
  sqrt: unary(sqrt, "positive"),
  sin: unary(sin),
  cos: unary(cos),
  reciprocal: unary(reciprocal, "nonzero"),
  relu: unary(relu, "nonzero"),
  step: unary((x) => mul(step(x), x), "nonzero"),
  abs: unary(abs, "nonzero"),
  sign: unary((x) => mul(sign(x), x), "nonzero"),
  matmul: {
    build: (g, c) => {
      const [x, k, P] = [rowsOf(g, c), rowsOf(g, K, "k"), g.parameter("P", R, c)];
      const [W, V, S] = [g.parameter("W", c, K), g.parameter("V", K, c), g.parameter("S", c, c)];
      const of = (a: Node, w: Node) => scale(matmul(a, w), 1 / Math.sqrt(a.cols));
      const ofT = (a: Node, w: Node) => scale(matmul(a, w, "transposed"), 1 / Math.sqrt(a.cols));
      return [
        of(x, W),
        ofT(x, V),
        of(k, V),
        ofT(k, W),
        of(x, S),
        ofT(x, S),
        of(x, g.parameter("column", c, 1)),
        ofT(x, g.parameter("row", 1, c)),
        of(rowsOf(g, 1, "one"), g.parameter("row", 1, c)),
        of(P, W),
        ofT(P, V),
        of(P, g.parameter("column", c, 1)),
        add(of(x, W), g.parameter("bias", 1, K)),
        add(of(k, V), g.parameter("row", 1, c)),
      ];
    },
  },
  outer: { build: (g, c) => [outer(rowsOf(g, c), rowsOf(g, K, "k")), outer(rowsOf(g, K, "k"), rowsOf(g, c))] },
  transpose: {
    build: (g, c) => [
      transpose(g.parameter("P", R, c)),
      matmul(g.parameter("P", R, c), transpose(g.parameter("Q", R, c))),
    ],
  },
  rowDot: {
    build: (g, c) => [
      rowDot(rowsOf(g, c), rowsOf(g, c, "y")),
      rowDot(g.rows("x", c), rowsOf(g, c, "y")),
      rowDot(g.parameter("P", R, c), g.parameter("Q", R, c)),
    ],
  },
  groupDot: {
    build: (g, c) => [
      groupDot(rowsOf(g, 3 * c), rowsOf(g, 3 * c, "y"), c),
      groupDot(rowsOf(g, 3 * c), rowsOf(g, 3 * c), c),
      groupDot(g.parameter("P3", R, 2 * c), g.parameter("Q3", R, 2 * c), c),
    ],
  },
  groupScale: {
    build: (g, c) => [
      groupScale(rowsOf(g, c, "y"), rowsOf(g, 3 * c)),
      groupScale(g.parameter("P", R, c), g.parameter("Q3", R, 2 * c)),
    ],
  },
  rowSum: unary(rowSum),
  columnSum: {
    build: (g, c) => [columnSum(rowsOf(g, c)), columnSum(g.parameter("P", R, c)), columnSum(g.parameter("W", c, K))],
  },
  broadcast: {
    build: (g, c) => [
      broadcast(rowsOf(g, 1), "B", c),
      broadcast(g.parameter("row", 1, c), "B", c),
      broadcast(g.parameter("s", 1, 1), "B", c),
      broadcast(g.parameter("row", 1, c), R, c),
      broadcast(g.parameter("column", R, 1), R, c),
      broadcast(g.parameter("s", 1, 1), R, c),
    ],
  },
  slice: {
    build: (g, c) => [
      slice(rowsOf(g, c + 2), 1, c + 1),
      slice(rowsOf(g, c + 2), c + 1, c + 2),
      slice(g.parameter("P", R, c + 1), 1, c + 1),
    ],
  },
  pad: {
    build: (g, c) => [pad(rowsOf(g, c), 1, c + 3), pad(rowsOf(g, c), 0, c + 1), pad(g.parameter("P", R, c), 2, c + 2)],
  },
  concat: {
    build: (g, c) => [
      concat(rowsOf(g, c), rowsOf(g, K, "k")),
      concat(rowsOf(g, 1, "one"), rowsOf(g, c)),
      concat(g.parameter("P", R, c), g.parameter("Q", R, 2)),
    ],
  },
  detach: { build: (g, c) => [mul(detach(rowsOf(g, c)), rowsOf(g, c))] },
};
