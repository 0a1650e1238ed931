/** The peers of the graph case that need no training: Gaussians given the labels. */
import { concatTables, fitCondition, takeConditions, takeRows } from "../../packages/jkoflow/src/data/index.ts";
import { fitConditionalGaussian, fitGaussian, type Gaussian } from "../../packages/jkoflow/src/evaluate/index.ts";
import { cholesky } from "../../packages/jkoflow/src/evaluate/linalg.ts";
import { fold, type Key, normal } from "../../packages/jkoflow/src/random/index.ts";
import { startClock } from "./clock.ts";
import { GENERATED, judge, labelRows, type Run } from "./graphRun.ts";
import type { SolarGraph } from "./solarGraph.ts";

/** A pattern with at least two rows for each column gets a Gaussian of its own; rarer ones share the regression. */
const OWN_GAUSSIAN_ROWS = 2;
/** Rows of a Gaussian around means [n, d]. */
function drawAround(gaussian: Gaussian, means: Float32Array, key: Key): Float32Array {
  const d = gaussian.cols;
  const factor = cholesky(gaussian.covariance, d)!;
  const noise = normal(key, means.length);
  return means.map((mean, at) => {
    const [first, i] = [at - (at % d), at % d];
    let sum = mean;
    for (let j = 0; j <= i; j++) sum += factor[i * d + j] * noise[first + j];
    return sum;
  });
}

/** The regression on the labels, and the same with own Gaussians for frequent patterns; all rows but those of the test. */
export function gaussians(problem: SolarGraph, key: Key): Run[] {
  const all = concatTables(problem.train, problem.validation);
  const d = all.columns.length;
  const encoder = fitCondition(problem.given.train);
  const [train, validation, y] = [problem.given.train, problem.given.validation, problem.given.test].map(
    encoder.encode,
  );
  const given = Float32Array.of(...train, ...validation);
  const { test, patterns } = problem;
  const start = startClock();
  const pooled = fitConditionalGaussian(all.values, given, all.rows, d, encoder.width);
  const own = new Map<string, Gaussian>();
  for (const pattern of new Set(patterns.train)) {
    const rows = Array.from(patterns.train.keys()).filter((i) => patterns.train[i] === pattern);
    if (rows.length < OWN_GAUSSIAN_ROWS * d) continue;
    own.set(pattern, fitGaussian(takeRows(all, rows).values, rows.length, d));
  }
  const { cpuSeconds } = start();
  const copies = labelRows(problem);
  const many = encoder.encode(takeConditions(problem.given.test, copies));
  const base = pooled.logProb(test.values, y, test.rows);
  const generated = drawAround(pooled.gaussian, pooled.mean(many, copies.length), fold(key, "pooled"));
  const mixed = { logProb: base.slice(), generated: generated.slice() };
  for (const [pattern, gaussian] of own) {
    const rows = Array.from(patterns.test.keys()).filter((i) => patterns.test[i] === pattern);
    gaussian.logProb(takeRows(test, rows).values, rows.length).forEach((value, k) => {
      mixed.logProb[rows[k]] = value;
    });
    const means = Float32Array.from({ length: rows.length * GENERATED * d }, (_, at) => gaussian.mean[at % d]);
    const drawn = drawAround(gaussian, means, fold(key, "own", pattern));
    rows.forEach((row, k) => {
      mixed.generated.set(drawn.subarray(k * GENERATED * d, (k + 1) * GENERATED * d), row * GENERATED * d);
    });
  }
  const size = (d * (d + 1)) / 2;
  const common = { seed: 0, blocks: 0, cpuSeconds };
  return [
    {
      model: "linear Gaussian of the labels",
      ...common,
      parameters: size + d * (1 + encoder.columns.length),
      groups: judge(problem, { logProb: base, generated }, key),
    },
    {
      model: `Gaussian per pattern (${own.size} patterns with ${OWN_GAUSSIAN_ROWS * d} rows or more; the rest as above)`,
      ...common,
      parameters: (own.size + 1) * size + d * (1 + own.size + encoder.columns.length),
      groups: judge(problem, mixed, key),
    },
  ];
}
