/**
 * Step sizes h_k of the JKO scheme: given values, the last one repeated; Infinity drops the movement term (a free block).
 *
 * The schedule h_k = min(h_max, h_0 rho^(k-1)) of arXiv:2212.14424, App. B.1, is the list of its values up to h_max. The
 * exact scheme shrinks a mean offset by prod 1/(1 + h_k), so the product of 1 + h_k should reach 100 or more.
 */
import { InputError } from "../errors/index.ts";

/** h_1, h_2, ... of growth, each above 0. */
export interface StepSizes {
  readonly kind: "list";
  readonly values: readonly number[];
}

/** h of block k = 0, 1, ... @throws InputError where one of the list, whichever, is not above 0, or there is none. */
export function stepSize({ values }: StepSizes, k: number): number {
  if (values.length === 0 || values.some((h) => !(h > 0))) {
    throw new InputError({ where: "stepSizes", came: `[${values.join(", ")}]`, expected: "numbers above 0" });
  }
  return values[Math.min(k, values.length - 1)];
}
