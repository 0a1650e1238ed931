/**
 * The certificate of a run: the residual of every step on rows it was not trained on, and what it means by the convergence theory
 * (theory/convergence.ts of the library), in figures.
 */
import type { Engine, EvolutionProblem, Key } from "jkoflow";
import { certify, createResidualMeter } from "jkoflow/theory";
import { small } from "../progress/numbers.ts";
import { type Along, lengthOf, type OpenFlow } from "./along.ts";
import { type BothWays, bothWays } from "./bothWays.ts";
import type { Energy } from "./energy.ts";
import { type Residuals, residualsOf } from "./residuals.ts";

/** One step. */
export interface CertifiedStep {
  /** Norm of what is left of the first-order condition; nats per unit of length. */
  readonly residual: number;
  /** The same with two standard errors of its square. */
  readonly residualUpper: number;
  /** The largest `residualUpper` so far. */
  readonly largest: number;
  /** W_2^2 to the minimiser is not above it: the recursion of the theory, by `residualUpper`; null where there is no bound. */
  readonly bound: number | null;
  /** The closed form of the same by `largest`, of equal steps. */
  readonly closed: number | null;
  /** F less its least value is not above it: of equal steps; null where its conditions do not hold. */
  readonly excess: number | null;
}

export interface Certificate extends Pick<Residuals, "by" | "fields" | "seen" | "turn"> {
  readonly steps: readonly CertifiedStep[];
  /** Of `residualUpper`. */
  readonly largest: number;
  /** Least curvature of the potential at the rows of the run; null where there is an interaction. */
  readonly lambda: number | null;
  /** W_2^2 between the start and the minimiser is not above it: 2 (F(start) - least F) / lambda, by F and two standard errors; null where that is not known. */
  readonly distance: number | null;
  /** Why there are no bounds; null where there are. */
  readonly why: string | null;
  /** Null where maps have no inverse. */
  readonly bothWays: BothWays | null;
}

/** Rows at which curvatures are taken. */
const LOOKS = 512;
/** Maps that turn by a larger share are no gradients; differences of exact ones show about 1e-8. */
const MOST_TURN = 1e-4;

/** Null for densities that move otherwise than by the gradient of F in W_2, for divergences to rows, and without steps. */
export async function certificateOf(
  {
    engine,
    problem,
    flow,
    along,
    energies,
    key,
  }: {
    readonly engine: Engine;
    readonly problem: EvolutionProblem;
    readonly flow: OpenFlow;
    readonly along: Along;
    readonly energies: readonly Energy[];
    readonly key: Key;
  },
  pause: (phase?: string) => Promise<void>,
): Promise<Certificate | null> {
  const { functional, collisions, exact } = problem;
  const isKnown = along.logDensity.every((values) => values.every(Number.isFinite));
  const isAsked = functional.needs.some((need) => need === "critic" || need === "together");
  if (collisions || isAsked || flow.maps.length === 0 || (functional.needs.includes("logDensity") && !isKnown))
    return null;
  await pause("certifying the steps ...");
  const { steps: measured, stretches, ...about } = await residualsOf(engine, problem, flow, along, key, pause);
  const lambda = leastCurvature(engine, problem, along);
  const least = exact?.leastEnergy;
  const why = whyNone(lambda, least, about.turn);
  const distance =
    lambda !== null && lambda > 0 && least !== undefined
      ? Math.max(0, (2 * (energies[0].total + 2 * energies[0].error - least)) / lambda)
      : null;
  const sized = measured.map(({ upper }, k) => ({ stepSize: lengthOf(along.times, k + 1), residual: upper }));
  const bounds = why === null && lambda !== null && distance !== null ? certify(sized, { lambda, distance }) : [];
  let largest = 0;
  const steps = measured.map(({ residual, upper }, k): CertifiedStep => {
    largest = Math.max(largest, upper);
    const { distance: bound = null, closed = null, excess = null } = bounds[k] ?? {};
    return { residual, residualUpper: upper, largest, bound, closed, excess };
  });
  await pause();
  const last = energies[energies.length - 1];
  return {
    ...about,
    steps,
    largest,
    lambda,
    distance,
    why,
    bothWays: bothWays(engine, problem, flow, along, last, stretches, key),
  };
}

/** Over rows of the start, the middle and the end: what the flow goes through. */
function leastCurvature(
  engine: Engine,
  { functional, dimension: d }: EvolutionProblem,
  { points }: Along,
): number | null {
  const times = [0, points.length >> 1, points.length - 1];
  const n = Math.min(LOOKS, points[0].length / d);
  const rows = new Float64Array(times.length * n * d);
  times.forEach((k, at) => {
    rows.set(points[k].subarray(0, n * d), at * n * d);
  });
  const meter = createResidualMeter(engine, functional, d, times.length * n);
  try {
    return meter.leastCurvature(rows) ?? null;
  } finally {
    meter.dispose();
  }
}

function whyNone(lambda: number | null, least: number | undefined, turn: number): string | null {
  if (lambda === null) return "F has an interaction, whose convexity is not looked at";
  if (!(lambda > 0)) return `F is not convex where the rows are (least curvature of the potential ${small(lambda)})`;
  if (least === undefined) return "the least value of F is not known";
  return turn > MOST_TURN
    ? "the maps are no gradients: what is left is of the objective that was trained, not of the step in W_2"
    : null;
}
