/** Certificates of trained maps, beside distances that were measured, and what other estimators make of a residual that is 0. */

import { normalQuantile } from "../../packages/jkoflow/src/data/normalQuantile.ts";
import {
  equalMixture,
  gaussianMixture,
  normalDistribution,
  standardNormal,
} from "../../packages/jkoflow/src/distributions/index.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { momentsOf } from "../../packages/jkoflow/src/evaluate/index.ts";
import { kl } from "../../packages/jkoflow/src/functionals/index.ts";
import { gradientMap, type HostMap } from "../../packages/jkoflow/src/maps/index.ts";
import { createKey, fold, type Key } from "../../packages/jkoflow/src/random/index.ts";
import { type EvolutionProblem, jkoIcnn, type Settings } from "../../packages/jkoflow/src/systems/index.ts";
import {
  certify,
  createResidualMeter,
  gaussianDistance,
  pushScore,
  scoreAt,
  violation,
} from "../../packages/jkoflow/src/theory/index.ts";
import type { Figures } from "./certificatesPage.ts";
import { namesOf } from "./evolutionJudge.ts";

const one = (v: number) => Float64Array.of(v);
const mixture = gaussianMixture(
  [0.3, 0.7],
  [normalDistribution([-2.5], one(0.16)), normalDistribution([1.5], one(0.49))],
);
const plane = normalDistribution([1, -2], Float64Array.of(2, 0.6, 0.6, 0.5));

const problemOf = (
  title: string,
  start: EvolutionProblem["start"],
  to: typeof plane | typeof mixture,
): EvolutionProblem => ({
  title,
  dimension: start.dimension,
  columns: namesOf(start.dimension),
  start,
  functional: kl(to),
  time: 2,
  step: 0.5,
});

async function train(
  engine: Engine,
  problem: EvolutionProblem,
  seed: number,
  chosen: Settings = {},
): Promise<HostMap[]> {
  const run = jkoIcnn.run({
    engine,
    problem,
    settings: { ...jkoIcnn.defaults(problem), ...chosen },
    key: createKey(seed),
  });
  let next = await run.next();
  while (!next.done) next = await run.next();
  const { map, maps } = next.value;
  return maps.map((weights) => gradientMap.open!(map, weights));
}

interface Stage {
  readonly rows: Float64Array;
  readonly score: Float64Array;
  readonly logDensity: Float64Array;
}

/** Rows of a start through all maps. */
function along({ start, dimension: d }: EvolutionProblem, maps: readonly HostMap[], key: Key, n: number): Stage[] {
  const rows = Float64Array.from(start.sample!(key, n));
  const logDensity = Float64Array.from({ length: n }, (_, i) => start.logDensityAt(rows.subarray(i * d, i * d + d)));
  const stages: Stage[] = [{ rows, score: scoreAt(start, rows), logDensity }];
  for (const map of maps) {
    const last = stages[stages.length - 1];
    const { logDet, rows: after, score } = pushScore(map, last.rows, last.score, d);
    stages.push({ rows: after, score, logDensity: last.logDensity.map((l, i) => l - logDet[i]) });
  }
  return stages;
}

const meanOf = (values: Float64Array) => {
  const mean = values.reduce((sum, v) => sum + v / values.length, 0);
  const spread = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(spread / values.length) };
};

/** W_2^2 to N(0, I): on the line by sorted rows, else of Gaussians of the moments. */
function distanceOf(rows: Float64Array, d: number): number {
  const n = rows.length / d;
  if (d === 1)
    return [...rows].sort((a, b) => a - b).reduce((sum, x, i) => sum + (x - normalQuantile((i + 0.5) / n)) ** 2 / n, 0);
  return gaussianDistance(momentsOf(rows, d), standardNormal(d));
}

const [ROWS, BACK] = [8192, 2048];

/** `chosen` are settings in place of the defaults, `steps` fewer than four. */
export async function trainedMaps(
  engine: Engine,
  seeds: readonly number[],
  chosen: Settings = {},
  steps = 4,
): Promise<Figures[]> {
  const problems = [
    problemOf("mixture on the line", mixture, standardNormal(1)),
    problemOf("Gaussian in the plane", plane, standardNormal(2)),
  ];
  const lines: Figures[] = [];
  for (const problem of problems)
    for (const seed of seeds)
      lines.push(await trainedLine(engine, { ...problem, time: steps * problem.step }, seed, chosen));
  return lines;
}

async function trainedLine(
  engine: Engine,
  problem: EvolutionProblem,
  seed: number,
  chosen: Settings,
): Promise<Figures> {
  const { dimension: d, step: h } = problem;
  const maps = await train(engine, problem, seed, chosen);
  const key = fold(createKey("certificates"), seed);
  const stages = along(problem, maps, fold(key, "rows"), ROWS);
  const meter = createResidualMeter(engine, problem.functional, d, ROWS);
  const moves = maps.map((_, k) => {
    const [{ rows: before }, { rows: after, score, logDensity }] = [stages[k], stages[k + 1]];
    return { before, after, score, logDensity, stepSize: h, key: fold(key, "step", k) };
  });
  const seen = moves.map((move) => meter.byScore(move));
  const fields = moves.map((move) => meter.at(move));
  meter.dispose();
  const target = standardNormal(d);
  const klOf = ({ rows, logDensity }: Pick<Stage, "rows" | "logDensity">) =>
    meanOf(logDensity.map((l, i) => l - target.logDensityAt(rows.subarray(i * d, i * d + d))));
  const kls = stages.map(klOf);
  const distances = stages.map(({ rows }) => distanceOf(rows, d));
  const measured = seen.map(({ upper }) => ({ stepSize: h, residual: upper }));
  const bounds = certify(measured, { lambda: 1, distance: distances[0] });
  const worst = Math.max(
    ...seen.map(({ residual }, k) =>
      violation({
        ...{ before: distances[k], after: distances[k + 1], excess: kls[k + 1].mean },
        ...{ lambda: 1, stepSize: h, residual },
      }),
    ),
  );
  const last = stages.length - 1;
  const other = along(problem, maps, fold(key, "others"), BACK)[last].rows;
  const back = new Float64Array(BACK);
  const x = new Float64Array(d);
  for (let i = 0; i < BACK; i++) {
    const y = other.slice(i * d, i * d + d);
    for (let k = maps.length - 1; k >= 0; k--) {
      back[i] -= maps[k].invert!(y, x);
      y.set(x);
    }
    back[i] += problem.start.logDensityAt(y);
  }
  const [forth, inverse] = [kls[last], klOf({ rows: other, logDensity: back })];
  return {
    ...{ problem: problem.title, seed, eps: Math.max(...seen.map(({ residual }) => residual)) },
    fields: Math.max(...fields.map(({ residual }) => residual)),
    ...{
      "W2^2": distances[last],
      bound: bounds[last - 1].distance,
      closed: bounds[last - 1].closed ?? "",
      "(E)": worst,
    },
    ...{ KL: forth.mean, "KL by inverses": inverse.mean },
    "standard errors": Math.abs(forth.mean - inverse.mean) / Math.hypot(forth.error, inverse.error),
  };
}

export async function withoutConvexity(engine: Engine, seed: number, chosen: Settings = {}): Promise<Figures[]> {
  const to = equalMixture([[-1.5], [1.5]], 0.25);
  const problem = { ...problemOf("two modes", standardNormal(1), to), time: 1, step: 0.1 };
  const maps = await train(engine, problem, seed, chosen);
  const stages = along(problem, maps, fold(createKey("certificates"), "two"), ROWS);
  const energies = stages.map(({ rows, logDensity }) =>
    meanOf(logDensity.map((l, i) => l - to.logDensityAt(rows.subarray(i, i + 1)))),
  );
  const meter = createResidualMeter(engine, problem.functional, 1, ROWS);
  const lambda = meter.leastCurvature(stages[0].rows) ?? Number.NaN;
  meter.dispose();
  const rises = energies.slice(1).filter(({ mean }, k) => mean > energies[k].mean).length;
  let says = "";
  try {
    certify([{ stepSize: 0.1, residual: 0 }], { lambda, distance: 1 });
    says = "a bound";
  } catch (error) {
    says = (error as Error).message.replace(/^lambda: \S+ /, "");
  }
  const [first, last] = [energies[0].mean, energies[energies.length - 1].mean];
  return [{ lambda, steps: maps.length, "F before": first, "F after": last, rises, bound: says }];
}

/** Of a kernel of this variance. */
const KERNEL = 0.1;

export async function scoreEstimates(engine: Engine, seeds: readonly number[]): Promise<Figures[]> {
  const n = 2000;
  const start = normalDistribution([3, 3], Float64Array.of(1, 0, 0, 1));
  const push = (x: ArrayLike<number>, y: Float64Array): number => {
    [y[0], y[1]] = [x[0] - 1, x[1] - 1];
    return 0;
  };
  const meter = createResidualMeter(engine, kl(standardNormal(2)), 2, n);
  const lines = seeds.map((seed) => {
    const before = Float64Array.from(start.sample(fold(createKey("scores"), seed), n));
    const { rows: after, score } = pushScore({ push }, before, scoreAt(start, before), 2);
    const logDensity = Float64Array.from({ length: n }, (_, i) =>
      start.logDensityAt(before.subarray(2 * i, 2 * i + 2)),
    );
    const move = { before, after, score, logDensity, stepSize: 0.5, key: fold(createKey("fields"), seed) };
    let kernel = 0;
    for (let i = 0; i < n; i++) {
      let [total, first, second] = [0, 0, 0];
      for (let j = 0; j < n; j++) {
        const [u, v] = [after[2 * j] - after[2 * i], after[2 * j + 1] - after[2 * i + 1]];
        const weight = Math.exp(-(u * u + v * v) / (2 * KERNEL));
        total += weight;
        first += (weight * u) / KERNEL;
        second += (weight * v) / KERNEL;
      }
      const xi = (k: number, slope: number) =>
        after[2 * i + k] + slope / total + (after[2 * i + k] - before[2 * i + k]) / 0.5;
      kernel += (xi(0, first) ** 2 + xi(1, second) ** 2) / n;
    }
    const [field, exact] = [meter.at(move), meter.byScore(move)];
    return { seed, kernel, fields: field.square, "its error": field.standardError, score: exact.square };
  });
  meter.dispose();
  return lines;
}
