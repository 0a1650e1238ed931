export { checkDimension, type GradientConfig, gradientMap, INVERSE_TOLERANCE } from "./gradientMap.ts";
export { mapKinds, openMap } from "./kinds.ts";
export type { BuiltMap, Fail, HostMap, LowerBound, MapKind } from "./map.ts";
export { type MapFlow, openMapFlow, type ScoredRows } from "./mapFlow.ts";
