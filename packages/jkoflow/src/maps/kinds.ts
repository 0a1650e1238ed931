/** All kinds of maps by name, and maps opened by their description. */
import { cameOf } from "../errors/came.ts";
import { collisionMap } from "./collisionMap.ts";
import { gradientMap } from "./gradientMap.ts";
import type { Fail, HostMap, MapConfig, MapKind, StoredMapKind } from "./map.ts";
import { residualMap } from "./residualMap.ts";

export const mapKinds: {
  readonly collision: StoredMapKind<MapConfig>;
  readonly gradient: MapKind<MapConfig>;
  readonly residual: MapKind<MapConfig>;
} = { collision: collisionMap, gradient: gradientMap, residual: residualMap };

/**
 * A map with fixed weights, row by row in float64. `fail` says what is wrong with a description that was read.
 *
 * @example
 * ```ts
 * import { type Fail, type HostMap, mapKinds, openMap } from "jkoflow/maps";
 *
 * const config = { kind: "gradient", dimension: 2, width: 4, rank: 1, convexity: 0.5 } as const;
 * const fail: Fail = (place, came, expected) => {
 *   throw new Error(`${place}: ${came}, expected ${expected}`);
 * };
 * const weights = new Float32Array(mapKinds.gradient.size(config)); // all 0: what is left is the strong convexity
 * const map: HostMap = openMap(config, weights, fail);
 * const y = new Float64Array(2);
 * console.log(Number.isFinite(map.push([0, 1], y))); // true
 * ```
 */
export function openMap(config: unknown, weights: Float32Array, fail: Fail): HostMap {
  const name = typeof config === "object" && config !== null && "kind" in config ? config.kind : undefined;
  if (typeof name !== "string" || !Object.hasOwn(mapKinds, name)) {
    return fail("map.kind", cameOf(name), Object.keys(mapKinds).join(" | "));
  }
  return openKind(mapKinds[name as keyof typeof mapKinds], config, weights, fail);
}

function openKind<C>(kind: StoredMapKind<C>, config: unknown, weights: Float32Array, fail: Fail): HostMap {
  const checked = kind.check(config, fail);
  if (kind.open === undefined) return fail("map.kind", kind.title(checked), "a kind that can be opened");
  const size = kind.size(checked);
  if (weights.length !== size) return fail("map", `${weights.length} weights`, `${size}`);
  return kind.open(checked, weights);
}
