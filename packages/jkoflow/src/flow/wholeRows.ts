/** The check of what a flow is given: whole rows. */
import { InputError } from "../errors/index.ts";

/** The number n of rows of x `[n, d]`. @throws InputError for numbers that do not fill whole rows. */
export function wholeRows(x: ArrayLike<number>, d: number): number {
  if (x.length % d === 0) return x.length / d;
  throw new InputError({
    where: "rows",
    came: `${x.length} numbers`,
    expected: `a multiple of ${d}, the flow's columns`,
  });
}
