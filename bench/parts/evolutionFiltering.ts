/**
 * Nonlinear filtering on the line (P. Mokrov et al., NeurIPS 2021, arXiv:2106.00736, section 5.4): nine observations of a signal, each
 * half a unit of time apart; between two the density is predicted by a flow, at one it is multiplied by the likelihood.
 *
 * The posterior stands at knots, from which it starts again: possible on the line alone. Beside it the same on a grid, as the truth, and
 * particles that are drawn again by their likelihoods (N. Gordon, D. Salmond, A. Smith, IEE Proc. F 140 (1993)), with kernels.
 */
import { createKey, type Engine, fold, jkoIcnn, type Key, random, type Settings } from "jkoflow";
import { logLinear, normalDistribution } from "jkoflow/distributions";
import { eulerMaruyama, finiteVolumes, kernelEstimate } from "jkoflow/evaluate";
import { logDensityAfter } from "../../packages/cli/src/evolution/along.ts";
import { prediction } from "../../packages/jkoflow/src/problems/filtering.ts";
import { startClock } from "./clock.ts";
import type { OwnTest } from "./evolutionJudge.ts";
import { trainFlow } from "./evolutionTrain.ts";

/** Predictions; between two there is an observation. */
const LEGS = 10;
const TIMES = { time: 0.5, step: 0.1 };
/** Of the truth: a cell is 1/50. Of the posteriors of the flow: a knot at each 1/20. */
const GRID = { low: [-6], high: [6], cells: 600 };
const KNOTS = Float64Array.from({ length: 241 }, (_, j) => -6 + j / 20);
const CENTRES = Float64Array.from({ length: GRID.cells }, (_, i) => -6 + (i + 0.5) / 50);
/** Time steps of particles in a prediction. */
const SUBSTEPS = 100;

type Law = ReturnType<typeof logLinear>;
const first = (): Law => normalDistribution([0], Float64Array.of(1));
const likelihood = (x: number, y: number): number => -((x - y) ** 2) / 2;

/** What is seen at each observation, of a signal by small steps. */
function observe(key: Key): number[] {
  const [steps, dt] = [LEGS * 500, 1e-3];
  const [noise, errors] = [random.normal(fold(key, "signal"), steps + 1), random.normal(fold(key, "errors"), LEGS)];
  let x = noise[steps];
  const seen: number[] = [];
  for (let k = 0; k < steps; k++) {
    x += -dt * (2 * Math.cos(2 * Math.PI * x) + x / 2) + Math.sqrt(2 * dt) * noise[k];
    if ((k + 1) % 500 === 0 && seen.length < LEGS - 1) seen.push(x + errors[seen.length]);
  }
  return seen;
}

/** log p at the centres of the grid at the end, of laws that are predicted and multiplied in turn. */
async function filter(
  seen: readonly number[],
  predict: (start: Law, leg: number) => Promise<(x: Float64Array) => Float64Array>,
  knots: Float64Array,
): Promise<Float64Array> {
  let law = first();
  for (let leg = 0; ; leg++) {
    const logDensity = await predict(law, leg);
    if (leg === LEGS - 1) return logDensity(CENTRES);
    const logs = logDensity(knots);
    law = logLinear(
      knots,
      logs.map((value, j) => value + likelihood(knots[j], seen[leg])),
    );
  }
}

/** KL both ways on the grid, of log-densities up to constants. */
function symKlOf(a: Float64Array, b: Float64Array): number {
  const [p, q] = [a, b].map((logs) => {
    const mass = logs.map(Math.exp);
    const total = mass.reduce((sum, v) => sum + v, 0);
    return mass.map((v) => v / total);
  });
  return p.reduce((sum, v, i) => (v > 0 && q[i] > 0 ? sum + (v - q[i]) * Math.log(v / q[i]) : sum), 0);
}

const onGrid = (seen: readonly number[], cells: typeof GRID): Promise<Float64Array> => {
  const side = 12 / cells.cells;
  const centres = Float64Array.from({ length: cells.cells }, (_, i) => -6 + (i + 0.5) * side);
  return filter(
    seen,
    async (start) => {
      const { functional } = prediction(start, TIMES);
      const state = finiteVolumes({ start, functional }, cells, TIMES.time)!;
      const law = logLinear(centres, state.density.map(Math.log));
      return (x) => x.map((at) => law.logDensityAt([at]));
    },
    centres,
  );
};

const byFlow = (engine: Engine, seen: readonly number[], settings: Settings, seed: number): Promise<Float64Array> =>
  filter(
    seen,
    async (start, leg) => {
      const { flow } = await trainFlow(engine, jkoIcnn, prediction(start, TIMES), settings, 100 * seed + leg);
      return (x) => logDensityAfter(flow, x, flow.maps.length).logDensity;
    },
    KNOTS,
  );

/** Particles at the end; before each prediction they are drawn again by the likelihood of where they are. */
function bootstrap(engine: Engine, seen: readonly number[], particles: number, key: Key): Float64Array {
  let rows = first().sample(fold(key, "start"), particles);
  for (let leg = 0; leg < LEGS; leg++) {
    const start = { ...first(), sample: () => rows };
    const options = { particles, time: TIMES.time, steps: SUBSTEPS, key: fold(key, "move", leg) };
    rows = eulerMaruyama(engine, { start, functional: prediction(first(), TIMES).functional }, options)!;
    if (leg === LEGS - 1) break;
    const weights = Float64Array.from(rows, (x) => Math.exp(likelihood(x, seen[leg])));
    const total = weights.reduce((sum, v) => sum + v, 0);
    // Systematic: one uniform number, then equal ways.
    const offset = random.uniform(fold(key, "again", leg), 1)[0];
    const next = new Float32Array(particles);
    let [from, sum] = [0, weights[0]];
    for (let i = 0; i < particles; i++) {
      while (sum < ((i + offset) * total) / particles && from < particles - 1) sum += weights[++from];
      next[i] = rows[from];
    }
    rows = next;
  }
  return kernelEstimate(rows, 1)!.logDensity(CENTRES);
}

/** The seed is that of signal, errors and training. */
export const filtering: OwnTest = {
  of: "seeds",
  cases: [1, 2, 3],
  figures: async (engine, seed, settings) => {
    const key = fold(createKey("filtering"), seed);
    const seen = observe(key);
    const clock = startClock();
    const ours = await byFlow(engine, seen, settings, seed);
    const { cpuSeconds } = clock();
    const grid = startClock();
    const truth = await onGrid(seen, GRID);
    const gridSeconds = grid().cpuSeconds;
    const coarse = await onGrid(seen, { ...GRID, cells: 300 });
    const particles: Record<string, number> = {};
    for (const n of [1000, 10_000]) {
      const of = startClock();
      particles[`particles${n}`] = symKlOf(bootstrap(engine, seen, n, fold(key, "particles", n)), truth);
      particles[`particles${n}CpuSeconds`] = of().cpuSeconds;
    }
    return {
      symKl: symKlOf(ours, truth),
      gridHalved: symKlOf(coarse, truth),
      gridCpuSeconds: gridSeconds,
      ...particles,
      cpuSeconds,
    };
  },
  expected:
    "SymKL at t = 5 to the grid at most .0128 in 300 s; published .0170, bootstrap filter of 10,000 particles .0128, of 50,000 .0043",
};
