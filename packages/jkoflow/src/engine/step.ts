/** Steps: what the kernel is told to do, one operation after another. */
import type { Node } from "../graph/index.ts";
import type { Sum } from "./sums.ts";
import type { Code } from "./tape.ts";

/** One kernel operation. `inputs` are its operands in kernel order a, b, e. */
export interface Step {
  readonly kind:
    | "elementwise"
    | "matmul"
    | "outer"
    | "groups"
    | "load"
    | "store"
    | "slice"
    | "pad"
    | "concat"
    | "transpose";
  readonly code?: Code;
  /** Values it produces: one, or two for softplus with sigmoid; none when it adds to a sum or stores rows. */
  readonly outputs: readonly Node[];
  readonly inputs: readonly Node[];
  readonly c0: number;
  readonly c1: number;
  /** matmul: a parameter-space row that is added to each row of the result. */
  readonly bias?: Node;
  /** outer, COLUMN_SUM and TOTAL: where the result is added. */
  readonly sum?: Sum;
  /** store: name of the output; load: the input node is `outputs[0]`. */
  readonly output?: string;
  /** The node to name when its value is not finite. */
  readonly site: Node;
}

export interface Selection {
  /** Steps of each phase, inputs before users. */
  readonly prologue: readonly Step[];
  readonly rows: readonly Step[];
  readonly epilogue: readonly Step[];
  readonly sums: readonly Sum[];
}

/** Is x a vector along the rows of `like`, or one number per row? */
export const isVector = (x: Node, like: Node): boolean =>
  x.cols === like.cols && (like.cols > 1 || x.rows === like.rows);
