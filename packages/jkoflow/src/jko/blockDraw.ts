/** One update of a block: what it is made of, and what it finds. */
import type { RowSource } from "../engine/index.ts";
import type { Updated } from "../train/index.ts";

/** What an update of a block is made of. */
export interface BlockDraw {
  readonly indices: Int32Array;
  /** Runge-Kutta steps. */
  readonly steps: number;
  readonly inputs: Readonly<Record<string, RowSource>>;
  readonly scalars: Readonly<Record<string, number>>;
}

export interface BlockFound extends Updated {
  /** Of the field in the solve, and products with its Jacobian in the gradient, of the whole batch each. */
  readonly evaluations: { readonly forward: number; readonly backward: number };
}
