/** All kinds of maps by name, and maps opened by their description. */
import { cameOf } from "../errors/came.ts";
import { collisionMap } from "./collisionMap.ts";
import { gradientMap } from "./gradientMap.ts";
import type { Fail, HostMap, MapConfig, MapKind, StoredMapKind } from "./map.ts";

export const mapKinds: {
  readonly collision: StoredMapKind<MapConfig>;
  readonly gradient: MapKind<MapConfig>;
} = { collision: collisionMap, gradient: gradientMap };

/**
 * A map with fixed weights, row by row in float64. `fail` says what is wrong with a description that was read.
 *
 * @example
 * ```ts
 * const config = { kind: "gradient", dimension: 2, width: 64, rank: 5, convexity: 1e-3 };
 * openMap(config, weights, fail).push([0, 1], y); // log det DT there
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
