export { type CollisionConfig, collisionMap, collisionWeights, scoreNetwork } from "./collisionMap.ts";
export { checkDimension, type GradientConfig, gradientMap, INVERSE_TOLERANCE } from "./gradientMap.ts";
export { mapKinds, openMap } from "./kinds.ts";
export type { BuiltMap, Fail, HostMap, LowerBound, MapConfig, MapKind, StoredMapKind } from "./map.ts";
export { type MapFlow, openMapFlow, type ScoredRows } from "./mapFlow.ts";
