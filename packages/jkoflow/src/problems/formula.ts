/** Formulas of a problem of one's own: words, or functions that make nodes. */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { parseExpression } from "../expressions/index.ts";
import * as graph from "../graph/index.ts";

/** A formula in words, or a function that makes the node [B, 1] of rows [B, d] with the operations of `graph`. */
export type RowFormula = string | ((x: graph.Node, operations: typeof graph) => graph.Node);

/** A formula that was tried on rows once: a mistake in it is told now, and by its name. */
export function checkFormula(
  formula: unknown,
  columns: readonly string[],
  where: string,
): (x: graph.Node) => graph.Node {
  if (typeof formula === "string") return parseExpression(formula, columns, where).node;
  if (typeof formula !== "function") {
    throw new InputError({ where, came: cameOf(formula), expected: "a formula, or a function (x, graph) => node" });
  }
  const make = (x: graph.Node): unknown => {
    try {
      return formula(x, graph) as unknown;
    } catch (error) {
      const came = `it threw ${error instanceof Error ? error.message : String(error)}`;
      throw new InputError({ where, came, expected: "a node [B, 1] of rows [B, d]" });
    }
  };
  const nodeOf = (x: graph.Node): graph.Node => {
    const node = make(x);
    if (isNodeOf(node, x)) return graph.broadcast(node, "B", 1);
    const fix = "build it with the operations that come as the second argument";
    throw new InputError({ where, came: shapeOf(node), expected: "a node [B, 1] of rows [B, d]", fix });
  };
  nodeOf(graph.createGraph().rows("x", columns.length));
  return nodeOf;
}

const isNode = (value: unknown): value is graph.Node =>
  typeof value === "object" && value !== null && "graph" in value && "op" in value && "cols" in value;

const isNodeOf = (value: unknown, x: graph.Node): value is graph.Node =>
  isNode(value) && value.graph === x.graph && value.cols === 1 && (value.rows === "B" || value.rows === 1);

const shapeOf = (value: unknown): string => (isNode(value) ? `a node [${value.rows}, ${value.cols}]` : cameOf(value));
