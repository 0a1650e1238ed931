export { besideCells } from "./drawGiven.ts";
export { type Finished, finishModel, type GivenRows } from "./finishModel.ts";
export { type MixtureGiven, type MixtureParts, mixtureModel } from "./mixtureModel.ts";
export { type Model, type OpenModel, openModel } from "./model.ts";
export type { Conditions, ModelCondition } from "./modelCondition.ts";
export { decodeModel, encodeModel } from "./modelFile.ts";
export { type DrawnRows, type OpenTable, openTable, type ScoreOptions } from "./openTable.ts";
export { scoreQuantiles, scoreThreshold } from "./scoreQuantiles.ts";
export { type EncodedRows, withSchema } from "./withSchema.ts";
