export { createSolver, type Solver, solve } from "./solve.ts";
export { SolverError, type WorstRow } from "./solverError.ts";
export type { SolverState } from "./state.ts";
export { checkTableau, methodOf } from "./tableauCheck.ts";
export { dopri5, euler, midpoint, rk4, rk4_38, type Tableau, tableaus } from "./tableaus.ts";
export type {
  Adaptive,
  Attempt,
  FailureKind,
  Solution,
  SolveOptions,
  SolveStats,
  Steps,
  Vector,
  VectorField,
} from "./types.ts";
export { type Interval, type RightHandSide, type State, unroll } from "./unroll.ts";
