/**
 * Tables and what is known of their columns: schemas, splits, standardisation, given columns, cells, toys.
 *
 * @example
 * ```ts
 * import { matchColumns, rowsOf, selectColumns, tableOf } from "jkoflow/data";
 *
 * const table = tableOf([{ a: 1, b: 2, c: 3 }]);
 * console.log(rowsOf(matchColumns(table, ["c", "a", "b"])), selectColumns(table, ["b"]).columns);
 * ```
 *
 * @example
 * ```ts
 * import { createStandardizer, fitStandardizer, MOST_WHITENED, parseStandardizer, tableOf } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 100 }, (_, i) => [i, i * i]));
 * const standardizer = fitStandardizer(table, { kind: "zscore" });
 * const again = createStandardizer(parseStandardizer(standardizer.toJSON()).toJSON());
 * console.log(again.columns, again.inverse(again.forward(table)).values[2].toFixed(2), MOST_WHITENED);
 * ```
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { createStandardizer, createTable, fitStandardizer, withRadial } from "jkoflow/data";
 * import { normal } from "jkoflow/random";
 *
 * // Rows of very different lengths get those of normal rows.
 * const z = normal(createKey("lengths"), 2000);
 * const table = createTable(z.map((value, at) => value * Math.exp(((at >> 1) % 7) - 3)), ["x", "y"]);
 * const radial = createStandardizer(withRadial(fitStandardizer(table, { kind: "whiten" }).toJSON(), table));
 * console.log(radial.forward(table).every((value) => Math.abs(value) < 6)); // true
 * ```
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { decodeTable, encodeTable, fitSchema, isPlain, tableOf } from "jkoflow/data";
 *
 * const rows = Array.from({ length: 60 }, (_, i) => ({ lab: i % 3, mass: i === 7 ? null : 1 + i / 8 }));
 * const { schema, notes } = fitSchema(tableOf(rows), {}, { columnsAs: "auto" }, "table");
 * console.log(schema.columns.map(({ kind }) => kind), isPlain(schema), notes.length > 0);
 * const { table, logWeight } = encodeTable(schema, tableOf(rows), createKey(0)); // as the flow sees it
 * console.log(table.columns, logWeight?.length, decodeTable(schema, table).columns);
 * ```
 *
 * @example
 * ```ts
 * import { applyMargin, fitKernelMargin, invertMargin, marginLogSlope } from "jkoflow/data";
 *
 * const values = Float64Array.from({ length: 400 }, (_, i) => Math.exp(Math.sin(i)));
 * const [margin] = fitKernelMargin(values, values.slice(0, 100), ["normal"]);
 * const u = applyMargin(margin, 1.5);
 * console.log(Math.abs(invertMargin(margin, u) - 1.5) < 1e-6, Number.isFinite(marginLogSlope(margin, 1.5))); // true true
 * ```
 *
 * @example
 * ```ts
 * import { categoryIndex, categoryWord, conditionValues, createCondition, fitCondition, joinConditions } from "jkoflow/data";
 * import { parseCondition, takeConditions, userConditions } from "jkoflow/data";
 *
 * const sex = { rows: 4, columns: [conditionValues("sex", ["M", "F", "M", "I"])] };
 * const age = { rows: 4, columns: [conditionValues("age", ["1.5", "2.25", "3.1", "4"], "number")] };
 * const given = joinConditions(sex, age);
 * const condition = fitCondition(takeConditions(given ?? sex, [0, 1, 2, 3]));
 * console.log(condition.width, condition.columns.map(({ kind }) => kind), userConditions(given)?.rows, categoryWord("2.0"));
 * const [column] = condition.columns;
 * if (column.kind === "category") console.log(column.categories, categoryIndex(column, "F"));
 * const again = createCondition(parseCondition(JSON.parse(JSON.stringify(condition.columns))).columns);
 * console.log(again.encode(given ?? sex).length);
 * ```
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { cellColumns, cellLogProb, cellProbability, checkCells, drawCells, fitCells, fitSchema, readCells, tableOf } from "jkoflow/data";
 *
 * const table = tableOf(Array.from({ length: 90 }, (_, i) => ({ lab: i % 3, mass: 1 + Math.sin(i) })));
 * const wishes = { categorical: ["lab"], discrete: "apart" } as const;
 * const { schema } = fitSchema(table, {}, wishes, "table"); // the codes of lab are now the places of its levels
 * const columns = cellColumns(schema);
 * const cells = readCells(schema, table);
 * if (cells !== undefined) {
 *   checkCells(schema, table, "table");
 *   const distribution = fitCells(columns, cells, undefined);
 *   console.log(Math.exp(cellLogProb(distribution, cells, undefined)[0]).toFixed(2), cellProbability(distribution)([0]).toFixed(2));
 *   console.log(drawCells(distribution, columns, createKey(0), 5).rows);
 * }
 * ```
 *
 * @example
 * ```ts
 * import { logMeanExp } from "jkoflow/data";
 *
 * // ln 2
 * console.log(logMeanExp([Float64Array.of(Math.log(1)), Float64Array.of(Math.log(3))])[0].toFixed(4)); // 0.6931
 * ```
 */

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
export { withRadial } from "./withRadial.ts";
