/** Coverage of intervals on the line: parameters estimated once, at every step, and the bootstrap beside. */
import { curvesFigure } from "../../packages/jkoflow/src/plot/index.ts";
import { createKey, createWords, fold, type Key, log, normal } from "../../packages/jkoflow/src/random/index.ts";
import {
  flowLaw,
  jkoLaw,
  type LineLaw,
  type LineModel,
  offlineErrors,
  onlineErrors,
  onlineLimit,
} from "../../packages/jkoflow/src/theory/index.ts";
import type { Line } from "./bandsPage.ts";

export const model: LineModel = { mean: 1, stiffness: 1.5, temperature: 0.5 };
export const start: LineLaw = { mean: -2, variance: 0.1 };
export const TIME = 0.6;
const SPREAD = model.temperature / model.stiffness;
/** 97.5 % of N(0, 1). */
export const Z = 1.959963984540054;

/** Mean and stiffness as n rows of N(mu, b / q) estimate them. */
function estimated(key: Key, n: number): LineModel {
  const z = normal(key, n);
  let [mean, squares] = [0, 0];
  for (let i = 0; i < n; i++) mean += z[i] / n;
  for (let i = 0; i < n; i++) squares += (z[i] - mean) ** 2 / (n - 1);
  return {
    mean: model.mean + Math.sqrt(SPREAD) * mean,
    stiffness: model.temperature / (SPREAD * squares),
    temperature: model.temperature,
  };
}

const steps = (h: number): number => Math.round(TIME / h);
const SIZES = [25, 50, 100, 200, 400, 800, 1600];

/** Kolmogorov's distance of values to N(0, 1). */
export function kolmogorov(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((most, v, i) => {
    const p = normalBelow(v);
    return Math.max(most, Math.abs(p - i / sorted.length), Math.abs(p - (i + 1) / sorted.length));
  }, 0);
}

/** Phi by Simpson's rule over the density from 0. */
function normalBelow(x: number): number {
  const [n, end] = [200, Math.min(8, Math.abs(x))];
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    const z = (i * end) / n;
    sum += (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2) * Math.exp((-z * z) / 2);
  }
  return 0.5 + (Math.sign(x) * sum * end) / (3 * n * Math.sqrt(2 * Math.PI));
}

export function offlineCoverage(replicates: number): Line[] {
  const lines: Line[] = [];
  for (const n of SIZES) {
    const found = Array.from({ length: replicates }, (_, run) => estimated(fold(createKey("offline"), n, run), n));
    for (const [h, centre] of [
      [0.01, "jko"],
      [0.1, "jko"],
      [0.1, "continuum"],
    ] as const) {
      const scheme = jkoLaw(model, start, h, steps(h));
      const truth = centre === "jko" ? scheme : flowLaw(model, start, TIME);
      const theory = offlineErrors(model, scheme);
      let [means, variances, sum, square, sumS, squareS, distance, width] = [0, 0, 0, 0, 0, 0, 0, 0];
      const standard: number[] = [];
      for (const one of found) {
        const law = jkoLaw(one, start, h, steps(h));
        const errors = offlineErrors(one, law);
        const [dm, ds] = [law.mean - truth.mean, law.variance - truth.variance];
        const [em, es] = [Math.sqrt(errors.mean / n), Math.sqrt(errors.variance / n)];
        if (Math.abs(dm) <= Z * em) means++;
        if (Math.abs(ds) <= Z * es) variances++;
        standard.push(dm / em);
        sum += dm / replicates;
        square += dm ** 2 / replicates;
        sumS += ds / replicates;
        squareS += ds ** 2 / replicates;
        distance += (dm ** 2 + (Math.sqrt(law.variance) - Math.sqrt(truth.variance)) ** 2) / replicates;
        width += (2 * Z * em) / replicates;
      }
      lines.push({
        ...{ n, h, centre, mean: means / replicates, variance: variances / replicates },
        ...{ "n Var mean": n * (square - sum ** 2), "theory mean": theory.mean },
        ...{ "n Var variance": n * (squareS - sumS ** 2), "theory variance": theory.variance },
        ...{ "sqrt(n) bias": Math.sqrt(n) * sum, "n E W2^2": n * distance },
        ...{
          "theory W2^2": theory.mean + theory.variance / (4 * truth.variance),
          KS: kolmogorov(standard),
          width,
          replicates,
        },
      });
    }
  }
  return lines;
}

/** Coverage of the mean against n. */
export function coverageFigure(lines: readonly Line[]): string {
  const curve = (name: string, h: number, centre: string) => {
    const of = lines.filter((line) => line.h === h && line.centre === centre);
    return {
      name,
      x: of.map(({ n }) => Math.log10(Number(n))),
      y: of.map(({ mean }) => Number(mean)),
      error: of.map(({ mean, replicates }) => Math.sqrt((Number(mean) * (1 - Number(mean))) / Number(replicates))),
      kind: "marked" as const,
    };
  };
  return curvesFigure({
    title: "Share of 95 % intervals that hold the mean",
    run: "what they are about matters more than how many rows there are",
    x: { name: "log10 of the number of rows", unit: "" },
    y: { name: "coverage", unit: "" },
    curves: [
      curve("h = 0.01, of the scheme", 0.01, "jko"),
      curve("h = 0.1, of the scheme", 0.1, "jko"),
      curve("h = 0.1, of the true flow", 0.1, "continuum"),
    ],
    references: [{ name: "0.95", y: 0.95 }],
  });
}

/** Chi-squared of k degrees, by G. Marsaglia, W. Tsang, ACM Trans. Math. Softw. 26 (2000), 363-372: 2 Gamma(k / 2). */
function chiSquares(k: number, uniform: () => number, gaussian: () => number): number {
  const d = k / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = gaussian();
    const v = (1 + c * z) ** 3;
    if (v > 0 && log(uniform()) < (z * z) / 2 + d - d * v + d * log(v)) return 2 * d * v;
  }
}

export function onlineVariances(replicates: number): Line[] {
  const cases = [
    [0.1, 500],
    [0.02, 100],
    [0.004, 20],
    [0.004, 100],
    [0.004, 500],
  ] as const;
  const { mean: mu, temperature: b } = model;
  const limit = onlineLimit(model, start, TIME);
  return cases.map(([h, m]) => {
    const truth = jkoLaw(model, start, h, steps(h));
    const theory = onlineErrors(model, start, { step: h, steps: steps(h), rows: m });
    let [means, variances, sum, square, sumS, squareS] = [0, 0, 0, 0, 0, 0];
    for (let run = 0; run < replicates; run++) {
      const words = createWords(fold(createKey("online"), m, 1 / h, run));
      const uniform = (): number => (words() + 0.5) / 4294967296;
      const gaussian = (): number => Math.sqrt(-2 * log(uniform())) * Math.cos(2 * Math.PI * uniform());
      let [at, sigma] = [start.mean, Math.sqrt(start.variance)];
      for (let k = 0; k < steps(h); k++) {
        // Mean and variance of m rows, which are independent, by their laws; q without bias.
        const muHat = mu + Math.sqrt(SPREAD / m) * gaussian();
        const S2 = (SPREAD * chiSquares(m - 1, uniform, gaussian)) / (m - 1);
        const qHat = (((m - 3) / (m - 1)) * b) / S2;
        const p = 1 + h * qHat;
        at = (at + h * qHat * muHat) / p;
        sigma = (sigma + Math.sqrt(sigma ** 2 + 4 * h * b * p)) / (2 * p);
      }
      const [dm, ds] = [at - truth.mean, sigma ** 2 - truth.variance];
      if (Math.abs(dm) <= Z * Math.sqrt((limit.mean * h) / m)) means++;
      if (Math.abs(ds) <= Z * Math.sqrt((limit.variance * h) / m)) variances++;
      sum += dm / replicates;
      square += dm ** 2 / replicates;
      sumS += ds / replicates;
      squareS += ds ** 2 / replicates;
    }
    const scale = m / h;
    return {
      ...{ h, m, "Var mean": scale * (square - sum ** 2), "theory mean": theory.mean, "limit mean": limit.mean },
      ...{
        "Var variance": scale * (squareS - sumS ** 2),
        "theory variance": theory.variance,
        "limit variance": limit.variance,
      },
      ...{ mean: means / replicates, variance: variances / replicates, replicates },
    };
  });
}

/** Parametric draws for each interval. */
const DRAWS = 200;

export function bootstrapCoverage(replicates: number): Line[] {
  const h = 0.01;
  const truth = jkoLaw(model, start, h, steps(h));
  return [25, 100].flatMap((n) => {
    const held = { delta: [0, 0], bootstrap: [0, 0] };
    for (let run = 0; run < replicates; run++) {
      const key = fold(createKey("bootstrap"), n, run);
      const one = estimated(key, n);
      const law = jkoLaw(one, start, h, steps(h));
      const errors = offlineErrors(one, law);
      if (Math.abs(law.mean - truth.mean) <= Z * Math.sqrt(errors.mean / n)) held.delta[0]++;
      if (Math.abs(law.variance - truth.variance) <= Z * Math.sqrt(errors.variance / n)) held.delta[1]++;
      const words = createWords(fold(key, "draws"));
      const uniform = (): number => (words() + 0.5) / 4294967296;
      const gaussian = (): number => Math.sqrt(-2 * log(uniform())) * Math.cos(2 * Math.PI * uniform());
      const spread = one.temperature / one.stiffness;
      const drawn = Array.from({ length: DRAWS }, () => {
        const mean = one.mean + Math.sqrt(spread / n) * gaussian();
        const stiffness = (one.stiffness * (n - 1)) / chiSquares(n - 1, uniform, gaussian);
        return jkoLaw({ mean, stiffness, temperature: one.temperature }, start, h, steps(h));
      });
      (["mean", "variance"] as const).forEach((part, k) => {
        const sorted = drawn.map((other) => other[part]).sort((x, y) => x - y);
        const [low, high] = [sorted[Math.floor(0.025 * DRAWS)], sorted[Math.ceil(0.975 * DRAWS) - 1]];
        if (low <= truth[part] && truth[part] <= high) held.bootstrap[k]++;
      });
    }
    return Object.entries(held).map(([method, [means, variances]]) => ({
      ...{ n, method, mean: means / replicates, variance: variances / replicates },
      replicates,
    }));
  });
}
