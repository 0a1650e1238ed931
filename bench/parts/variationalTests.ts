/** Problems for the benchmark of the variational flow, and how each is judged. */
import { readFileSync } from "node:fs";
import { type ToyName, toys } from "../../packages/jkoflow/src/data/index.ts";
import { barenblatt, equalMixture, normalDistribution } from "../../packages/jkoflow/src/distributions/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { porousStep } from "../../packages/jkoflow/src/evaluate/barenblattFlow.ts";
import { gaussianFlowAt, gaussianJkoAt, gaussianSymKl } from "../../packages/jkoflow/src/evaluate/gaussianFlow.ts";
import {
  energyDistance,
  eulerMaruyama,
  fitMixture,
  medianDistance,
  mmdTest,
  momentsOf,
  symKl,
} from "../../packages/jkoflow/src/evaluate/index.ts";
import { kernelStein } from "../../packages/jkoflow/src/evaluate/kernelStein.ts";
import { functionOf } from "../../packages/jkoflow/src/evaluate/symmetric.ts";
import {
  type Functional,
  internalEnergy,
  jsToRows,
  kl,
  klToRows,
} from "../../packages/jkoflow/src/functionals/index.ts";
import { createGraph, createProgram, gradient } from "../../packages/jkoflow/src/graph/index.ts";
import { createKey, fold, type Key, uniform } from "../../packages/jkoflow/src/random/index.ts";
import type { EvolutionProblem, Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./clock.ts";
import { namesOf, roundNormal } from "./evolutionJudge.ts";
import { ou } from "./evolutionOu.ts";
import { largestGap, risesOf, rowsAfter, type VariationalRun } from "./variationalRun.ts";

export type Figures = Readonly<Record<string, number>>;

export interface VariationalTest {
  /** `seed` chooses the random target too, where there is one. */
  problem(seed: number): EvolutionProblem;
  judge(engine: Engine, run: VariationalRun, seed: number): Figures;
  readonly settings?: Settings;
  /** In words. */
  readonly says: string;
}

const ouTargets = JSON.parse(readFileSync(new URL("./ouTargets.json", import.meta.url), "utf8")) as Readonly<
  Record<string, readonly { readonly mean: number[]; readonly covariance: number[] }[]>
>;

/** Of exact rows the SymKL by so many is d (d + 3) / (2 n): a twentieth of the smallest floor. */
const MOMENT_ROWS = 2_000_000;
/** Of Euler-Maruyama, whose cost is that of its particles: for it d (d + 3) / (2 n) is a fiftieth of the usual floor. */
const RIVAL_ROWS = 200_000;
const MMD_ROWS = 4000;

function ornsteinUhlenbeck(d: number, settings: Settings = {}): VariationalTest {
  const { problem } = ou(d, undefined);
  return {
    settings,
    problem: (seed) => problem(seed - 1),
    judge: (engine, run, seed) => {
      const { mean, covariance } = ouTargets[d][seed - 1];
      const of = { mean: Float64Array.from(mean), covariance: Float64Array.from(covariance) };
      const target = { mean: of.mean, precision: functionOf(of.covariance, d, (v) => 1 / v) };
      const start = { mean: new Float64Array(d), covariance: identity(d) };
      const { problem } = run;
      const steps = [10, 18];
      const rows = rowsAfter(engine, run, MOMENT_ROWS, steps);
      const key = fold(createKey("judge"), seed);
      const figures = steps.flatMap((k, i): readonly (readonly [string, number])[] => {
        const time = k * problem.step;
        const [truth, scheme] = [gaussianFlowAt(start, target, time), gaussianJkoAt(start, target, problem.step, k)];
        const floor = gaussianSymKl(truth, scheme);
        const found = gaussianSymKl(momentsOf(rows[i], d), truth);
        const exact = normalDistribution(truth.mean, truth.covariance).sample(fold(key, "exact", k), MMD_ROWS);
        const mmd = mmdTest(exact, rows[i].slice(0, MMD_ROWS * d), d, fold(key, "mmd"), { permutations: 100 });
        const clock = startClock();
        const particles = eulerMaruyama(engine, problem, {
          particles: RIVAL_ROWS,
          time,
          steps: k,
          key: fold(key, "particles"),
        })!;
        const rivalSeconds = clock().cpuSeconds;
        return [
          [`symKl${k}`, found],
          [`floor${k}`, floor],
          [`ratio${k}`, found / floor],
          [`mmd${k}`, mmd.biased],
          [`mmdThreshold${k}`, mmd.threshold],
          [`rivalSymKl${k}`, gaussianSymKl(momentsOf(particles, d), truth)],
          [`rivalCpuSeconds${k}`, rivalSeconds],
        ];
      });
      return { ...Object.fromEntries(figures), largestGap: largestGap(run), rises: risesOf(run) };
    },
    says: "SymKL by moments to the exact flow, at most 1.5 floors; MMD^2 to exact rows beside its 5 % threshold; Euler-Maruyama with the same step. By so many rows exact ones would have d (d + 3) / 4,000,000; Euler-Maruyama has 200,000 particles",
  };
}

const identity = (d: number): Float64Array =>
  Float64Array.from({ length: d * d }, (_, at) => (at % (d + 1) === 0 ? 1 : 0));

function porous(d: number, settings: Settings = {}): VariationalTest {
  const [m, h, steps] = [2, 5e-4, 10];
  const start = barenblatt(d, m, 1e-3 ** (1 / (d * (m - 1) + 2)));
  return {
    settings,
    problem: () => ({
      title: `porous medium, m = 2, d = ${d}`,
      dimension: d,
      columns: namesOf(d),
      start,
      functional: internalEnergy(m),
      time: steps * h,
      step: h,
    }),
    judge: (engine, run) => {
      let exact = start.scale;
      for (let k = 0; k < steps; k++) exact = porousStep({ dimension: d, m }, exact, h);
      const [before, after] = rowsAfter(engine, run, 100_000, [0, steps]).map((rows) =>
        rows.reduce((sum, v) => sum + v * v, 0),
      );
      const scale = start.scale * Math.sqrt(after / before);
      const { energy } = run.evolved.reports[steps];
      return {
        scale,
        exactScale: exact,
        scaleError: Math.abs(scale / exact - 1),
        energy,
        exactEnergy: barenblatt(d, m, exact).energy,
        largestGap: largestGap(run),
        rises: risesOf(run),
      };
    },
    says: "scale after 10 steps within 1 % in 30 CPU s; no rival by particles: the equation needs the density",
  };
}

/** grad log q at rows. */
function scoresOf(engine: Engine, { functional: _, ...problem }: EvolutionProblem, q: ReturnType<typeof equalMixture>) {
  const d = problem.dimension;
  const graph = createGraph();
  const x = graph.rows("x", d);
  const program = engine.load(
    createProgram({ name: "score", parameters: [], outputs: { s: gradient(q.logDensity(x), [x])[0] } }),
  );
  return (rows: Float32Array): Float32Array => {
    const n = rows.length / d;
    const [from, to] = [engine.table(n, d, rows), engine.table(n, d)];
    program.run({ inputs: { x: from }, rows: n, outputs: { s: to } });
    const scores = to.read().slice();
    for (const each of [from, to]) each.dispose();
    return scores;
  };
}

const STEIN_ROWS = 3000;
const FITTED_ROWS = 20_000;

/** Ten unit Gaussians with centres uniform in a box, from N(0, 16 I): section 5 of the publication, dropout off. */
function mixture(d: number, box: number, settings: Settings = {}): VariationalTest {
  const targetOf = (seed: number) => {
    const places = uniform(fold(createKey("mixture"), seed), 10 * d);
    const centres = Array.from({ length: 10 }, (_, k) =>
      Array.from(places.subarray(k * d, (k + 1) * d), (u) => box * (2 * u - 1)),
    );
    return equalMixture(centres, 1);
  };
  return {
    settings,
    problem: (seed) => ({
      title: `ten Gaussians, d = ${d}`,
      dimension: d,
      columns: namesOf(d),
      start: roundNormal(d, 4),
      functional: kl(targetOf(seed)),
      time: 3,
      step: 0.1,
    }),
    judge: (engine, run, seed) => {
      const { problem } = run;
      const target = targetOf(seed);
      const key = fold(createKey("judge"), seed);
      const score = scoresOf(engine, problem, target);
      const exact = target.sample(fold(key, "exact"), FITTED_ROWS);
      const bandwidth = medianDistance(exact.slice(0, STEIN_ROWS * d), d, fold(key, "median"));
      /** KSD^2, and SymKL of 15 Gaussians fitted to the rows. */
      const judged = (rows: Float32Array): readonly [number, number] => {
        const some = rows.slice(0, STEIN_ROWS * d);
        return [
          kernelStein(some, score(some), d, bandwidth).unbiased,
          fittedSymKl(rows, exact, target, d, fold(key, "fit")),
        ];
      };
      const [ours] = rowsAfter(engine, run, FITTED_ROWS, [run.evolved.maps.length]);
      const clock = startClock();
      const particles = eulerMaruyama(engine, problem, {
        particles: FITTED_ROWS,
        time: problem.time,
        steps: 600,
        key: fold(key, "particles"),
      })!;
      const rivalCpuSeconds = clock().cpuSeconds;
      const figures = { ours, rival: particles, exact: target.sample(fold(key, "others"), FITTED_ROWS) };
      const { energy, energyError } = run.evolved.reports[run.evolved.maps.length];
      return {
        ...Object.fromEntries(
          Object.entries(figures).flatMap(([name, rows]) => {
            const [ksd, fitted] = judged(rows);
            return [
              [`${name}Ksd`, ksd],
              [`${name}SymKl`, fitted],
            ];
          }),
        ),
        energy,
        energyError,
        rivalCpuSeconds,
        largestGap: largestGap(run),
        rises: risesOf(run),
      };
    },
    says: "KSD^2 (unbiased) and SymKL by a fit of 15 Gaussians, which biases it alike for all: ours, Euler-Maruyama, exact rows",
  };
}

function fittedSymKl(
  rows: Float32Array,
  exact: Float32Array,
  target: ReturnType<typeof equalMixture>,
  d: number,
  key: Key,
): number {
  const cut = Math.floor((rows.length / d) * 0.9) * d;
  const fitted = fitMixture(rows.subarray(0, cut), rows.subarray(cut), d, key, { components: [15] });
  const logs = (x: Float32Array) => ({
    own: fitted.logProb(x, x.length / d),
    target: Float64Array.from({ length: x.length / d }, (_, i) => target.logDensityAt(x.subarray(i * d, i * d + d))),
  });
  const [here, there] = [logs(fitted.sample(fold(key, "fitted"), FITTED_ROWS)), logs(exact)];
  return symKl({ p: here.own, q: here.target }, { p: there.own, q: there.target }).value;
}

const ROWS = 5000;

/** A divergence to rows of a planar toy, from the Gaussian of their moments; judged on rows that nothing was fitted to. */
function toRows(name: ToyName, divergence: (rows: Float32Array) => Functional, step: number): VariationalTest {
  const rowsOf = (seed: number, part: string): Float32Array =>
    toys[name].sample(fold(createKey("rows"), seed, part), ROWS);
  return {
    problem: (seed) => {
      const rows = rowsOf(seed, "train");
      const { mean, covariance } = momentsOf(rows, 2);
      return {
        title: `rows of ${name}`,
        dimension: 2,
        columns: namesOf(2),
        start: normalDistribution(mean, covariance),
        functional: divergence(rows),
        time: 8 * step,
        step,
      };
    },
    judge: (engine, run, seed) => {
      const [train, fresh, others] = ["train", "test", "floor"].map((part) => rowsOf(seed, part));
      const key = fold(createKey("judge"), seed);
      const [ours] = rowsAfter(engine, run, ROWS, [run.evolved.maps.length]);
      const clock = startClock();
      const cut = 2 * Math.floor(0.8 * ROWS);
      const fitted = fitMixture(train.subarray(0, cut), train.subarray(cut), 2, fold(key, "mixture"));
      const mixtureCpuSeconds = clock().cpuSeconds;
      const distance = (rows: Float32Array): number =>
        energyDistance(fresh, rows, 2, fold(key, "distance"), { permutations: 0 }).unbiased;
      const { energy, energyError, gap } = run.evolved.reports[run.evolved.maps.length];
      return {
        distance: distance(ours),
        mixtureDistance: distance(fitted.sample(fold(key, "drawn"), ROWS)),
        gaussianDistance: distance(run.problem.start.sample!(fold(key, "start"), ROWS)),
        floorDistance: distance(others),
        energy,
        energyError,
        gap,
        largestGap: largestGap(run),
        mixtureCpuSeconds,
      };
    },
    says: "Energy distance to fresh rows: ours, a mixture of Gaussians fitted to the same rows, one Gaussian, other fresh rows; F and its gap by a second critic on held-out rows. Where mixtureDistance is smaller, the mixture is the better answer, and cheaper",
  };
}

export const variationalTests: Readonly<Record<string, VariationalTest>> = {
  ou2: ornsteinUhlenbeck(2),
  ou6: ornsteinUhlenbeck(6),
  porous3: porous(3),
  porous6: porous(6),
  mixture8: mixture(8, 5),
  mixture17: mixture(17, 3),
  moonsKl: toRows("moons", klToRows, 0.25),
  moonsJs: toRows("moons", jsToRows, 1),
};
