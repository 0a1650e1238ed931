/**
 * Explicit Runge-Kutta methods as data.
 *
 *   y_{k+1} = y_k + h sum_i b_i k_i,     k_i = f(t_k + c_i h, y_k + h sum_{j<i} a_ij k_j)
 *
 * Your own method is an object of the same shape; `solve` checks it (tableauCheck.ts) before it takes a step.
 */
export interface Tableau {
  readonly name: string;
  readonly order: number;
  /** c: stage times in units of the step. */
  readonly nodes: readonly number[];
  /** a: one row per stage. */
  readonly stages: readonly (readonly number[])[];
  /** b. */
  readonly weights: readonly number[];
  /** e = b - bHat: weights of the embedded error estimate; adaptive steps need them. */
  readonly error?: readonly number[];
  /** Order of the embedded solution bHat. */
  readonly embeddedOrder?: number;
  /** m: y(t_k + h/2) = y_k + h sum m_i k_i, for dense output (dense.ts). Only with `fsal`, which supplies f at the end. */
  readonly middle?: readonly number[];
  /** First same as last: the last stage is f at the step's end and serves as the first stage of the next step. */
  readonly fsal?: boolean;
}

/** Explicit Euler. */
export const euler: Tableau = { name: "euler", order: 1, nodes: [0], stages: [[]], weights: [1] };

/** The midpoint rule: C. Runge, Mathematische Annalen 46 (1895), 167-178. */
export const midpoint: Tableau = {
  name: "midpoint",
  order: 2,
  nodes: [0, 1 / 2],
  stages: [[], [1 / 2]],
  weights: [0, 1],
};

/** The classical method: W. Kutta, Zeitschrift fuer Mathematik und Physik 46 (1901), 435-453. */
export const rk4: Tableau = {
  name: "rk4",
  order: 4,
  nodes: [0, 1 / 2, 1 / 2, 1],
  stages: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
  weights: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
};

/** Kutta's 3/8 rule, same source; what torchdiffeq calls rk4. */
export const rk4_38: Tableau = {
  name: "rk4-38",
  order: 4,
  nodes: [0, 1 / 3, 2 / 3, 1],
  stages: [[], [1 / 3], [-1 / 3, 1], [1, -1, 1]],
  weights: [1 / 8, 3 / 8, 3 / 8, 1 / 8],
};

/**
 * Dormand-Prince 5(4): J. R. Dormand, P. J. Prince, J. Comp. Appl. Math. 6 (1980), 19-26. First same as last.
 *
 * Middle weights: L. F. Shampine, Math. Comp. 46 (1986), 135-150, as torchdiffeq, SciPy and DOPRI5 use them. torchdiffeq's
 * error weights are 2/3 of these, so its rtol and atol mean 1.5 times ours.
 */
export const dopri5: Tableau = {
  name: "dopri5",
  order: 5,
  nodes: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
  stages: [
    [],
    [1 / 5],
    [3 / 40, 9 / 40],
    [44 / 45, -56 / 15, 32 / 9],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
  ],
  weights: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
  error: [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40],
  embeddedOrder: 4,
  middle: [
    6025192743 / 60171106304,
    0,
    51252292925 / 130801643196,
    -2691868925 / 90256659456,
    187940372067 / 3189068634112,
    -1776094331 / 39487288512,
    11237099 / 470086768,
  ],
  fsal: true,
};

/** Methods by name. */
export const tableaus: Readonly<Record<string, Tableau>> = { euler, midpoint, rk4, "rk4-38": rk4_38, dopri5 };
