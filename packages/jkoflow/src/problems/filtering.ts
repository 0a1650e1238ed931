/**
 * The signal of the nonlinear filtering problem of P. Mokrov et al., NeurIPS 2021, arXiv:2106.00736, section 5.4, on the line:
 *
 *   dX = -V'(X) dt + sqrt(2) dW,   V = sin(2 pi x) / pi + x^2 / 4,   X_0 ~ N(0, 1),   observed as Y = X + N(0, 1) at 0.5, 1, ..., 4.5
 *
 * Between observations its density follows the Fokker-Planck equation, the flow of KL to e^-V / Z; at one it is multiplied by the
 * density of Y and normalised. Finite volumes know the first on a grid.
 */
import { logLinear, normalDistribution } from "../distributions/index.ts";
import { finiteVolumes } from "../evaluate/finiteVolumes.ts";
import type { EvolutionProblem } from "../systems/index.ts";
import type { NamedProblem, Times } from "./namedProblem.ts";
import { ownProblem } from "./own.ts";

const POTENTIAL = "sin(2*pi*x)/pi + x^2/4";
/** Beyond these the density is below e^-8 of its largest. */
const GRID = { low: [-6], high: [6], cells: 600 };

/**
 * -log int e^-V, where KL is 0: e^(-a sin t) = I_0(a) + 2 sum_k ..., of whose waves the Gaussian of variance 2 leaves less than e^-39 (odd ones
 * nothing), so that the integral is 2 sqrt(pi) I_0(1 / pi), I_0(a) = sum_k (a / 2)^2k / k!^2.
 */
function leastEnergy(): number {
  let [bessel, term] = [0, 1];
  for (let k = 1; k < 20; k++) {
    bessel += term;
    term *= 1 / (2 * Math.PI * k) ** 2;
  }
  return -Math.log(2 * Math.sqrt(Math.PI) * bessel);
}

/** The prediction from a start: up to the next observation, or for as long as is asked. */
export function prediction(start: EvolutionProblem["start"], { time, step }: Times): EvolutionProblem {
  const problem = ownProblem({ start, columns: ["x"], potential: POTENTIAL, time, step });
  const { functional } = problem;
  // The density of one time is asked for at many rows: the last one is kept.
  let held: { readonly time: number; readonly density: EvolutionProblem["start"] } = { time: 0, density: start };
  const densityAt = (t: number): EvolutionProblem["start"] => {
    if (held.time === t) return held.density;
    if (t === 0) return start;
    const state = finiteVolumes({ start, functional }, GRID, t);
    if (state === undefined) throw new RangeError("the grid of the signal took too many steps");
    const side = (GRID.high[0] - GRID.low[0]) / GRID.cells;
    const centres = Float64Array.from({ length: GRID.cells }, (_, i) => GRID.low[0] + (i + 0.5) * side);
    held = { time: t, density: logLinear(centres, state.density.map(Math.log)) };
    return held.density;
  };
  return {
    ...problem,
    title: "the signal of a filtering problem",
    exact: {
      logDensityAt: (row, t) => densityAt(t).logDensityAt(row),
      sample: (key, n, t) => densityAt(t).sample!(key, n),
      leastEnergy: leastEnergy(),
    },
  };
}

export const filtering: NamedProblem = {
  says: "the signal of a nonlinear filtering problem, up to its first observation",
  oracle: "density at all times by finite volumes, least F -log int e^-V",
  dimensions: [1, 1],
  times: { time: 0.5, step: 0.1 },
  make: (_, __, times) => prediction(normalDistribution([0], Float64Array.of(1)), times),
};
