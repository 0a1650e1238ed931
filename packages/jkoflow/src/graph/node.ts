/**
 * Nodes of a program: immutable, hash-consed expressions on rows `[B, c]` and parameters `[r, c]`.
 *
 * A node whose `rows` is `"B"` holds one row per sample; every other node lives in parameter space and does not know the
 * batch. Equal expressions are the same object, so common subexpressions are shared without a pass of their own.
 */
import { InputError } from "../errors/index.ts";

/** `"B"`: one row per sample of the batch. A number: so many rows of a parameter-space value. */
export type Rows = number | "B";

/** What a node computes; `rules` has the formula of each. */
export type Operation =
  | "rows" // a row input [B, c]
  | "parameter" // [r, c]
  | "scalar" // [1, 1], may change at every run
  | "rowCount" // [1, 1], the number of rows B of the run
  | "constant" // [1, 1]
  | "add"
  | "sub"
  | "mul"
  | "affine"
  | "softplus"
  | "sigmoid"
  | "tanh"
  | "exp"
  | "log"
  | "sqrt"
  | "sin"
  | "cos"
  | "reciprocal"
  | "relu"
  | "step"
  | "abs"
  | "sign"
  | "matmul"
  | "outer"
  | "transpose"
  | "rowDot"
  | "rowSum"
  | "groupDot"
  | "groupScale"
  | "columnSum"
  | "broadcast"
  | "slice"
  | "pad"
  | "concat"
  | "detach";

/** Numbers and names that belong to one operation; part of a node's identity. */
export interface Attributes {
  readonly name?: string;
  readonly value?: number;
  /** affine: scale * x + shift */
  readonly scale?: number;
  readonly shift?: number;
  /** softplus, sigmoid: sharpness */
  readonly beta?: number;
  /** matmul: the second operand is used transposed */
  readonly transposed?: boolean;
  /** slice: first column; pad: columns of zeros before */
  readonly from?: number;
}

/** An expression of shape `[rows, cols]`. Nodes are made by the operations of this folder, never by hand. */
export interface Node {
  readonly graph: Graph;
  readonly id: number;
  readonly op: Operation;
  readonly inputs: readonly Node[];
  readonly rows: Rows;
  readonly cols: number;
  readonly at: Attributes;
}

/** The table of all nodes of one program, and the only way to make leaves. */
export interface Graph {
  readonly nodes: readonly Node[];
  /** A row input `[B, cols]`. */
  rows(name: string, cols: number): Node;
  /** A parameter `[rows, cols]`. */
  parameter(name: string, rows: number, cols: number): Node;
  /** A number handed in at every run (step size h, temperature, ...); changing it never lowers again. */
  scalar(name: string): Node;
  constant(value: number): Node;
  /** The number of rows B of the run. */
  rowCount(): Node;
  /** Make or find a node. For operations only; they check shapes. */
  make(op: Operation, inputs: readonly Node[], rows: Rows, cols: number, at?: Attributes): Node;
  /** Give a node a name for messages and printing; the first name stays. */
  label(node: Node, name: string): Node;
  labelOf(node: Node): string | undefined;
}

const key = (op: Operation, inputs: readonly Node[], rows: Rows, cols: number, at: Attributes): string =>
  `${op}|${inputs.map((n) => n.id).join(",")}|${rows}x${cols}|${Object.entries(at).flat().join(",")}`;

/**
 * An empty graph. Its methods throw InputError: `rows`, `parameter` and `scalar` for a size that is not a whole number
 * above 0 or a name declared before with another shape, `make` for inputs of another graph.
 */
export function createGraph(): Graph {
  const nodes: Node[] = [];
  const table = new Map<string, Node>();
  const labels = new Map<number, string>();

  const make = (op: Operation, inputs: readonly Node[], rows: Rows, cols: number, at: Attributes = {}): Node => {
    for (const input of inputs) {
      if (input.graph !== graph) {
        throw new InputError({
          where: op,
          came: "nodes of two graphs",
          expected: "nodes of one graph",
          fix: "build the whole program from one createGraph()",
        });
      }
    }
    const k = key(op, inputs, rows, cols, at);
    const known = table.get(k);
    if (known) return known;
    const node: Node = { graph, id: nodes.length, op, inputs, rows, cols, at };
    nodes.push(node);
    table.set(k, node);
    return node;
  };

  const leaf = (op: Operation, name: string, rows: Rows, cols: number): Node => {
    const same = nodes.find((n) => n.op === op && n.at.name === name);
    if (same && (same.rows !== rows || same.cols !== cols)) {
      throw new InputError({
        where: `${op} "${name}"`,
        came: `[${rows}, ${cols}]`,
        expected: `[${same.rows}, ${same.cols}] as declared before`,
        fix: "give the second one another name",
      });
    }
    for (const [what, size] of [
      ["rows", rows],
      ["columns", cols],
    ] as const) {
      if (size !== "B" && !(Number.isInteger(size) && size > 0)) {
        throw new InputError({ where: `${op} "${name}"`, came: `${size} ${what}`, expected: `a whole number above 0` });
      }
    }
    return make(op, [], rows, cols, { name });
  };

  const graph: Graph = {
    nodes,
    make,
    rows: (name, cols) => leaf("rows", name, "B", cols),
    parameter: (name, rows, cols) => leaf("parameter", name, rows, cols),
    scalar: (name) => leaf("scalar", name, 1, 1),
    constant: (value) => make("constant", [], 1, 1, { value }),
    rowCount: () => make("rowCount", [], 1, 1),
    label: (node, name) => {
      if (!labels.has(node.id)) labels.set(node.id, name);
      return node;
    },
    labelOf: (node) => labels.get(node.id) ?? node.at.name,
  };
  return graph;
}

/** Nodes that `outputs` depend on, inputs before users. */
export function topological(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const order: Node[] = [];
  const stack = outputs.map((node) => ({ node, next: 0 })).reverse();
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (seen.has(top.node)) {
      stack.pop();
    } else if (top.next < top.node.inputs.length) {
      const input = top.node.inputs[top.next++];
      if (!seen.has(input)) stack.push({ node: input, next: 0 });
    } else {
      seen.add(top.node);
      order.push(top.node);
      stack.pop();
    }
  }
  return order;
}

/** Whether a node holds one row per sample, `[B, c]`, and not a parameter-space value. */
export const isRow = (node: Node): boolean => node.rows === "B";
export const isConstant = (node: Node): boolean => node.op === "constant";
/** `[1, 1]` in parameter space. */
export const isScalar = (node: Node): boolean => node.rows === 1 && node.cols === 1;
/** A pure multiple of its input: `scale * x`. */
export const isScaled = (node: Node): boolean => node.op === "affine" && node.at.shift === 0;
