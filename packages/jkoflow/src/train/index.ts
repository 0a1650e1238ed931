export { type Batches, createBatches } from "./batches.ts";
export { nearestNeighbourScale } from "./jitter.ts";
export { type CosineRate, cosineRate } from "./learningRate.ts";
