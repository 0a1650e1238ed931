/** What a driven solve takes and gives. */
import type { Tableau } from "./tableaus.ts";

/** A state, float64 or float32; rows `[B, n]`, row-major. Times are float64 always. */
export type Vector = Float64Array | Float32Array;

/**
 * dy/dt at (t, y): as many numbers as y has. The solver copies them, so the same array may be returned at every call; y
 * must be left as it is. Anything random in a field must stay the same for the whole solve.
 */
export type VectorField<V extends Vector = Vector> = (t: number, y: V) => ArrayLike<number>;

/**
 * A fixed grid: `count` equal steps; the fewest equal steps no longer than `size`; or the given rising (backward: falling)
 * `times`, both ends included, which replays the steps of another solve.
 */
export type Steps = { readonly count: number } | { readonly size: number } | { readonly times: readonly number[] };

/** The step follows the error: || err / (atol + rtol max(|y|, |y1|)) || < 1 at each step. */
export interface Adaptive {
  readonly rtol: number;
  readonly atol: number;
  /** Default: estimated with two evaluations. */
  readonly firstStep?: number;
  /** Default 0: as small as the resolution of time allows. */
  readonly minStep?: number;
  /** Default: the whole interval. */
  readonly maxStep?: number;
  /** Accepted and rejected steps together; default 10,000. */
  readonly maxSteps?: number;
  /**
   * `max-row` (default): the largest root mean square of a row, so that every row meets the tolerance. `rms`: over the
   * whole batch, as torchdiffeq and SciPy do; a row may then exceed its tolerance by up to sqrt(B).
   */
  readonly norm?: "max-row" | "rms";
  /** One entry per column: does it count in the error norm? Default: all do. */
  readonly inErrorNorm?: readonly boolean[];
  /** Take a step of size `minStep` even if its error test fails; counted in `stats.forced`. Default: StepUnderflow. */
  readonly acceptAtMinStep?: boolean;
}

/** One attempted step. */
export interface Attempt {
  readonly t: number;
  /** Signed size. */
  readonly h: number;
  /** Scaled error, accepted below 1; undefined with fixed steps and for a trial that was not finite. */
  readonly q: number | undefined;
  readonly accepted: boolean;
}

/** What to integrate by, from where to where, and what is wanted of the way. */
export interface SolveOptions {
  readonly from: number;
  /** Below `from` integrates backward: the field is called with the true times and is not negated. */
  readonly to: number;
  /** `euler`, `midpoint`, `rk4`, `rk4-38`, `dopri5`, or a tableau. */
  readonly method: string | Tableau;
  /** One of `steps` and `adaptive` is required; no method has a default number of steps. */
  readonly steps?: Steps;
  readonly adaptive?: Adaptive;
  /** Rows in y0; default 1. */
  readonly rows?: number;
  /** Times at which the solution is wanted; they do not change the steps. */
  readonly at?: readonly number[];
  /** Keep every step, for `dense(t)`; default no. */
  readonly dense?: boolean;
  readonly signal?: AbortSignal;
  readonly onStep?: (attempt: Attempt) => void;
  /** `partial`: return the last good state instead of throwing; `stats.reason` says why. Default `throw`. */
  readonly onFailure?: "throw" | "partial";
}

/** Why a solve gives up: a state that is not finite, a step too small, too many steps, or the signal. */
export type FailureKind = "NonFinite" | "StepUnderflow" | "MaxSteps" | "Aborted";

/** What a solve has cost. */
export interface SolveStats {
  /** Calls of the field on the whole batch. */
  readonly nfe: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Steps taken at `minStep` against their error test. */
  readonly forced: number;
  /** Sizes of steps are positive in both directions; 0 before the first step. */
  readonly firstStep: number;
  readonly lastStep: number;
  readonly smallestStep: number;
  /** What the controller proposes to go on with. */
  readonly nextStep: number;
  /** The time that was reached: `to` unless the solve failed. */
  readonly reached: number;
  /** Share of the last 50 accepted steps at the bound of stability; above 0.5 the problem is stiff for the method. */
  readonly stiffness: number;
  /** `running` only while steps are taken one at a time. */
  readonly reason: "running" | "finished" | FailureKind;
}

/** Where a solve ends. */
export interface Solution<V extends Vector> {
  /** The state at `to`. */
  readonly y: V;
  /** The states at the times `at`, in their order. */
  readonly ys?: readonly V[];
  /** The solution at any time of the interval. @throws InputError outside of it. */
  readonly dense?: (t: number) => V;
  /** Times of the accepted steps, both ends included: `steps: { times }` replays them. */
  readonly times: readonly number[];
  readonly stats: SolveStats;
}
