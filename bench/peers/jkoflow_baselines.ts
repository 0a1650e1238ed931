/**
 * The models of the library that need no training, as a program of the benchmarks: the Gaussian with full covariance, the
 * mixture by EM and, with the setting `margins`, the mixture behind kernel margins; sizes, ridges and widths chosen on
 * validation rows. Protocol: jkoflow_fit.ts.
 */
import { fitGaussian, fitMarginMixture, fitMixture, scoreLogProb } from "../../packages/jkoflow/src/evaluate/index.ts";
import { createKey, fold, type Key } from "../../packages/jkoflow/src/random/index.ts";
import { peakMiB, startClock } from "../parts/clock.ts";
import type { Fit, FitTask } from "../parts/fit.ts";
import { readProblem, writeLogProb, writeSamples } from "../parts/problem.ts";

interface Density {
  logProb(x: Float32Array, rows: number): Float64Array;
  sample?(key: Key, rows: number): Float32Array;
}

const task: FitTask = JSON.parse(process.argv[2]);
const { train, validation, test } = await readProblem(task.files);
const d = train.columns.length;
/** Mean, covariance and weight of a component; the weights sum to 1. */
const size = (components: number): number => components * (d + (d * (d + 1)) / 2) + components - 1;

function measure<D extends Density>(method: string, fit: () => D, describe: (model: D) => [string, number]): Fit {
  const clock = startClock();
  const model = fit();
  const { cpuSeconds, wallSeconds } = clock();
  const peak = peakMiB();
  const scored = model.logProb(test.values, test.rows);
  if (task.logProbs) writeLogProb(task.logProbs, method, scored);
  if (task.logProbs && task.samples && model.sample) {
    writeSamples(task.logProbs, method, model.sample(fold(createKey(task.seed), "samples"), task.samples), d);
  }
  const { nll, standardError } = scoreLogProb(scored);
  const [detail, components] = describe(model);
  return {
    method,
    seed: task.seed,
    detail,
    blocks: [],
    parameters: size(components),
    updates: 0,
    cpuSeconds,
    wallSeconds,
    peakMiB: peak,
    validationNll: scoreLogProb(model.logProb(validation.values, validation.rows)).nll,
    testNll: nll,
    standardError,
    gap: null,
    inversionError: null,
    integral: null,
    kernel: "float64",
    settings: {},
  };
}

const fits = [
  measure(
    "Gaussian",
    () => fitGaussian(train.values, train.rows, d),
    ({ ridge }) => [ridge > 0 ? `ridge ${ridge.toExponential(0)}` : "", 1],
  ),
  measure(
    "mixture",
    () => fitMixture(train.values, validation.values, d, createKey(task.seed)),
    ({ chosen }) => [`K = ${chosen.components}, ridge count ${chosen.ridgeCount}`, chosen.components],
  ),
];
if (task.settings.margins) {
  fits.push(
    measure(
      "margins",
      () => fitMarginMixture(train.values, validation.values, d, createKey(task.seed)),
      ({ target, mixture }) => [`K = ${mixture.chosen.components}, ${target} margins`, mixture.chosen.components],
    ),
  );
}
console.log(JSON.stringify({ event: "result", fits }));
