/** All toys by name; adding one here is enough to have it tested. */
import { InputError } from "../../errors/errors.ts";
import type { Key } from "../../random/index.ts";
import { checkerboard } from "./checkerboard.ts";
import { circles, moons, rings, rose, spirals, swissRoll } from "./curves.ts";
import { eightGaussians, gaussianGrid } from "./gaussians.ts";
import { pinwheel } from "./pinwheel.ts";
import { type EntropyEstimate, estimateEntropy, type Toy } from "./toy.ts";
import { twoSpirals } from "./twoSpirals.ts";
import { banana, funnel } from "./warped.ts";

/** The toys by name: planar, sampled by key, with exact densities in nats. For a name that may be wrong: `findToy`. */
export const toys: Readonly<Record<ToyName, Toy>> = {
  moons,
  eightGaussians,
  pinwheel,
  checkerboard,
  rings,
  circles,
  swissRoll,
  spirals,
  twoSpirals,
  rose,
  gaussianGrid,
  funnel,
  banana,
};

/** The names of `toys`. */
export type ToyName =
  | "moons"
  | "eightGaussians"
  | "pinwheel"
  | "checkerboard"
  | "rings"
  | "circles"
  | "swissRoll"
  | "spirals"
  | "twoSpirals"
  | "rose"
  | "gaussianGrid"
  | "funnel"
  | "banana";

/**
 * The toy of a name.
 * @throws InputError for an unknown one.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { conditionalToys, entropyFloor, estimateEntropy, findToy, toys } from "jkoflow/data";
 *
 * const moons = findToy("moons"); // toys.moons, or an error that names the toys there are
 * console.log(moons === toys.moons, moons.sample(createKey(0), 3).length, Object.keys(conditionalToys).length); // true 6 5
 * console.log(entropyFloor("moons", createKey(0), 1000).entropy > 2, estimateEntropy(moons, createKey(1), 1000).entropy > 2);
 * ```
 */
export function findToy(name: string): Toy {
  if (Object.hasOwn(toys, name)) return toys[name as ToyName];
  throw new InputError({
    where: "toy",
    came: JSON.stringify(name),
    expected: `one of ${Object.keys(toys).join(", ")}`,
  });
}

/**
 * The lowest negative log-likelihood any model can reach on a toy, estimated over n samples, nats.
 * @throws InputError as `findToy`.
 */
export function entropyFloor(name: ToyName, key: Key, n: number): EntropyEstimate {
  return estimateEntropy(findToy(name), key, n);
}
