/** Settings of JKO for Landau. */
import { above, but, network, oneOf, setting, training, whole } from "../settings/index.ts";

export const settings = {
  ...network,
  hidden: but(network.hidden, [32, 32], "widths of the hidden layers of the network s"),
  activation: but(network.activation, "tanh"),
  startUpdates: setting(whole(1), 2000, "updates towards the score of the start, before the first step"),
  startRate: setting(above(0), 5e-3, "Adam's rate at the peak of those"),
  updates: but(training.updates, 30, "optimiser updates of a step"),
  evaluateEvery: but(training.evaluateEvery, 30, "updates between two evaluations on held-out particles"),
  patience: but(training.patience, 1, "evaluations without gain that end a step"),
  batchSize: but(
    training.batchSize,
    400,
    "particles of a batch, whose pairs all collide; of Maxwell molecules all particles are one",
  ),
  learningRate: but(training.learningRate, 3e-3, "Adam's rate at its peak"),
  learningRateFloor: but(training.learningRateFloor, 0.05),
  determinant: setting(
    oneOf("exact", "trace"),
    "exact",
    "exact: log det(I + h G), and h tr G for a training batch whose step folds; trace: h tr G, weighted score matching",
  ),
  start: setting(oneOf("stratified", "independent"), "stratified", "how particles are drawn from the start"),
  particles: setting(whole(3), 6400, "particles that are trained on"),
  heldOutParticles: setting(whole(3), 3200, "particles on which H is reported, and no step is trained"),
  storedParticles: setting(whole(3), 800, "particles that are stored with a step, for the density before it"),
  separation: setting(above(0), 1e-3, "least distance of two particles in |z|^gamma, for gamma below 0"),
};
