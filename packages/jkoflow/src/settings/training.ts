/** Groups of settings that several systems share. Defaults are those of most of them; the rest depend on the table. */
import { type Setting, setting } from "./declare.ts";
import { above, atLeast, decay, oneOf, whole, wholeList } from "./kinds.ts";

/** Of the table. */
export const standardization = {
  standardize: setting(
    oneOf("whiten", "radial", "zscore", "none"),
    "whiten",
    "whiten (principal components), radial (those, with the lengths that normal rows have), zscore, or none",
  ),
  transform: setting(
    oneOf("none", "asinh", "log", "quantile", "auto", "margins"),
    "none",
    "monotone transform of every column before that: none, asinh, log (signed), quantile, for heavy tails; auto: logarithmic " +
      "beyond the regular values of columns with odd ones, none for others; margins: kernel estimates of the columns, for " +
      "spikes and edges; columns whose values recur as with auto",
  ),
};

/** Of a velocity network. */
export const network = {
  hidden: setting(wholeList, [128, 128], "widths of the hidden layers of the velocity network"),
  activation: setting(oneOf("softplus", "tanh"), "softplus", "softplus or tanh"),
  beta: setting(above(0), 1, "sharpness of softplus"),
};

/** Of the training of a block: the optimiser, the solver, the held-out evaluation. */
export const training = {
  updates: setting(whole(1), 1500, "optimiser updates per block, at most"),
  batchSize: setting(whole(1), 500, "rows per update"),
  learningRate: setting(above(0), 5e-3, "Adam's rate at the start of a block"),
  learningRateFloor: setting(atLeast(0), 0.01, "share of the rate that a fall by a cosine leaves at the end"),
  patience: setting(whole(1), 15, "held-out evaluations without gain that end a block (early stopping)"),
  weightDecay: setting(atLeast(0), 0, "decoupled weight decay"),
  jitter: setting(atLeast(0), 0, "standard deviation of the noise added to each batch, standardised units"),
  clip: setting(atLeast(0), 0, "largest global norm of the gradient; 0: no limit"),
  solverSteps: setting(whole(1), 4, "Runge-Kutta steps per block in training"),
  scoringSteps: setting(whole(1), 8, "Runge-Kutta steps per block when held-out rows are scored"),
  evaluateEvery: setting(whole(1), 100, "updates between two held-out evaluations"),
  validationRows: setting(whole(1), 2000, "held-out rows used inside a block; all of them judge a finished block"),
  retries: setting(whole(0), 1, "further tries of a block that did harm, from half the step size and rate"),
  largestGap: setting(above(0), 0.05, "nats by which doubling the solver steps may change the held-out NLL of a block"),
};

/** How much a block has to gain. */
export const acceptance: Setting<"any" | "clear"> = setting(
  oneOf("any", "clear"),
  "any",
  "what a block has to gain: any (on held-out rows), or clear (the first block three standard errors there, and every one on training rows too)",
  "any",
);

/** How far a block has to move. */
export const movementRatio: Setting<number> = setting(
  atLeast(0),
  0,
  "stop when a block moves held-out rows by less than this share of their size; 0: never",
);

/** Of systems without a step size: how the rate falls, what is kept. */
export const schedule = {
  schedule: setting(
    oneOf("cosine", "plateau", "staircase"),
    "cosine",
    "cosine: the rate falls over all updates; plateau: it is divided after patience held-out evaluations without gain, " +
      "counted anew each time; staircase: after patience of them in a row, and after twice as many",
  ),
  learningRateDrop: setting(
    above(1),
    10,
    "what the rate is divided by: three times at most (plateau), or twice (staircase); then training ends",
  ),
  clamp: setting(atLeast(0), 0, "parameters are held within +- this before each update; 0: no bound"),
  averaging: setting(
    decay,
    0,
    "decay of the average of the weights over the updates, which is what is kept; 0: none",
    0,
  ),
  substeps: setting(
    oneOf("drawn", "fixed"),
    "drawn",
    "fixed: always solverSteps; drawn: each update draws one less, as many, or one more",
  ),
  select: setting(
    oneOf("nll", "loss"),
    "nll",
    "what of held-out rows chooses the best weights: their nll, or the whole loss",
  ),
};
