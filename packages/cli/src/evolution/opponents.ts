/**
 * What costs next to nothing, beside the flow: particles by Euler-Maruyama with a kernel density, random pairs where they
 * collide, all pairs where they feel each other, finite volumes in one and two columns. For rows as a target: towards.ts.
 */
import { type Engine, type EvolutionProblem, fold, type Key } from "jkoflow";
import {
  eulerMaruyama,
  finiteVolumes,
  gridSymKl,
  kernelEstimate,
  pairCollisions,
  pairParticles,
  symKl,
} from "jkoflow/evaluate";
import { count, counted } from "../progress/numbers.ts";
import type { Against } from "./against.ts";
import { type Along, logDensityAfter } from "./along.ts";
import type { Comparison } from "./comparison.ts";
import { createEnergyMeter } from "./energy.ts";
import { samplingOf } from "./samplingOpponent.ts";

const PARTICLES = 10_000;
/** Nearest that two particles come in the collision kernel. */
const SEPARATION = 1e-3;
/** Time steps of particles in one of the scheme. */
const SUBSTEPS = 10;
/** Rows on which the two densities are compared: each is compared with all particles. */
const ROWS = 1000;
/** Particles of which each feels each. */
const PAIRED = 200;
/** Cells of a side, in one column and in two; the box reaches further than the flow by this share. */
const [LINE, PLANE, MARGIN] = [300, 90, 0.3];
/** Cells of a side at which the flow's own density is asked for: each costs an inverse of every map. */
const [LINE_LOOKS, PLANE_LOOKS] = [100, 30];

/** A row for each that can do the problem; none for a functional that has no such scheme, or where it leaves every bound. */
export async function opponentsOf(against: Against, pause: (phase?: string) => Promise<void>): Promise<Comparison[]> {
  if (against.extent === "none") return [];
  const { problem } = against;
  const found: (Comparison | undefined)[] = [];
  const { collisions, functional, dimension } = problem;
  if (collisions) {
    await pause("colliding random pairs of particles ...");
    found.push(colliding(against));
  } else if (problem.target === undefined) {
    await pause("moving particles by Euler-Maruyama ...");
    found.push(moving(against));
  }
  if (against.isTarget) {
    await pause("sampling the target by tempered SMC ...");
    found.push(await samplingOf(against));
  }
  if (functional.needs.includes("pair") && !collisions) {
    await pause("moving all pairs of particles ...");
    found.push(pairing(against));
  }
  if (dimension <= 2 && !collisions && problem.target === undefined) {
    await pause("solving on a grid ...");
    found.push(gridding(against));
  }
  return found.filter((line) => line !== undefined);
}

const since = (start: number): number => (performance.now() - start) / 1000;

const stepsOf = ({ time, step }: EvolutionProblem): number => SUBSTEPS * Math.round(time / step);

function moving({ engine, problem, key }: Against): Comparison | undefined {
  const start = performance.now();
  const options = { particles: PARTICLES, time: problem.time, steps: stepsOf(problem), key: fold(key, "run") };
  return ofPlaces("Euler-Maruyama", eulerMaruyama(engine, problem, options), since(start), { engine, problem, key });
}

function colliding({ engine, problem, key }: Against): Comparison | undefined {
  const { start: law, collisions, dimension, time } = problem;
  const start = performance.now();
  const rows = collisions && law.sample?.(fold(key, "start"), PARTICLES);
  if (!rows) return undefined;
  const kernel = { ...collisions, separation: SEPARATION };
  const options = { time, steps: stepsOf(problem), key: fold(key, "run") };
  const places = Float32Array.from(pairCollisions(rows, dimension, kernel, options));
  return ofPlaces("random pairs", places, since(start), { engine, problem, key });
}

/** Of particles at the end; undefined where there are none, or they leave every bound. */
function ofPlaces(
  name: string,
  places: Float32Array | undefined,
  seconds: number,
  { engine, problem, key }: Pick<Against, "engine" | "problem" | "key">,
): Comparison | undefined {
  if (places === undefined || !places.every(Number.isFinite)) return undefined;
  const needsDensity = problem.functional.needs.includes("logDensity");
  const says = `${count(PARTICLES)} particles, time steps of ${problem.step / SUBSTEPS}${needsDensity ? "; their density by kernels" : ""}`;
  const energy = needsDensity ? null : energyOf(engine, problem, places, problem.dimension);
  return { name, energy, ...symKlOf(problem, places, key), seconds, says };
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
function symKlOf(
  { exact, time, dimension: d }: EvolutionProblem,
  places: Float32Array,
  key: Key,
): Pick<Comparison, "symKl" | "symKlError"> {
  const estimate = kernelEstimate(places, d);
  if (estimate === undefined || exact?.logDensityAt === undefined || exact.sample === undefined) return { symKl: null };
  const { logDensityAt } = exact;
  const drawn = estimate.sample(fold(key, "estimate"), ROWS);
  const rows = Float64Array.from(exact.sample(fold(key, "exact"), ROWS, time));
  const exactOf = (of: Float64Array): Float64Array =>
    Float64Array.from({ length: ROWS }, (_, i) => logDensityAt(of.subarray(i * d, i * d + d), time));
  const { value, error } = symKl(
    { p: estimate.logDensity(drawn), q: exactOf(drawn) },
    { p: exactOf(rows), q: estimate.logDensity(rows) },
  );
  return Number.isFinite(value) ? { symKl: value, symKlError: error } : { symKl: null };
}

function pairing({ engine, problem, key }: Against): Comparison | undefined {
  const start = performance.now();
  const options = { particles: PAIRED, time: problem.time, key: fold(key, "pairs") };
  const found = pairParticles(engine, problem, options);
  if (found === undefined) return undefined;
  const says = `${PAIRED} particles in ${counted(found.steps, "step")}; their F is that of so many`;
  return { name: "all pairs of particles", energy: found.energy, symKl: null, seconds: since(start), says };
}

function gridding({ problem, flow, along }: Against): Comparison | undefined {
  const { exact, time, dimension: d } = problem;
  const start = performance.now();
  const cells = d === 1 ? LINE : PLANE;
  const state = finiteVolumes(problem, { ...boxOf(along, d), cells }, time);
  if (state === undefined) return undefined;
  const seconds = since(start);
  const says = `${d === 1 ? cells : `${cells} x ${cells}`} cells, ${counted(state.steps, "step")}`;
  const line = { name: "finite volumes", energy: state.energy, seconds, says };
  // The target is not what the flow is at that time: the exact one is this very density, to the error of the grid.
  const isExact = exact?.logDensityAt !== undefined && exact.of === undefined;
  if (isExact) return { ...line, symKl: gridSymKl(state, (row) => exact.logDensityAt!(row, time)) };
  const symKlToTarget = exact?.logDensityAt && gridSymKl(state, (row) => exact.logDensityAt!(row, time));
  const steps = flow.maps.length;
  const learned = (row: ArrayLike<number>): number => logDensityAfter(flow, row, steps).logDensity[0];
  const canInvert = flow.maps.every(({ invert }) => invert !== undefined);
  const toRun = canInvert ? gridSymKl(state, learned, d === 1 ? LINE_LOOKS : PLANE_LOOKS) : null;
  return { ...line, symKl: symKlToTarget ?? null, toRun };
}

/** All that the flow passed through, and a little more. */
function boxOf({ points }: Along, d: number): { readonly low: number[]; readonly high: number[] } {
  const low = new Array<number>(d).fill(Number.POSITIVE_INFINITY);
  const high = new Array<number>(d).fill(Number.NEGATIVE_INFINITY);
  for (const rows of points) {
    rows.forEach((v, i) => {
      low[i % d] = Math.min(low[i % d], v);
      high[i % d] = Math.max(high[i % d], v);
    });
  }
  const margin = low.map((v, k) => MARGIN * (high[k] - v));
  return { low: low.map((v, k) => v - margin[k]), high: high.map((v, k) => v + margin[k]) };
}
