export type { Distribution } from "./distribution.ts";
export { type Normal, normalDistribution, standardLogDensity, standardNormal } from "./normal.ts";
