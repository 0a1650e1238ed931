/** Collisions in words: "gamma=-3", or with the constant too, "gamma=-3,C=0.1". */
import { type Collisions, checkKernel, checkVelocities } from "../collisions/kernel.ts";
import { InputError } from "../errors/index.ts";

/** Where no constant is said: a covariance of Maxwell molecules relaxes at the rate 1/2. */
export const usualConstant = (dimension: number): number => 1 / (8 * dimension);

/**
 * A(z) = C |z|^gamma (|z|^2 I - z z^T) in so many columns.
 *
 * @throws InputError for other words, for a kernel without a meaning, and for other columns than 2 or 3.
 *
 * @example
 * ```ts
 * import { parseCollisions } from "jkoflow/problems";
 *
 * console.log(parseCollisions("gamma=-3", 2)); // { gamma: -3, constant: 0.0625 }
 * ```
 */
export function parseCollisions(text: string, dimension: number, where = "collisions"): Collisions {
  const expected = "gamma=NUMBER or gamma=NUMBER,C=NUMBER, such as gamma=-3";
  const said = new Map<string, number>();
  for (const part of text.split(",")) {
    const [, name, digits] = /^\s*(gamma|C)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    const value = Number(digits);
    if (name === undefined || said.has(name) || !Number.isFinite(value))
      throw new InputError({ where, came: JSON.stringify(text), expected });
    said.set(name, value);
  }
  const gamma = said.get("gamma");
  if (gamma === undefined) throw new InputError({ where, came: JSON.stringify(text), expected });
  checkVelocities(dimension);
  const collisions = { gamma, constant: said.get("C") ?? usualConstant(dimension) };
  checkKernel({ ...collisions, separation: 1 });
  return collisions;
}
