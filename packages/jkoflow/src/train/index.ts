export { type Batches, createBatches } from "./batches.ts";
export { nearestNeighbourScale, type RowParts } from "./jitter.ts";
export { type CosineRate, cosineRate } from "./learningRate.ts";
