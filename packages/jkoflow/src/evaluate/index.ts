/** How good is it: held-out likelihood, baselines that need no training, two-sample distances and tests, closed forms. */

export { type BoostedTrees, type BoostedTreesOptions, fitBoostedTrees } from "./boostedTrees.ts";
export { type BoostedTreesTest, type BoostedTreesTestOptions, boostedTreesTest } from "./boostedTreesTest.ts";
export { type ChainDiagnostics, diagnoseChains } from "./chains.ts";
export { type ClassifierTest, type ClassifierTestOptions, classifierTest } from "./classifierTest.ts";
export {
  type DiagonalStep,
  diagonalJkoSequence,
  diagonalJkoStep,
  type GeneralStep,
  generalJkoStep,
  type StepLoss,
} from "./closedForm.ts";
export { type Comparison, carryingRows, compareModels } from "./comparison.ts";
export { type ConditionalGaussian, fitConditionalGaussian } from "./conditionalGaussian.ts";
export { detectableAccuracy } from "./detectable.ts";
export { energyDistance } from "./energyDistance.ts";
export { finiteVolumes, gridSymKl, type VolumeState } from "./finiteVolumes.ts";
export { betterGaussian, fitGaussian, type Gaussian, type GaussianOptions } from "./gaussian.ts";
export {
  type GaussianState,
  type GaussianStep,
  type GaussianTarget,
  gaussianFlowAt,
  gaussianJkoStep,
  gaussianKl,
  gaussianSymKl,
} from "./gaussianFlow.ts";
export type { VolumeGrid } from "./gridEnergy.ts";
export { type KernelEstimate, kernelEstimate } from "./kernelEstimate.ts";
export { fitMarginMixture, type MarginMixture } from "./marginMixture.ts";
export { type BkwFlow, bkwScaleAt, maxwellCovarianceAt } from "./maxwellFlow.ts";
export {
  fitMixture,
  type Mixture,
  type MixtureCandidate,
  type MixtureOptions,
  type MixtureRows,
  mixtureDefaults,
  mixtureRows,
} from "./mixture.ts";
export { type Bandwidth, type Mmd, type MmdOptions, type MmdTest, medianDistance, mmd, mmdTest } from "./mmd.ts";
export { matchMoments, momentsOf } from "./moments.ts";
export { type PairOptions, pairCollisions } from "./pairCollisions.ts";
export { type PairParticles, pairParticles } from "./pairParticles.ts";
export { eulerMaruyama, type ParticleOptions } from "./particles.ts";
export { cellLogProb } from "./roundingCells.ts";
export { type Estimate, estimate, medianOf, pairedDifference, type Score, scoreLogProb } from "./score.ts";
export {
  type SlicedOptions,
  type SlicedTest,
  type SlicedTestOptions,
  slicedWasserstein,
  slicedWassersteinTest,
} from "./slicedWasserstein.ts";
export { type LogDensities, type SymKl, symKl } from "./symKl.ts";
export {
  type FitTest,
  type FitTestName,
  type FitTestOptions,
  type RawRows,
  type TestsOfFit,
  testsOfFit,
} from "./testsOfFit.ts";
export type { Cells } from "./treeBins.ts";
export type { TreeNode } from "./treeGrow.ts";
export type { TwoSampleOptions, TwoSampleResult } from "./twoSample.ts";
export { type Weighed, weigh } from "./weights.ts";
export { type Witness, witness } from "./witness.ts";
