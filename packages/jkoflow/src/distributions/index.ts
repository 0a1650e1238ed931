export { type Barenblatt, barenblatt } from "./barenblatt.ts";
export { type Bkw, bkw } from "./bkw.ts";
export { uniformBox } from "./box.ts";
export type { Distribution } from "./distribution.ts";
export { type Kernels, kernelLogDensity } from "./kernelDensity.ts";
export { logLinear } from "./logLinear.ts";
export { equalMixture, type GaussianMixture, gaussianMixture } from "./mixture.ts";
export { type MixtureBase, mixtureLogDensity, sampleMixtureBase } from "./mixtureBase.ts";
export {
  type Normal,
  normalDistribution,
  standardConstant,
  standardEnergy,
  standardEnergyOf,
  standardLogDensity,
  standardNormal,
} from "./normal.ts";
export { banana, eightModes, funnel, mustache } from "./targets.ts";
