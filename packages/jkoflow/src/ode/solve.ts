/**
 * Driven integration of y' = f(t, y) on host arrays: evaluation, inversion and adaptive steps. (Training unrolls, see
 * unroll.ts.)
 *
 *   solve((t, y) => [-y[0]], Float64Array.of(1), { from: 0, to: 1, method: "dopri5", adaptive: { rtol: 1e-6, atol: 1e-9 } })
 *
 * `to` below `from` integrates backward: the field is called with the true times and is not negated. NFE, unless a trial was
 * not finite: n times the stages with fixed steps (dopri5: 6n + 1); adaptive dopri5: 2 + 6 (accepted + rejected), one less
 * with a given first step.
 */
import { adaptiveStep } from "./adaptiveStep.ts";
import { createDense, interpolate, type StepRecord } from "./dense.ts";
import { estimateFirstStep } from "./firstStep.ts";
import { fixedStep } from "./fixedStep.ts";
import { createProblem, type Problem, sameTime } from "./problem.ts";
import { SolverError } from "./solverError.ts";
import { createStages, type Stages } from "./stages.ts";
import { describe, emptyStats, failure, rowOf, type SolverState } from "./state.ts";
import type { Solution, SolveOptions, SolveStats, Vector, VectorField } from "./types.ts";

/** A solve that its caller drives. */
export interface Solver<V extends Vector> {
  /** The state at `from`; evaluates the field at most twice. */
  start(): SolverState<V>;
  /**
   * The state after one more accepted step; a finished state returns itself.
   *
   * @throws SolverError
   */
  step(state: SolverState<V>): SolverState<V>;
}

function startOf<V extends Vector>(problem: Problem<V>, stages: Stages<V>): SolverState<V> {
  const { from, to, y0, control, size, grid } = problem;
  const state: SolverState<V> = {
    t: from,
    y: y0.slice() as V,
    slope: undefined,
    stats: { ...emptyStats, reached: from },
    notFinite: 0,
    eigenvalues: [],
    last: undefined,
  };
  if (from === to) return { ...state, stats: { ...state.stats, reason: "finished" } };
  // With fixed steps the first evaluation belongs to the first step.
  if (control === undefined) {
    const firstStep = Math.abs(size ?? grid![1] - from);
    return { ...state, stats: { ...state.stats, firstStep, nextStep: firstStep } };
  }
  const slope = stages.make();
  const bad = stages.evaluate(from, state.y, slope);
  if (bad !== undefined) {
    const worst = { row: bad.row, q: undefined, y: rowOf(problem, state.y, bad.row) };
    throw failure(state, "NonFinite", { ...state.stats, nfe: 1 }, 0, describe(bad), worst);
  }
  const firstStep = control.firstStep ?? estimateFirstStep(problem, stages, slope);
  const nfe = control.firstStep === undefined ? 2 : 1;
  return { ...state, slope, stats: { ...state.stats, nfe, firstStep, nextStep: firstStep } };
}

function solverOf<V extends Vector>(problem: Problem<V>): Solver<V> {
  const stages = createStages(problem);
  const step = problem.control === undefined ? fixedStep : adaptiveStep;
  return {
    start: () => startOf(problem, stages),
    step: (state) => (state.stats.reason === "running" ? step(problem, stages, state) : state),
  };
}

/**
 * One step at a time. @throws InputError for anything wrong with the arguments.
 *
 * @example
 * ```ts
 * import { createSolver, type Vector } from "jkoflow/ode";
 *
 * const decay = (_: number, y: Vector): Vector => y.map((value) => -value);
 * const solver = createSolver(decay, Float64Array.of(1), { from: 0, to: 1, steps: { count: 4 }, method: "rk4" });
 * let state = solver.start();
 * while (state.stats.reason !== "finished") state = solver.step(state);
 * console.log(state.y[0].toFixed(3), state.stats.accepted); // 0.368 4
 * ```
 */
export function createSolver<V extends Vector>(field: VectorField<V>, y0: V, options: SolveOptions): Solver<V> {
  return solverOf(createProblem(field, y0, options));
}

/**
 * From `from` to `to`, which is landed on exactly.
 *
 * @throws InputError for anything wrong with the arguments, before the field is called.
 * @throws SolverError when the solve gives up, unless `onFailure` is `partial`.
 */
export function solve<V extends Vector>(field: VectorField<V>, y0: V, options: SolveOptions): Solution<V> {
  const problem = createProblem(field, y0, options);
  const solver = solverOf(problem);
  const { at = [], onFailure = "throw", from } = options;
  const records: StepRecord<V>[] = [];
  const times = [from];
  const ys: V[] = [];
  /** Places in `at` that wait for their time. */
  let waiting = at.map((_, place) => place);
  const fill = (from0: number, { t, y, last }: SolverState<V>): void => {
    waiting = waiting.filter((place) => {
      const wanted = at[place];
      if (sameTime(wanted, t, options)) ys[place] = y.slice() as V;
      else if (last !== undefined && (wanted - from0) * (t - wanted) > 0) ys[place] = interpolate(last, wanted);
      else return true;
      return false;
    });
  };

  let state: SolverState<V> | undefined;
  let stats: SolveStats;
  try {
    state = solver.start();
    fill(from, state);
    while (state.stats.reason === "running") {
      const before: number = state.t;
      state = solver.step(state);
      times.push(state.t);
      if (options.dense) records.push(state.last!);
      fill(before, state);
    }
    stats = state.stats;
  } catch (error) {
    if (!(error instanceof SolverError) || onFailure === "throw") throw error;
    stats = error.stats;
  }
  return {
    y: state?.y ?? (y0.slice() as V),
    ...(options.at ? { ys } : {}),
    ...(options.dense ? { dense: createDense(records, y0, from) } : {}),
    times,
    stats,
  };
}
