/**
 * Step sizes h_k of the JKO scheme.
 *
 * `geometric`: h_k = min(h_max, h_0 rho^(k-1)) (arXiv:2212.14424, App. B.1); rho = 1 is constant. `list`: given values, the
 * last one repeated; Infinity drops the movement term (a free block). The exact scheme shrinks a mean offset by
 * prod 1/(1 + h_k), so the product of 1 + h_k should reach 100 or more.
 */
import { InputError } from "../errors/index.ts";

export type StepSizes =
  | { readonly kind: "geometric"; readonly first: number; readonly ratio: number; readonly largest: number }
  | { readonly kind: "list"; readonly values: readonly number[] };

/** h of block k = 0, 1, ... */
export function stepSize(sizes: StepSizes, k: number): number {
  if (sizes.kind === "list") return sizes.values[Math.min(k, sizes.values.length - 1)];
  let h = sizes.first;
  for (let i = 0; i < k && h < sizes.largest; i++) h *= sizes.ratio;
  return Math.min(h, sizes.largest);
}

/** @throws InputError for step sizes that are not above 0. */
export function checkStepSizes(sizes: StepSizes): void {
  const values = sizes.kind === "list" ? sizes.values : [sizes.first, sizes.ratio, sizes.largest];
  if (values.length === 0 || values.some((h) => !(h > 0))) {
    throw new InputError({ where: "stepSizes", came: JSON.stringify(sizes), expected: "numbers above 0" });
  }
}
