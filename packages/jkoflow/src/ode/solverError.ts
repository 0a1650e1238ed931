/** What a solve that gave up says: one line with the time, the cause that is likely, and what to try. */
import { NumericError } from "../errors/index.ts";
import type { FailureKind, SolveStats, Vector } from "./types.ts";

/** The row that decided. */
export interface WorstRow {
  readonly row: number;
  /** Its scaled error in the last trial that had one. */
  readonly q: number | undefined;
  /** Its last good state. */
  readonly y: Vector;
}

/** @see SolverError */
export interface Failure {
  readonly kind: FailureKind;
  /** Time of the last good state. */
  readonly t: number;
  /** Signed size of the step that failed. */
  readonly h: number;
  /** The last good state. */
  readonly y: Vector;
  readonly stats: SolveStats;
  readonly worst: WorstRow | undefined;
}

/**
 * Exit code 4 of the command, as every NumericError.
 *
 * @example
 * ```ts
 * import { SolverError, solve } from "jkoflow/ode";
 *
 * try {
 *   const adaptive = { rtol: 1e-6, atol: 1e-6, maxSteps: 200 };
 *   solve((_, y) => y.map((value) => value * value), Float64Array.of(1), { from: 0, to: 2, method: "dopri5", adaptive });
 * } catch (error) {
 *   // 1 / (1 - t)
 *   console.log(error instanceof SolverError && error.kind, error instanceof SolverError && error.t < 1.1);
 * }
 * ```
 */
export class SolverError extends NumericError {
  readonly kind: FailureKind;
  readonly t: number;
  readonly h: number;
  readonly y: Vector;
  readonly stats: SolveStats;
  readonly worst: WorstRow | undefined;

  constructor(message: string, failure: Failure) {
    super(message);
    this.kind = failure.kind;
    this.t = failure.t;
    this.h = failure.h;
    this.y = failure.y;
    this.stats = failure.stats;
    this.worst = failure.worst;
  }
}

/** Share of recent steps at the bound of stability from which a problem is called stiff. */
const STIFF_SHARE = 0.5;

const stiffHint = ({ stiffness }: SolveStats): string =>
  stiffness > STIFF_SHARE
    ? "; the problem is stiff for an explicit method: make the velocity smaller (penalty, smaller step of the JKO scheme)," +
      " take a smooth activation, or fixed steps"
    : "";

const count = ({ nfe, accepted, rejected }: SolveStats): string =>
  `after ${accepted} accepted and ${rejected} rejected steps, ${nfe} field evaluations`;

/** The messages. `detail` is what only the place of failure knows. */
export function solverError(failure: Failure, detail: string): SolverError {
  const { kind, t, h, stats } = failure;
  const at = `t = ${t}, step ${h}`;
  const text: Record<FailureKind, string> = {
    NonFinite: `${detail}; last good state at ${at}, ${count(stats)}; check the data and the weights`,
    StepUnderflow:
      `the step fell below ${detail} at ${at}: blow-up, or the field jumps here; ${count(stats)}${stiffHint(stats)};` +
      " loosen rtol and atol, or split the interval at the jump",
    MaxSteps: `maxSteps = ${detail} reached at ${at}, ${count(stats)}${stiffHint(stats)}; loosen the tolerance or raise maxSteps`,
    Aborted: `the solve was aborted at ${at}, ${count(stats)}`,
  };
  return new SolverError(text[kind], failure);
}
