/** Operands: their order, and refusing those whose shapes do not fit. */
import { InputError } from "../errors/index.ts";
import type { Node } from "./node.ts";

/** [rows, cols], with B for the rows of the batch. */
export const show = (node: Node): string => `[${node.rows}, ${node.cols}]`;

/** @throws InputError always. */
export function reject(op: string, came: string, expected: string): never {
  throw new InputError({ where: op, came, expected });
}

/** Sorted operands of a commutative operation, so that a + b and b + a are one node. */
export const sorted = (a: Node, b: Node): [Node, Node] => (a.id <= b.id ? [a, b] : [b, a]);
