/** Rows of a density in the engine, what travels with them, and the parts of them that an update is made of. */
import type { Engine, Table } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { fold, integers, type Key } from "../random/index.ts";

/** Rows of rho; `pair` are as many independent rows of it, `signs` rows of -1 and 1 by which log-determinants are estimated. */
export interface Rows {
  readonly x: Table;
  readonly logDensity: Table;
  readonly pair?: Table;
  readonly signs?: Table;
}

/**
 * The rows of an update, by index, and where the block of rows begins that their partners and their signs are: another at each
 * update, so that in a pool no row keeps its partner.
 */
export interface RowDraw {
  readonly indices: Int32Array;
  readonly beside: number;
}

/** Steps after which signs come again: rows of them beyond those of the rows. */
export const SHIFTS = 1024;

/** n + {@link SHIFTS} rows of d signs. */
export const drawSigns = (engine: Engine, key: Key, n: number, d: number): Table =>
  engine.table(
    n + SHIFTS,
    d,
    Float32Array.from(integers(key, (n + SHIFTS) * d, 0, 2), (bit) => 2 * bit - 1),
  );

/** `size` rows of n; `beside` stays 0 where rows go alone. @throws InputError for a batch with partners that is larger than n. */
export function drawBatch(key: Key, n: number, size: number, company: "alone" | "with others"): RowDraw {
  const indices = Int32Array.from(integers(key, size, 0, n));
  if (company === "alone") return { indices, beside: 0 };
  if (size > n)
    throw new InputError({ where: "rows of a step", came: `${n}`, expected: `at least the ${size} of a batch` });
  return { indices, beside: integers(fold(key, "beside"), 1, 0, n - size + 1)[0] };
}

/** Memory of the engine, given back. */
export function disposeRows(rows: Rows): void {
  for (const table of Object.values(rows)) table.dispose();
}
