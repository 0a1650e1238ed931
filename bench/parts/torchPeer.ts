/** The settings of the PyTorch peer that were best by validation for each set, of some twenty tried by hand. */
import type { Settings } from "../../packages/jkoflow/src/systems/index.ts";
import type { SetName } from "./tabularSets.ts";

const common = { learningRateFloor: 0.02, hidden: 128, beta: 1, jitter: 0, weightDecay: 0, patience: 1e9 } as const;

export const torchSettings: Readonly<Partial<Record<SetName, Settings>>> = {
  miniboone: {
    ...common,
    standardize: "whiten",
    activation: "softplus",
    beta: 20,
    stepSizes: [2, 4, 8, 8, 8, 8],
    updates: [300, 250],
    batchSize: 500,
    learningRate: 5e-3,
    jitter: 0.3,
    weightDecay: 1.5,
    solverSteps: 3,
    randomSteps: false,
    scoringSteps: 3,
    evaluateEvery: 25,
    patience: 5,
    validationRows: 5000,
  },
  power: {
    ...common,
    standardize: "none",
    activation: "tanh",
    stepSizes: [0.5, 1, 1, 2, 2, 2],
    updates: [250],
    batchSize: 1000,
    learningRate: 4e-3,
    solverSteps: 4,
    randomSteps: true,
    scoringSteps: 8,
    evaluateEvery: 50,
    validationRows: 3000,
  },
  gas: {
    ...common,
    standardize: "whiten",
    activation: "tanh",
    hidden: 64,
    stepSizes: [1, 2, 2, 2, 2],
    updates: [300],
    batchSize: 500,
    learningRate: 5e-3,
    jitter: 0.02,
    solverSteps: 4,
    randomSteps: true,
    scoringSteps: 8,
    evaluateEvery: 30,
    validationRows: 2000,
  },
};
