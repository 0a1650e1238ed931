export {
  type Condition,
  type ConditionColumn,
  type ConditionRows,
  type ConditionValues,
  categoryIndex,
  categoryWord,
  conditionValues,
  createCondition,
  fitCondition,
  takeConditions,
} from "./condition.ts";
export { conditionPool, drawConditions, type Given } from "./conditionPool.ts";
export { parseCondition } from "./conditionState.ts";
export { type Dequantized, dequantize } from "./dequantize.ts";
export { type Eigen, symmetricEigen } from "./eigen.ts";
export { decodeTable, type Encoded, type EncodeOptions, encodeTable, logMeanExp } from "./encode.ts";
export { labelMeans, meansOf } from "./labelMeans.ts";
export {
  boundText,
  encodedBounds,
  encodedColumns,
  indicatorName,
  isPlain,
  parseSchema,
  plainSchema,
  type Schema,
  type SchemaColumn,
} from "./schema.ts";
export { checkCells, type FittedSchema, fitSchema, type SchemaWishes } from "./schemaFit.ts";
export { type Split, shuffleRows, splitByChance, splitByPosition, splitMoving, splitTable } from "./split.ts";
export { fitStandardizer, MOST_WHITENED, type StandardizeOptions } from "./standardize.ts";
export { createStandardizer, type Standardizer, type StandardizerState } from "./standardizer.ts";
export { parseStandardizer } from "./standardizerState.ts";
export { type ColumnSummary, columnWarnings, constantColumns, describeColumns } from "./summary.ts";
export {
  chunkRows,
  columnIndex,
  columnValues,
  concatTables,
  createTable,
  dropColumns,
  matchColumns,
  selectColumns,
  type Table,
  tableChunks,
  takeRows,
} from "./table.ts";
export {
  type ConditionalSample,
  type ConditionalToy,
  type ConditionalToyName,
  conditionalToys,
} from "./toys/conditional.ts";
export { createImageToy, type GreyPicture, imageToy, type MassGrid } from "./toys/imageDensity.ts";
export { entropyFloor, findToy, type ToyName, toys } from "./toys/registry.ts";
export { type EntropyEstimate, estimateEntropy, type Toy } from "./toys/toy.ts";
export { type Bounds, type ColumnTransform, isBounds, type TransformKind } from "./transform.ts";
