/** Coverage beyond independent rows on a line: several columns, a path, a potential that is no parabola. */
import { type GaussianState, gaussianJkoAt } from "../../packages/jkoflow/src/evaluate/gaussianFlow.ts";
import { lineEntropy, type Smooth } from "../../packages/jkoflow/src/evaluate/lineEnergy.ts";
import { functionOf } from "../../packages/jkoflow/src/evaluate/symmetric.ts";
import { createKey, fold, normal, uniform } from "../../packages/jkoflow/src/random/index.ts";
import {
  estimatedLaw,
  estimateFactor,
  estimatePath,
  estimateRows,
  jkoLaw,
  lineSensitivity,
  lowerPairs,
  momentSlopes,
  offlineErrors,
  type SteadyState,
} from "../../packages/jkoflow/src/theory/index.ts";
import { kolmogorov, model, start, TIME, Z } from "./bandsLine.ts";
import type { Line } from "./bandsPage.ts";

/** Q and S of the closed forms, which do not commute. */
export function matrixCoverage(replicates: number): Line[] {
  const n = 400;
  const A = Float64Array.of(1.5, -0.4, -0.4, 0.8);
  const steady: SteadyState = {
    mean: Float64Array.of(0.5, 0.25),
    covariance: functionOf(A, 2, (v) => 1 / v),
    temperature: 1,
  };
  const from: GaussianState = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(2, 0.6, 0.6, 0.5) };
  const flat = ({ mean, covariance }: GaussianState): number[] => [
    ...mean,
    ...lowerPairs(2).map(([i, j]) => covariance[2 * i + j]),
  ];
  const truth = flat(gaussianJkoAt(from, { mean: steady.mean, precision: A }, 0.25, 3));
  const root = functionOf(steady.covariance, 2, Math.sqrt);
  const held = truth.map(() => 0);
  const standard: number[][] = truth.map(() => []);
  for (let run = 0; run < replicates; run++) {
    const z = normal(fold(createKey("matrix"), run), 2 * n);
    const x = Float64Array.from(z, (_, at) => {
      const [r, i] = [at - (at % 2), at % 2];
      return steady.mean[i] + root[2 * i] * z[r] + root[2 * i + 1] * z[r + 1];
    });
    const law = estimatedLaw({ ...estimateRows(x, 2), temperature: 1 }, from, { step: 0.25, steps: 3 });
    flat(law).forEach((value, k) => {
      const error = (value - truth[k]) / Math.sqrt(law.errors[6 * k] / n);
      if (Math.abs(error) <= Z) held[k]++;
      standard[k].push(error);
    });
  }
  return ["mean 1", "mean 2", "variance 1", "covariance", "variance 2"].map((entry, k) => ({
    ...{ entry, truth: truth[k], coverage: held[k] / replicates, KS: kolmogorov(standard[k]), replicates },
  }));
}

export function pathCoverage(replicates: number): Line[] {
  const [n, interval, h] = [2000, 0.1, 0.01];
  const { mean: mu, stiffness: q, temperature } = model;
  const a = Math.exp(-q * interval);
  const spread = Math.sqrt(temperature / q);
  const truth = jkoLaw(model, start, h, Math.round(TIME / h));
  let [means, variances] = [0, 0];
  const standard: [number[], number[]] = [[], []];
  for (let run = 0; run < replicates; run++) {
    const z = normal(fold(createKey("path"), run), n + 1);
    const path = new Float64Array(n + 1);
    path[0] = mu + spread * z[0];
    for (let k = 1; k <= n; k++) path[k] = mu + a * (path[k - 1] - mu) + spread * Math.sqrt(1 - a * a) * z[k];
    const found = estimatePath(path, { interval, temperature, mean: mu });
    const law = jkoLaw(found.model, start, h, Math.round(TIME / h));
    const errors = offlineErrors(found.model, law, found.errors);
    const [dm, ds] = [
      (law.mean - truth.mean) / Math.sqrt(errors.mean / n),
      (law.variance - truth.variance) / Math.sqrt(errors.variance / n),
    ];
    if (Math.abs(dm) <= Z) means++;
    if (Math.abs(ds) <= Z) variances++;
    standard[0].push(dm);
    standard[1].push(ds);
  }
  return [
    { of: "mean", coverage: means / replicates, KS: kolmogorov(standard[0]), replicates },
    { of: "variance", coverage: variances / replicates, KS: kolmogorov(standard[1]), replicates },
  ];
}

const well: Smooth = {
  at: (x) => (x * x - 1) ** 2 / 4,
  slope: (x) => x * (x * x - 1),
  curvature: (x) => 3 * x * x - 1,
};

export function wellCoverage(replicates: number): Line[] {
  const [factor, temperature, h, steps, cells, n] = [1.5, 1, 0.02, 15, 400, 400];
  const from = {
    mass: new Float64Array(cells).fill(1 / cells),
    nodes: Float64Array.from({ length: cells + 1 }, (_, k) => 0.2 + (1.2 * k) / cells),
  };
  const lawOf = (theta: number) =>
    lineSensitivity({ factor: theta, potential: well, others: { internal: lineEntropy } }, from, h, steps);
  const below = new Float64Array(8001);
  for (let i = 1; i <= 8000; i++)
    below[i] = below[i - 1] + Math.exp((-factor * well.at(-4 + (i - 0.5) / 1000)) / temperature);
  const draw = (u: number): number => {
    let [low, high] = [0, 8000];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (below[middle] < u * below[8000]) low = middle;
      else high = middle;
    }
    return -4 + (low + (u * below[8000] - below[low]) / (below[high] - below[low])) / 1000;
  };
  const exact = lawOf(factor);
  const truth = momentSlopes(exact);
  const places = [0.1, 0.5, 0.9].map((share) => Math.round(share * cells));
  const names = ["mean", "variance", "quantile .1", "quantile .5", "quantile .9"];
  const errors: number[][] = names.map(() => []);
  for (let run = 0; run < replicates; run++) {
    const rows = Float64Array.from(uniform(fold(createKey("well"), run), n), draw);
    const found = estimateFactor(rows, well.at, temperature);
    const law = lawOf(found.factor);
    const moments = momentSlopes(law);
    const width = Math.sqrt(found.error / n);
    const pairs: [number, number][] = [
      [moments.mean - truth.mean, moments.meanByFactor],
      [moments.variance - truth.variance, moments.varianceByFactor],
      ...places.map((k): [number, number] => [law.state.nodes[k] - exact.state.nodes[k], law.slope[k]]),
    ];
    pairs.forEach(([off, slope], k) => {
      errors[k].push(off / (width * Math.abs(slope)));
    });
  }
  return names.map((of, k) => ({
    ...{ of, coverage: errors[k].filter((e) => Math.abs(e) <= Z).length / replicates },
    ...{ KS: kolmogorov(errors[k]), replicates },
  }));
}
