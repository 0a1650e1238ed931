/** What is thrown when a loss or gradient is not finite. */
import { NumericError } from "../errors/index.ts";
import { isRow, type Node, nameOf, type Program } from "../graph/index.ts";

/** The error for a loss or gradient that is not finite. `bad` is the first such value. */
export function notFinite(program: Program, bad: Node | undefined): NumericError {
  const what = bad === undefined ? "the gradient" : `${nameOf(bad)} (${bad.op}${isRow(bad) ? " on rows" : ""})`;
  return new NumericError(
    `${program.name}: not finite, first bad value in ${what}; nothing was updated; lower the learning rate or check the data`,
  );
}
