/** The kernels that a model for anomalies keeps: one at each training row, or at some rows of a large table. */
import { type Problem, type Standardizer, takeRows } from "../data/index.ts";
import type { Kernels } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { type Key, permutation } from "../random/index.ts";

/** Scoring a row looks at each kernel. */
const MOST_KERNELS = 20_000;

/** None for width 0. @throws InputError for a conditional problem: the kernels know no given columns. */
export function trainingKernels(
  { train, conditions }: Pick<Problem, "train" | "conditions">,
  width: number,
  standardizer: Standardizer,
  key: Key,
): Kernels | undefined {
  if (width === 0) return undefined;
  if (conditions) {
    const expected = "0 for conditional flows";
    throw new InputError({ where: "jko-iflow", place: "kernelWidth", came: String(width), expected });
  }
  const chosen =
    train.rows > MOST_KERNELS ? takeRows(train, permutation(key, train.rows).subarray(0, MOST_KERNELS)) : train;
  return { rows: standardizer.forward(chosen), width };
}
