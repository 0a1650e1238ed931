/** How good is it: held-out likelihood, baselines that need no training, two-sample distances and tests, closed forms. */

export {
  type DiagonalStep,
  diagonalJkoSequence,
  diagonalJkoStep,
  type GeneralStep,
  generalJkoStep,
  type StepLoss,
} from "./closedForm.ts";
export { fitGaussian, type Gaussian } from "./gaussian.ts";
export {
  fitMixture,
  type Mixture,
  type MixtureCandidate,
  type MixtureOptions,
  mixtureDefaults,
} from "./mixture.ts";
export { type Estimate, pairedDifference, type Score, scoreLogProb } from "./score.ts";
