/**
 * Training a block to an arc length: h is no longer given but found, so that ( E|x(1) - x(0)|^2 )^(1/2) is the target S.
 *
 *   h <- clip( h (S e^excess / S_batch)^gain ) after every update,  S_batch over the batch
 *   excess <- mean ln S_batch - ln S_held-out after every evaluation
 *
 * Near S this is the damped update of arXiv:2212.14424, App. B.3, h <- h + eta (S h / S_k - h), taken at every update instead
 * of once a round (ours): there h can at most halve in a round, while a first block that does most of the way has to come
 * down by a factor of a hundred. 1/h is the multiplier of the constraint that the arc be no longer than S.
 */
export interface ArcLength {
  readonly target: number;
  readonly smallestStepSize: number;
  readonly largestStepSize: number;
}

/** Share of the way, in logarithms, that h goes at one update. */
const GAIN = 0.05;
/** Weight of the last batch in the moving average. */
const MEMORY = 0.05;
/** No batch counts as further off than this, in logarithms. */
const FURTHEST = 1;
/** Relative deviation of held-out rows from the target that costs nothing. */
const TOLERANCE = 0.02;
/** Nats per unit of relative deviation beyond it: more than any block gains, so that the length comes first. */
const PENALTY = 1e3;

/** Where h is, and what batches tell about the length; part of a block's state in training. */
export interface ArcState {
  readonly stepSize: number;
  /** Moving average of ln S_batch. */
  readonly seen?: number;
  /** ln S_batch - ln S of held-out rows without noise: batches are moved from where the noise has put them. */
  readonly excess: number;
}

/** ln of an arc length, finite for rows that stand still. */
const logLength = (movement: number): number => Math.log(Math.max(movement, 1e-30)) / 2;

/** After an update whose batch has the mean `movement` |x(1) - x(0)|^2. */
export function followArc(state: ArcState, movement: number, arc: ArcLength): ArcState {
  const length = logLength(movement);
  const seen = state.seen === undefined ? length : state.seen + MEMORY * (length - state.seen);
  const off = Math.log(arc.target) + state.excess - length;
  const h = state.stepSize * Math.exp(GAIN * Math.max(-FURTHEST, Math.min(FURTHEST, off)));
  const stepSize = Math.max(arc.smallestStepSize, Math.min(arc.largestStepSize, h));
  return { ...state, stepSize, seen };
}

/** After an evaluation that found the mean `movement` of held-out rows. */
export function correctArc(state: ArcState, movement: number): ArcState {
  return state.seen === undefined ? state : { ...state, excess: state.seen - logLength(movement) };
}

/** What weights are chosen by: the held-out energy, where the length is right. */
export function arcObjective(energy: number, movement: number, { target }: ArcLength): number {
  const off = Math.abs(Math.sqrt(movement) / target - 1);
  return energy + PENALTY * Math.max(0, off - TOLERANCE);
}
