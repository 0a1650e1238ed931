/** Where a solve stands between two steps. A value: stepping twice from one state gives the same state twice. */
import { recordOf, type StepRecord } from "./dense.ts";
import type { Problem } from "./problem.ts";
import { type SolverError, solverError, type WorstRow } from "./solverError.ts";
import type { Bad, Stages, Trial } from "./stages.ts";
import type { FailureKind, SolveStats, Vector } from "./types.ts";

/** A solve between two steps: plain data, from which `Solver` takes the next one. */
export interface SolverState<V extends Vector> {
  readonly t: number;
  readonly y: V;
  /** f(t, y), when the method knows it already. */
  readonly slope: V | undefined;
  readonly stats: SolveStats;
  /** Trials that were not finite, in the whole solve. */
  readonly notFinite: number;
  /** Estimates of h times the dominant eigenvalue, of the last 50 accepted steps. */
  readonly eigenvalues: readonly number[];
  /** The last step, for dense output. */
  readonly last: StepRecord<V> | undefined;
}

export const emptyStats: SolveStats = {
  nfe: 0,
  accepted: 0,
  rejected: 0,
  forced: 0,
  firstStep: 0,
  lastStep: 0,
  smallestStep: 0,
  nextStep: 0,
  reached: 0,
  stiffness: 0,
  reason: "running",
};

/** The stability bound of dopri5 on the negative real axis is about 3.3; DOPRI5 acts at 3.25. */
const STABILITY_SIGN = 3;
const STIFFNESS_WINDOW = 50;

/**
 * rho = h |k_s - k_{s-1}| / |y1 - Y_{s-1}|: h times an estimate of the dominant eigenvalue, from two slopes at the step's
 * end. Source: the code DOPRI5 of E. Hairer and G. Wanner. undefined where the method has no such two stages.
 */
function eigenvalueEstimate<V extends Vector>({ tableau }: Problem<V>, { h, slopes }: Trial<V>): number | undefined {
  const { nodes, stages, fsal } = tableau;
  const s = stages.length;
  if (!fsal || s < 3 || nodes[s - 2] !== 1) return undefined;
  const change = stages[s - 1].map((a, j) => a - (stages[s - 2][j] ?? 0));
  let slopeSquares = 0;
  let stateSquares = 0;
  for (let i = 0; i < slopes[0].length; i++) {
    slopeSquares += (slopes[s - 1][i] - slopes[s - 2][i]) ** 2;
    let moved = 0;
    for (let j = 0; j < change.length; j++) moved += change[j] * slopes[j][i];
    stateSquares += (h * moved) ** 2;
  }
  return stateSquares > 0 ? Math.abs(h) * Math.sqrt(slopeSquares / stateSquares) : 0;
}

/** The state after an accepted trial. `stats` carries the counts of its step. */
export function accept<V extends Vector>(
  problem: Problem<V>,
  stages: Stages<V>,
  state: SolverState<V>,
  trial: Trial<V>,
  stats: SolveStats,
): SolverState<V> {
  const { t1, y1, slopes, h } = trial;
  const { tableau, to } = problem;
  const rho = eigenvalueEstimate(problem, trial);
  const eigenvalues = rho === undefined ? [] : [...state.eigenvalues, rho].slice(-STIFFNESS_WINDOW);
  const atBound = eigenvalues.filter((value) => value > STABILITY_SIGN).length;
  const slope = tableau.fsal ? stages.make() : undefined;
  slope?.set(slopes[slopes.length - 1]);
  const size = Math.abs(h);
  return {
    t: t1,
    y: y1,
    slope,
    notFinite: state.notFinite,
    eigenvalues,
    last: problem.interpolates ? recordOf(state, trial, tableau.middle!, stages.make()) : undefined,
    stats: {
      ...stats,
      accepted: stats.accepted + 1,
      lastStep: size,
      smallestStep: stats.accepted === 0 ? size : Math.min(size, stats.smallestStep),
      reached: t1,
      stiffness: atBound / Math.max(1, eigenvalues.length),
      reason: t1 === to ? "finished" : "running",
    },
  };
}

/** The failure of a step that began at `state`. */
export function failure<V extends Vector>(
  state: SolverState<V>,
  kind: FailureKind,
  stats: SolveStats,
  h: number,
  detail: string,
  worst?: WorstRow,
): SolverError {
  return solverError({ kind, t: state.t, h, y: state.y, stats: { ...stats, reason: kind }, worst }, detail);
}

/** One row of a flat state, as a copy. */
export const rowOf = <V extends Vector>({ layout }: Problem<V>, y: V, row: number): Vector =>
  y.slice(row * layout.cols, (row + 1) * layout.cols);

/** "the velocity field returned NaN at t = 0.5, row 3" */
export const describe = ({ what, t, row, value }: Bad): string =>
  what === "velocity"
    ? `the velocity field returned ${value} at t = ${t}, row ${row}`
    : `the state became ${value} at t = ${t}, row ${row}, though the velocity was finite`;
