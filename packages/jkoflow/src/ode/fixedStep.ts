/** One step on a fixed grid. */
import type { Problem } from "./problem.ts";
import type { Stages } from "./stages.ts";
import { accept, describe, failure, rowOf, type SolverState } from "./state.ts";
import type { Vector } from "./types.ts";

export function fixedStep<V extends Vector>(
  problem: Problem<V>,
  stages: Stages<V>,
  state: SolverState<V>,
): SolverState<V> {
  const { grid, size, signal, onStep } = problem;
  const { t, y, stats } = state;
  const next = stats.accepted + 1;
  const t1 = grid![next];
  const h = size ?? t1 - t;
  if (signal?.aborted) throw failure(state, "Aborted", stats, h, "");
  const trial = stages.attempt(t, t1, h, y, state.slope);
  const nfe = stats.nfe + trial.nfe;
  onStep?.({ t, h, q: undefined, accepted: trial.bad === undefined });
  if (trial.bad !== undefined) {
    const { row } = trial.bad;
    const worst = { row, q: undefined, y: rowOf(problem, y, row) };
    throw failure(state, "NonFinite", { ...stats, nfe }, h, describe(trial.bad), worst);
  }
  const later = next + 1 < grid!.length ? Math.abs(size ?? grid![next + 1] - t1) : 0;
  return accept(problem, stages, state, trial, { ...stats, nfe, nextStep: later });
}
