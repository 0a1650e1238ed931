export { type Batches, createBatches } from "./batches.ts";
export { type CosineRate, cosineRate } from "./learningRate.ts";
