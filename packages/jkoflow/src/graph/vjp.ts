/**
 * Symbolic reverse mode: the cotangents of `wrt` for given cotangents of `outputs`, as nodes of the same graph.
 *
 * For y = F(x) and a cotangent g of y this is g^T dF/dx. Applied to its own result it gives second and higher derivatives.
 */

import { broadcast } from "./elementwise.ts";
import { type Node, topological } from "./node.ts";
import { accumulate, rules } from "./rules.ts";

/** An output with its cotangent: a node of the same shape, or one whose rows or columns of 1 are repeated. */
export type Seed = readonly [output: Node, cotangent: Node];

/**
 * Cotangents of `wrt`; a node that the outputs do not depend on gets zeros.
 *
 * @throws Error when an operation between `wrt` and the outputs has no derivative rule; the message names it.
 *
 * @example
 * ```ts
 * import { createGraph, gradient, mul, square, topological, vjp } from "jkoflow/graph";
 *
 * const g = createGraph();
 * const [x, y] = [g.parameter("x", 1, 1), g.parameter("y", 1, 1)];
 * const f = mul(square(x), y);
 * const [fx, fy] = gradient(f, [x, y]); // 2 x y, x^2
 * console.log(fx.op, fy === square(x), vjp([[f, g.constant(1)]], [x])[0] === fx); // affine true true
 * console.log(topological([f]).indexOf(x) < topological([f]).indexOf(f)); // true
 * ```
 */
export function vjp(seeds: readonly Seed[], wrt: readonly Node[]): Node[] {
  const order = topological(seeds.map(([output]) => output));
  const reaches = new Set(wrt);
  for (const node of order) if (node.inputs.some((input) => reaches.has(input))) reaches.add(node);

  const cotangents = new Map<Node, Node>();
  const give = (node: Node, g: Node): void => {
    if (reaches.has(node)) cotangents.set(node, accumulate(cotangents.get(node), g));
  };
  for (const [output, g] of seeds) give(output, broadcast(g, output.rows, output.cols));

  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    const g = cotangents.get(node);
    if (g === undefined || !node.inputs.some((input) => reaches.has(input))) continue;
    const rule = rules[node.op]?.vjp;
    if (rule === undefined) {
      throw new Error(
        `operation "${node.op}" has no derivative rule; add one to the rule table before differentiating it`,
      );
    }
    const given = rule(node, g);
    node.inputs.forEach((input, k) => {
      const part = reaches.has(input) ? given[k] : undefined;
      if (part !== undefined) give(input, part);
    });
  }
  return wrt.map((node) => cotangents.get(node) ?? broadcast(node.graph.constant(0), node.rows, node.cols));
}

/** Gradient of a `[1, 1]` parameter-space value, or of the sum over rows of a `[B, 1]` row value. @throws as `vjp`. */
export function gradient(value: Node, wrt: readonly Node[]): Node[] {
  return vjp([[value, value.graph.constant(1)]], wrt);
}
