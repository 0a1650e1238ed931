/** Powers with a plain exponent, as compositions of the operations that the kernel has. */
import { affine, exp, log, mul, reciprocal, scale, sqrt } from "./elementwise.ts";
import type { Node } from "./node.ts";

/** Largest exponent that is written out in products. */
const MOST_SQUARED = 1024;

/**
 * x^n: for a whole n products by repeated squaring, for every x; for half of one those of sqrt(x); for any other n
 * exp(n log x), x > 0, whose relative error grows with |n log x|: a float32 has 6e-8 of the exponent.
 */
export function pow(x: Node, n: number): Node {
  if (n === 0) return affine(x, 0, 1);
  const isWritten = (k: number): boolean => Number.isInteger(k) && Math.abs(k) <= MOST_SQUARED;
  if (isWritten(n)) return wholePower(x, n);
  if (isWritten(2 * n)) return wholePower(sqrt(x), 2 * n);
  return exp(scale(log(x), n));
}

function wholePower(x: Node, n: number): Node {
  let result: Node | undefined;
  let squared = x;
  for (let k = Math.abs(n); k > 0; k = Math.floor(k / 2)) {
    if (k % 2 === 1) result = result === undefined ? squared : mul(result, squared);
    if (k > 1) squared = mul(squared, squared);
  }
  return n < 0 ? reciprocal(result!) : result!;
}
