/** Runs of JKO for Landau on problems with closed forms, judged on particles that no step was trained on, beside random pairs. */

import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { pairCollisions } from "../../packages/jkoflow/src/evaluate/index.ts";
import { createCollisionPrograms } from "../../packages/jkoflow/src/jko/index.ts";
import { scoreNetwork } from "../../packages/jkoflow/src/maps/index.ts";
import { mlpSize } from "../../packages/jkoflow/src/nn/index.ts";
import { namedProblem, type Times } from "../../packages/jkoflow/src/problems/index.ts";
import { bkwProblem } from "../../packages/jkoflow/src/problems/landau.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import { type EvolutionProblem, landau, type Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./clock.ts";
import { markdownTable, rounded } from "./measure.ts";
import { type Conditions, changedSettings, conditionsLine } from "./results.ts";

interface LandauTest {
  /** By its name, or made for these times. */
  readonly problem: string | ((times: Times) => EvolutionProblem);
  readonly times: Times;
  readonly settings?: Settings;
}

export const landauTests: Readonly<Record<string, LandauTest>> = {
  bkw2: { problem: "landau:bkw2", times: { time: 2, step: 0.1 } },
  // From the start of the solution, which is 0 at the origin: the row of the published code by scores.
  bkw2first: { problem: (times) => bkwProblem(2, 0, 1 / 2, times), times: { time: 1, step: 0.1 } },
  bkw2long: { problem: "landau:bkw2", times: { time: 4, step: 1 }, settings: { updates: 40, evaluateEvery: 40 } },
  bkw3: { problem: "landau:bkw3", times: { time: 1, step: 0.1 } },
  anisotropic3: { problem: "landau:anisotropic:3", times: { time: 1, step: 0.1 } },
  coulomb: { problem: "landau:coulomb", times: { time: 5, step: 0.1 } },
  coulomb10: { problem: "landau:coulomb", times: { time: 10, step: 0.1 } },
};

export type LandauFigures = Readonly<Record<string, number | undefined>>;

export interface LandauEntry extends Conditions {
  readonly test: string;
  readonly seed: number;
  readonly figures: LandauFigures;
}

/** Moments of rows [n, d]: first and second about the mean, E |v|^2 and E |v|^4. */
function momentsOf(rows: ArrayLike<number>, d: number) {
  const n = rows.length / d;
  const mean = Array.from({ length: d }, (_, k) => {
    let sum = 0;
    for (let i = k; i < rows.length; i += d) sum += rows[i] / n;
    return sum;
  });
  const covariance = new Float64Array(d * d);
  let [second, fourth] = [0, 0];
  for (let i = 0; i < rows.length; i += d) {
    let squares = 0;
    for (let a = 0; a < d; a++) {
      squares += rows[i + a] ** 2;
      for (let b = 0; b < d; b++) covariance[a * d + b] += ((rows[i + a] - mean[a]) * (rows[i + b] - mean[b])) / n;
    }
    second += squares / n;
    fourth += squares ** 2 / n;
  }
  return { mean, covariance, second, fourth };
}

/** Root of the sum of (f - exact)^2 over that of exact^2, over particles. */
function densityError({ exact, time, dimension: d }: EvolutionProblem, v: Float64Array, logDensity: Float64Array) {
  const at = exact?.logDensityAt;
  if (at === undefined) return undefined;
  let [gap, norm] = [0, 0];
  logDensity.forEach((value, i) => {
    const theirs = Math.exp(at(v.subarray(i * d, (i + 1) * d), time));
    gap += (Math.exp(value) - theirs) ** 2;
    norm += theirs ** 2;
  });
  return Math.sqrt(gap / norm);
}

/** Bandwidth and grid of the publication's comparison of particles with a density, and numbers of particles. */
const [BANDWIDTH, SIDE, REACH, COUNTS] = [0.2, 41, 4, [800, 3200, 12_800]] as const;

/** A kernel density of particles in the plane against the exact one on a grid: root of the sum of squares, relative. */
function kernelError(v: ArrayLike<number>, logDensityAt: (row: ArrayLike<number>) => number): number {
  const n = v.length / 2;
  const scale = 1 / (2 * Math.PI * BANDWIDTH ** 2 * n);
  let [gap, norm] = [0, 0];
  for (let cell = 0; cell < SIDE * SIDE; cell++) {
    const place = [cell % SIDE, Math.floor(cell / SIDE)].map((k) => ((2 * k) / (SIDE - 1) - 1) * REACH);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const squares = (place[0] - v[2 * i]) ** 2 + (place[1] - v[2 * i + 1]) ** 2;
      if (squares < 36 * BANDWIDTH ** 2) sum += Math.exp(-squares / (2 * BANDWIDTH ** 2));
    }
    const theirs = Math.exp(logDensityAt(place));
    gap += (scale * sum - theirs) ** 2;
    norm += theirs ** 2;
  }
  return Math.sqrt(gap / norm);
}

/** Particles of Maxwell molecules, which cost next to nothing: of 3,200 dH is off by some 3 % by chance. */
const JUDGED = 25_600;

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value / values.length, 0);

/** Of particles through the maps, and of as many independent rows of the exact density at that time. */
function kernelErrors(
  { exact, dimension, time }: EvolutionProblem,
  through: (name: string, count: number) => Float64Array,
): LandauFigures {
  const { logDensityAt, sample } = exact ?? {};
  if (dimension !== 2 || logDensityAt === undefined || sample === undefined) return {};
  const errorOf = (v: ArrayLike<number>) => kernelError(v, (row) => logDensityAt(row, time));
  return Object.fromEntries(
    COUNTS.flatMap((count) => [
      [`kernels${count}`, errorOf(through("kernels", count))],
      [`independent${count}`, errorOf(sample(fold(createKey("independent"), count), count, time))],
    ]),
  );
}

export async function runLandau(engine: Engine, test: string, seed: number, given: Settings): Promise<LandauFigures> {
  const { problem: name, times, settings: own } = landauTests[test];
  const problem = typeof name === "string" ? namedProblem(name, createKey(0), times) : name(times);
  const settings = landau.check({ ...landau.defaults(problem), ...own, ...given });
  const key = createKey(seed);
  const clock = startClock();
  const training = landau.run({ engine, problem, settings, key });
  let next = await training.next();
  let [rises, folded, lambda, objective, energy] = [0, 0, 1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (; !next.done; next = await training.next()) {
    const { type, values } = next.value;
    if (type !== "step") continue;
    if (Number(values.energy) > energy) rises++;
    energy = Number(values.energy);
    lambda = Math.min(lambda, Number(values.lambda));
    folded += Number(values.folded);
    objective = Math.max(objective, Number(values.objective));
  }
  const { cpuSeconds } = clock();
  const { maps, map } = next.value;
  const network = scoreNetwork(map);
  const programs = createCollisionPrograms(engine, network, problem.start, {
    ...{ kernel: map, h: map.step, determinant: "exact", batch: Number(settings.batchSize) },
    start: settings.start === "stratified" ? "stratified" : "independent",
  });
  const count = problem.collisions!.gamma === 0 ? JUDGED : Number(settings.heldOutParticles);
  const rows = programs.draw(fold(key, "held out"), count);
  const [before, H0] = [momentsOf(rows.v, problem.dimension), mean(rows.logDensity)];
  for (const weights of maps) programs.push(rows, weights.subarray(0, mlpSize(network)));
  const kernels = kernelErrors(problem, (name, count) => {
    const drawn = programs.draw(fold(key, name, count), count);
    for (const weights of maps) programs.push(drawn, weights.subarray(0, mlpSize(network)));
    return drawn.v;
  });
  programs.dispose();
  const after = momentsOf(rows.v, problem.dimension);
  const { exact, dimension: d, time, collisions } = problem;
  const pairsClock = startClock();
  const start = problem.start.sample!(fold(key, "pairs"), Number(settings.heldOutParticles));
  const options = { time, steps: Math.round(time / 0.1), key: fold(key, "collisions") };
  const pairs = momentsOf(pairCollisions(start, d, { ...collisions!, separation: 1e-3 }, options), d);
  const covariance = exact?.covarianceAt?.(time);
  const energyAt = exact?.energyAt;
  return {
    densityError: densityError(problem, rows.v, rows.logDensity),
    dH: mean(rows.logDensity) - H0,
    ...(energyAt ? { exactDH: energyAt(time) - energyAt(0) } : {}),
    ...kernels,
    fourth: after.fourth,
    sigma11: after.covariance[0],
    sigma12: after.covariance[1],
    ...(covariance
      ? { covarianceError: Math.max(...covariance.map((value, at) => Math.abs(value - after.covariance[at]))) }
      : {}),
    momentum: Math.max(...after.mean.map((value, k) => Math.abs(value - before.mean[k]))),
    energyDrift: Math.abs(after.second / before.second - 1),
    rises,
    largestJ: objective,
    leastLambda: lambda,
    folded,
    cpuSeconds,
    pairsFourth: pairs.fourth,
    pairsSigma12: pairs.covariance[1],
    pairsCpuSeconds: pairsClock().cpuSeconds,
  };
}

export function landauPage(entries: Readonly<Record<string, LandauEntry>>): string {
  const all = Object.values(entries);
  const names = [...new Set(all.flatMap(({ figures }) => Object.keys(figures)))];
  const lines = all.map((entry) => [
    [entry.test, entry.seed, changedSettings(entry)].join(" ").trim(),
    ...names.map((name) => {
      const value = entry.figures[name];
      return value === undefined ? "" : rounded(value);
    }),
  ]);
  return [
    "# JKO for the Landau equation, beside closed forms and random pairs",
    "",
    "Particles that no step was trained on. densityError: root mean square of f - exact along them, relative; dH in nats; kernels, independent: a kernel density of so many particles through the maps, and of as many independent rows of the exact density, against it; rises: steps at which H went up.",
    "",
    markdownTable([["run", ...names], ...lines]),
    "",
    ...[...new Set(all.map(conditionsLine))],
    "",
  ].join("\n");
}
