/** What costs next to nothing, beside the flow: particles that diffuse or collide, with a kernel density where one is needed. */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { eulerMaruyama, kernelEstimate, pairCollisions } from "jkoflow/evaluate";
import type { ReportExtent } from "../config/reportExtent.ts";
import { count } from "../progress/numbers.ts";
import type { Comparison } from "./comparison.ts";
import { createEnergyMeter } from "./energy.ts";

const PARTICLES = 10_000;
/** Time steps of particles in one of the scheme. */
const SUBSTEPS = 10;
/** Rows on which the two densities are compared: each is compared with all particles. */
const ROWS = 1000;

/** Nearest that two particles come in the collision kernel. */
const SEPARATION = 1e-3;

interface Opponent {
  readonly name: string;
  /** Rows at the end; undefined where there is no such scheme for the problem. */
  run(engine: Engine, problem: EvolutionProblem, steps: number, key: Key): Float32Array | undefined;
}

const opponents: readonly Opponent[] = [
  {
    name: "Euler-Maruyama",
    run: (engine, problem, steps, key) =>
      eulerMaruyama(engine, problem, { particles: PARTICLES, time: problem.time, steps, key: fold(key, "run") }),
  },
  {
    name: "random pairs",
    run: (_, { start, collisions, dimension, time }, steps, key) => {
      const rows = collisions && start.sample?.(fold(key, "start"), PARTICLES);
      if (!rows) return undefined;
      const kernel = { ...collisions, separation: SEPARATION };
      return Float32Array.from(pairCollisions(rows, dimension, kernel, { time, steps, key: fold(key, "run") }));
    },
  },
];

/** No row of those that have no scheme for the problem, or whose particles leave every bound. */
export async function opponentOf(
  engine: Engine,
  problem: EvolutionProblem,
  extent: ReportExtent,
  key: Key,
  pause: (phase?: string) => Promise<void>,
): Promise<Comparison[]> {
  if (extent === "none") return [];
  const { time, step, dimension: d, functional } = problem;
  const needsDensity = functional.needs.includes("logDensity");
  const rows: Comparison[] = [];
  for (const { name, run } of opponents) {
    await pause(`moving particles by ${name} ...`);
    const start = performance.now();
    const places = run(engine, problem, SUBSTEPS * Math.round(time / step), key);
    const seconds = (performance.now() - start) / 1000;
    if (places === undefined || !places.every(Number.isFinite)) continue;
    const says = `${count(PARTICLES)} particles, time steps of ${step / SUBSTEPS}${needsDensity ? "; their density by kernels" : ""}`;
    const energy = needsDensity ? null : energyOf(engine, problem, places, d);
    rows.push({ name, energy, symKl: symKlOf(problem, places, key), seconds, says });
  }
  return rows;
}

function energyOf(engine: Engine, { functional }: EvolutionProblem, places: Float32Array, d: number): number {
  const meter = createEnergyMeter(engine, functional, d, PARTICLES);
  try {
    return meter.at(Float64Array.from(places), new Float64Array(PARTICLES)).total;
  } finally {
    meter.dispose();
  }
}

/** SymKL of the kernel density to the exact one; null where either is not known. */
function symKlOf({ exact, time, dimension: d }: EvolutionProblem, places: Float32Array, key: Key): number | null {
  const estimate = kernelEstimate(places, d);
  if (estimate === undefined || exact?.logDensityAt === undefined || exact.sample === undefined) return null;
  const at = exact.logDensityAt;
  const drawn = estimate.sample(fold(key, "estimate"), ROWS);
  const exactRows = Float64Array.from(exact.sample(fold(key, "exact"), ROWS, time));
  const [ofDrawn, ofTrue] = [estimate.logDensity(drawn), estimate.logDensity(exactRows)];
  let sum = 0;
  for (let i = 0; i < ROWS; i++) {
    sum += (ofDrawn[i] - at(drawn.subarray(i * d, i * d + d), time)) / ROWS;
    sum += (at(exactRows.subarray(i * d, i * d + d), time) - ofTrue[i]) / ROWS;
  }
  return sum;
}
