/** Expressions as a list of lines, so that one can be built twice: by the functions of this folder, and node by node as written. */
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
  type Rows,
  reciprocal,
  relu,
  rowDot,
  rowSum,
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
import type { Attributes } from "./node.ts";

export interface Line {
  readonly op: Operation;
  readonly args: readonly number[];
  readonly rows: Rows;
  readonly cols: number;
  readonly at: Attributes;
  readonly bound: number;
  /** Depends on a sum over rows: no row value may use it. */
  readonly summed: boolean;
}

export interface Recipe {
  readonly lines: readonly Line[];
  /** Row values, latest first. */
  readonly rowResults: readonly number[];
  /** Parameter-space values of the prologue and of the epilogue, latest first. */
  readonly prologueResults: readonly number[];
  readonly epilogueResults: readonly number[];
}

/** The nodes of all lines, `simplified` by the functions of `elementwise.ts` and `linear.ts` or `plain`: one node per line, as written. */
export function recipeNodes(recipe: Recipe, g: Graph, mode: "simplified" | "plain"): Node[] {
  const nodes: Node[] = [];
  for (const line of recipe.lines)
    nodes.push(
      nodeOf(
        line,
        line.args.map((i) => nodes[i]),
        g,
        mode,
      ),
    );
  return nodes;
}

function nodeOf({ op, rows, cols, at }: Line, [a, b]: readonly Node[], g: Graph, mode: "simplified" | "plain"): Node {
  if (op === "rows") return g.rows(at.name!, cols);
  if (op === "parameter") return g.parameter(at.name!, rows as number, cols);
  if (op === "scalar") return g.scalar(at.name!);
  if (op === "rowCount") return g.rowCount();
  if (mode === "plain") return g.make(op, b === undefined ? [a] : [a, b], rows, cols, at);
  switch (op) {
    case "affine":
      return affine(a, at.scale!, at.shift!);
    case "softplus":
      return softplus(a, at.beta!);
    case "sigmoid":
      return sigmoid(a, at.beta!);
    case "matmul":
      return matmul(a, b, at.transposed ? "transposed" : "plain");
    case "broadcast":
      return broadcast(a, rows, cols);
    case "groupDot":
      return groupDot(a, b, cols);
    case "groupScale":
      return groupScale(a, b);
    case "slice":
      return slice(a, at.from!, at.from! + cols);
    case "pad":
      return pad(a, at.from!, cols);
    default: {
      const one = {
        tanh,
        exp,
        log,
        sqrt,
        sin,
        cos,
        reciprocal,
        relu,
        step,
        abs,
        sign,
        transpose,
        rowSum,
        columnSum,
        detach,
      };
      const two = { add, sub, mul, outer, rowDot, concat };
      if (op in one) return one[op as keyof typeof one](a);
      if (op in two) return two[op as keyof typeof two](a, b);
      throw new Error(`no line for "${op}"`);
    }
  }
}
