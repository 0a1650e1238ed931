/** What costs next to nothing, beside the flow: particles by Euler-Maruyama, with a kernel density where one is needed. */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import { eulerMaruyama, kernelEstimate } from "jkoflow/evaluate";
import type { ReportExtent } from "../config/reportExtent.ts";
import { count } from "../progress/numbers.ts";
import type { Comparison } from "./comparison.ts";
import { createEnergyMeter } from "./energy.ts";

const PARTICLES = 10_000;
/** Time steps of particles in one of the scheme. */
const SUBSTEPS = 10;
/** Rows on which the two densities are compared: each is compared with all particles. */
const ROWS = 1000;

/** No row where the functional has no such scheme, or the particles leave every bound. */
export async function opponentOf(
  engine: Engine,
  problem: EvolutionProblem,
  extent: ReportExtent,
  key: Key,
  pause: (phase?: string) => Promise<void>,
): Promise<Comparison[]> {
  if (extent === "none") return [];
  await pause("moving particles by Euler-Maruyama ...");
  const start = performance.now();
  const { time, step, dimension: d, functional } = problem;
  const options = { particles: PARTICLES, time, steps: SUBSTEPS * Math.round(time / step), key: fold(key, "run") };
  const places = eulerMaruyama(engine, problem, options);
  const seconds = (performance.now() - start) / 1000;
  if (places === undefined || !places.every(Number.isFinite)) return [];
  const needsDensity = functional.needs.includes("logDensity");
  const says = `${count(PARTICLES)} particles, time steps of ${step / SUBSTEPS}${needsDensity ? "; their density by kernels" : ""}`;
  const energy = needsDensity ? null : energyOf(engine, problem, places, d);
  return [{ name: "Euler-Maruyama", energy, symKl: symKlOf(problem, places, key), seconds, says }];
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
