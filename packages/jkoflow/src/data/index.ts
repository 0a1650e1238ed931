export { cellLogProb, cellProbability, fitCells } from "./cellDistribution.ts";
export { drawCells, type KnownLevels } from "./cellDraws.ts";
export { type CellColumn, cellColumns, readCells, withCellColumns } from "./cells.ts";
export type { CellDistribution, CellVariable } from "./cellVariables.ts";
export { checkCells } from "./checkCells.ts";
export { checkProblem } from "./checkProblem.ts";
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
  joinConditions,
  takeConditions,
  userConditions,
} from "./condition.ts";
export { conditionPool, drawConditions, type Given, pooledColumns } from "./conditionPool.ts";
export { type FarValues, farConditions } from "./conditionRange.ts";
export { parseCondition } from "./conditionState.ts";
export { type DependentColumn, dependentColumns } from "./dependentColumns.ts";
export { type Dequantized, dequantize } from "./dequantize.ts";
export { type Eigen, symmetricEigen } from "./eigen.ts";
export { decodeTable, type Encoded, type EncodeOptions, encodeTable, logMeanExp } from "./encode.ts";
export {
  applyMargin,
  fitKernelMargin,
  invertMargin,
  type KernelMargin,
  type MarginTarget,
  marginLogSlope,
} from "./kernelMargin.ts";
export { labelMeans, meansOf } from "./labelMeans.ts";
export { marginRows, someRows } from "./marginRows.ts";
export { ODD_LIMIT, type OddCell, oddCells } from "./oddCells.ts";
export { createOpening, fitOpening, type Opening, type OpeningRows, type OpeningState } from "./opening.ts";
export type { Problem, RawProblem } from "./problem.ts";
export { nearestPlace } from "./recurringValues.ts";
export { drawInCells, type GridColumn, type KnownGrid, type TiedColumns, tiedColumns } from "./roundedColumns.ts";
export {
  boundText,
  cellText,
  encodedBounds,
  encodedColumns,
  indicatorName,
  isPlain,
  plainSchema,
  type Schema,
  type SchemaColumn,
  schemaOffsets,
} from "./schema.ts";
export { type FittedSchema, fitSchema, type SchemaWishes } from "./schemaFit.ts";
export { parseSchema } from "./schemaState.ts";
export { type Split, shuffleRows, splitByChance, splitByPosition, splitMoving, splitTable } from "./split.ts";
export { fitStandardizer, MOST_WHITENED, type StandardizeOptions } from "./standardize.ts";
export { createStandardizer, type Standardizer, type StandardizerState } from "./standardizer.ts";
export { isOrthonormal, parseStandardizer } from "./standardizerState.ts";
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
export { type Row, rowsOf, type TableOfOptions, tableOf } from "./tableOf.ts";
export {
  type ConditionalSample,
  type ConditionalToy,
  type ConditionalToyName,
  conditionalToys,
} from "./toys/conditional.ts";
export { createImageToy, type GreyPicture, imageToy, type MassGrid } from "./toys/imageDensity.ts";
export { entropyFloor, findToy, type ToyName, toys } from "./toys/registry.ts";
export { type EntropyEstimate, estimateEntropy, type Toy } from "./toys/toy.ts";
export { type Bounds, type ColumnTransform, isBounds, type TransformChoice, type TransformKind } from "./transform.ts";
export { findUnfit, type UnfitCell, type UnfitReason, unfitReason } from "./unfit.ts";
