/** The uniform distribution on a box [low, high]^d. */
import { InputError } from "../errors/index.ts";
import { broadcast } from "../graph/index.ts";
import { uniform } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";

/**
 * @throws InputError unless low is below high, both finite.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { uniformBox } from "jkoflow/distributions";
 *
 * const box = uniformBox(2, 0, 2);
 * console.log(box.logDensityAt([1, 1]).toFixed(4), box.logDensityAt([3, 1])); // -1.3863 -Infinity
 * console.log(box.sample?.(createKey(0), 100).every((x) => x >= 0 && x <= 2)); // true
 * ```
 */
export function uniformBox(d: number, low: number, high: number): Distribution {
  if (!(low < high && Number.isFinite(high - low))) {
    throw new InputError({ where: "box", came: `${low} to ${high}`, expected: "a lower and an upper end" });
  }
  const constant = -d * Math.log(high - low);
  return {
    title: `uniform on [${low}, ${high}]^${d}`,
    dimension: d,
    logZ: 0,
    /** Inside of the box; a graph has no steps to minus infinity. */
    logDensity: (x) => broadcast(x.graph.constant(constant), "B", 1),
    logDensityAt: (row) => {
      for (let k = 0; k < d; k++) if (!(row[k] >= low && row[k] <= high)) return Number.NEGATIVE_INFINITY;
      return constant;
    },
    sample: (key, n) => Float32Array.from(uniform(key, n * d), (u) => low + (high - low) * u),
  };
}
