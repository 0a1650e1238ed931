/**
 * The certificate of a run: the residual of every step on rows it was not trained on, and what it means by the convergence theory
 * (theory/convergence.ts of the library), in figures and in words.
 */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { certify, createResidualMeter, type SeenResidual } from "jkoflow/theory";
import { counted, small } from "../progress/numbers.ts";
import { type Along, logDensityAfter, type OpenFlow } from "./along.ts";
import type { Energy } from "./energy.ts";

/** One step. */
export interface CertifiedStep {
  /** Norm of what is left of the first-order condition, as test fields see it; nats per unit of length. */
  readonly residual: number;
  /** The same with two standard errors of its square. */
  readonly residualUpper: number;
  /** W_2^2 to the minimiser is not above it: the recursion of the theory, by `residualUpper`; null where there is no bound. */
  readonly bound: number | null;
  /** Of equal steps: F less its least value is not above it; null where its conditions do not hold. */
  readonly excess: number | null;
}

export interface Certificate {
  readonly steps: readonly CertifiedStep[];
  /** Test fields of a residual. */
  readonly fields: number;
  /** Of `residualUpper`. */
  readonly largest: number;
  /** Least curvature of the potential at the rows of the run; null where there is an interaction. */
  readonly lambda: number | null;
  /** W_2^2 between the start and the minimiser is not above it: 2 (F(start) - least F) / lambda; null where that is not known. */
  readonly distance: number | null;
  /** Why there are no bounds; null where there are. */
  readonly why: string | null;
  /**
   * Root mean square difference of log-densities that came along with the rows to those by the inverses of the maps, nats: the two sides of
   * KL(start | generated) = KL(end | target). Null where maps have no inverse.
   */
  readonly densityGap: number | null;
}

/** Rows at which curvatures are taken, and rows that are taken back. */
const [LOOKS, CHECKED] = [512, 64];

/** Null for densities that move otherwise than by the gradient of F in W_2, and without steps. */
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
  const { functional, collisions, dimension: d, step, exact } = problem;
  const { points, logDensity } = along;
  const isKnown = logDensity.every((values) => values.every(Number.isFinite));
  if (collisions || flow.maps.length === 0 || (functional.needs.includes("logDensity") && !isKnown)) return null;
  await pause("certifying the steps ...");
  const meter = createResidualMeter(engine, functional, d, logDensity[0].length);
  const seen: SeenResidual[] = [];
  try {
    for (let k = 1; k < points.length; k++) {
      const moved = { before: points[k - 1], after: points[k], logDensity: logDensity[k], stepSize: step };
      seen.push(meter.at({ ...moved, key: fold(key, "step", k) }));
      await pause();
    }
  } finally {
    meter.dispose();
  }
  const lambda = leastCurvature(engine, problem, along);
  const least = exact?.leastEnergy;
  const distance =
    lambda !== null && lambda > 0 && least !== undefined ? (2 * (energies[0].total - least)) / lambda : null;
  const why = whyNone(lambda, least);
  const measured = seen.map(({ upper }) => ({ stepSize: step, residual: upper }));
  const bounds =
    lambda !== null && distance !== null ? certify(measured, { lambda, distance: Math.max(0, distance) }) : [];
  return {
    steps: seen.map(({ residual, upper }, k) => ({
      residual,
      residualUpper: upper,
      bound: bounds[k]?.distance ?? null,
      excess: bounds[k]?.excess ?? null,
    })),
    fields: seen[0].fields,
    largest: Math.max(...seen.map(({ upper }) => upper)),
    lambda,
    distance,
    why,
    densityGap: densityGap(flow, along, d),
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

function whyNone(lambda: number | null, least: number | undefined): string | null {
  if (lambda === null) return "F has an interaction, whose convexity is not looked at";
  if (!(lambda > 0)) return `F is not convex where the rows are (least curvature of the potential ${small(lambda)})`;
  return least === undefined ? "the least value of F is not known" : null;
}

function densityGap(flow: OpenFlow, { points, logDensity }: Along, d: number): number | null {
  if (!flow.maps.every(({ invert }) => invert !== undefined)) return null;
  const last = flow.maps.length;
  const n = Math.min(CHECKED, points[last].length / d);
  const back = logDensityAfter(flow, points[last].subarray(0, n * d), last).logDensity;
  return Math.sqrt(back.reduce((sum, v, i) => sum + (v - logDensity[last][i]) ** 2 / n, 0));
}

/** For verdict and page. */
export function certificateSays(certificate: Certificate | null): string {
  if (certificate === null) return "";
  const { steps, fields, largest, why, lambda, densityGap: gap } = certificate;
  const last = steps[steps.length - 1];
  const seen = `The first-order condition is left by at most ${small(largest)} nats per unit of length, two standard errors included, as ${counted(fields, "test field")} see it`;
  const bounded =
    why === null && last.bound !== null
      ? `: W_2 to the minimiser is at most ${small(Math.sqrt(last.bound))} by the recursion of the convergence theory (lambda ${small(lambda ?? 0)}, the least curvature seen at the rows)`
      : `; no bound on the distance to the minimiser follows, since ${why}`;
  const both =
    gap === null ? "" : `. Log-densities by the maps and by their inverses differ by ${gap.toExponential(1)} nats`;
  return `${seen}${bounded}${both}.`;
}
