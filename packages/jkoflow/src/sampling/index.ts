/** Sampling of a density that is known up to a constant: the target in batches, tempered sequential Monte Carlo, its moves. */
export { type Sampled, wideBase, widened } from "./base.ts";
export { type Described, describeRows } from "./describe.ts";
export { checkTarget, type Evaluated, type Evaluator, evaluatorOf, targetOf } from "./evaluator.ts";
export { type GraphTarget, graphTargetOf } from "./graphTarget.ts";
export { type Bridge, evaluated, hmcMove, type Leapfrog, type Particles } from "./hmc.ts";
export { covarianceMetric } from "./metric.ts";
export { defended, type SmcStart, smcStart } from "./mixtureStart.ts";
export { judgeSampler, type SamplerFigures } from "./samplerFigures.ts";
export { logZOf, resample, type SmcSettings, type SmcState, smc } from "./smc.ts";
