/** The check of what a flow is given: whole rows. */

import { InputError } from "../errors/index.ts";
import { type ArrayKind, checkKind } from "../errors/kinds.ts";

/** The number n of rows of x `[n, d]`. @throws InputError for numbers that do not fill whole rows. */
export function wholeRows(
  x: Float32Array | Float64Array,
  d: number,
  kinds: ArrayKind | readonly ArrayKind[] = "Float32Array",
): number {
  checkKind(x, kinds, "rows");
  if (x.length % d === 0) return x.length / d;
  throw new InputError({
    where: "rows",
    came: `${x.length} numbers`,
    expected: `a multiple of ${d}, the flow's columns`,
  });
}
