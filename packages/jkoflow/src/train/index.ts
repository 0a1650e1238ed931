export { adamStep } from "./adam.ts";
export { type Batches, createBatches } from "./batches.ts";
export { nearestNeighbourScale, type RowParts } from "./jitter.ts";
export { type CosineRate, cosineRate, type PlateauRate, plateauRate } from "./learningRate.ts";
export { keepAbove } from "./lowerBounds.ts";
