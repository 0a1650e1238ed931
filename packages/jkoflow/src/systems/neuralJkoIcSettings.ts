/** Settings of importance-corrected neural JKO, and the order of parts that follows from them. */
import {
  above,
  atLeast,
  but,
  network,
  oneOf,
  type SettingsOf,
  setting,
  share,
  training,
  whole,
} from "../settings/index.ts";

export const settings = {
  from: setting(oneOf("smc", "start"), "smc", "a mixture fitted to rows of tempered SMC, or the start, as published"),
  population: setting(whole(100), 10_000, "rows of tempered SMC for its mixture"),
  defensive: setting(share, 0.25, "share of the mixture that is made wider, for mass that SMC has missed"),
  widening: setting(
    above(0),
    3,
    "how many times as wide: that share of the mixture, or the start, which must be a normal",
  ),
  hidden: but(network.hidden, [64, 64]),
  updates: but(training.updates, 1200),
  batchSize: but(training.batchSize, 512),
  learningRate: training.learningRate,
  learningRateFloor: training.learningRateFloor,
  clip: but(training.clip, 10),
  solverSteps: training.solverSteps,
  pool: setting(whole(2), 10_000, "rows of the chain so far that a part is fitted to, fresh ones for each part"),
  firstStep: setting(above(0), 1, "tau of the first flow, which is twice its step size h"),
  stepGrowth: setting(atLeast(1), 4, "what tau is multiplied by from flow to flow"),
  flowsBefore: setting(whole(0), 1, "flows before the first that is followed by rejections"),
  rejectionFlows: setting(whole(0), 2, "flows that are followed by rejections"),
  rejections: setting(whole(1), 3, "rejection steps after each of these"),
  rejectionRate: setting(share, 0.2, "share of rows that a rejection step replaces"),
  massTolerance: setting(
    above(0),
    0.001,
    "standard error of the density's mass by each rejection, which decides how many rows count its share",
  ),
  judgedRows: setting(whole(100), 10_000, "fresh rows on which the sampler is judged"),
};

export type NeuralJkoIcSettings = SettingsOf<typeof settings>;

/** The parts of a chain in their order: flows by their number, and rejections. */
export function* schedule({
  flowsBefore,
  rejectionFlows,
  rejections,
}: NeuralJkoIcSettings): Generator<number | "rejection"> {
  for (let k = 0; k < flowsBefore + rejectionFlows; k++) {
    yield k;
    for (let i = 0; k >= flowsBefore && i < rejections; i++) yield "rejection";
  }
}
