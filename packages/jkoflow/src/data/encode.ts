/**
 * Rows of a schema to rows of a flow and back.
 *
 * Dequantisation: P(x) = integral of p over the cell of x, hence ln P(x) >= E_u ln p(x + u), u ~ U[0, 1) (Jensen; L. Theis,
 * A. van den Oord, M. Bethge, "A note on the evaluation of generative models", ICLR 2016, arXiv:1511.01844, section 3.1).
 * A missing cell is filled from a known density q in the same manner: p(rest) = E_q [p(rest, v) / q(v)], hence
 * ln p(rest) >= E_q [ln p(rest, v) - ln q(v)]. The mean over K draws,
 *
 *   ln (1/K) sum_k p(row, noise_k) / q(noise_k),
 *
 * is a lower bound too, and tighter with each draw (Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted
 * autoencoders", ICLR 2016, arXiv:1509.00519, theorem 1; for dequantisation J. Ho et al., "Flow++", ICML 2019,
 * arXiv:1902.00275, section 3.1, and E. Hoogeboom, T. Cohen, J. Tomczak, arXiv:2001.11235).
 *
 * What stands apart from the flow (cells.ts) leaves the encoded rows and becomes what these are given; ln P(cells) is exact and
 * part of the weight.
 */
import { InputError } from "../errors/errors.ts";
import { exp, fillNormal, fold, halfLog2Pi, type Key, log, uniform } from "../random/index.ts";
import { cellLogProb } from "./cellDistribution.ts";
import { cellColumns, readCells, stateOf, stateValue } from "./cells.ts";
import type { ConditionRows } from "./condition.ts";
import { roundFromOffset } from "./decimals.ts";
import { nextAbove, nextBelow } from "./float32.ts";
import { nearestOf } from "./recurringValues.ts";
import {
  boundsOf,
  encodedColumns,
  encodedWidth,
  fillOf,
  isCellsAlone,
  matchSchema,
  type Schema,
  type SchemaColumn,
} from "./schema.ts";
import type { Table } from "./table.ts";
import { applyTransform, type Bounds, type ColumnTransform, invertTransform, transformLogSlope } from "./transform.ts";

/** Rows as a flow takes them. */
export interface Encoded {
  readonly table: Table;
  /**
   * What is to be added to ln p of each encoded row: -ln q of the filled cells, and ln P(cells) where the schema has a
   * distribution of them, nats. Undefined where it is 0. [n]
   */
  readonly logWeight: Float64Array | undefined;
  /** What the flow is given of the rows themselves; undefined where nothing stands apart. */
  readonly cells: ConditionRows | undefined;
}

export interface EncodeOptions {
  /** The number of the table's first row in the stream of noise; 0 by default. */
  readonly firstRow?: number;
  /** "own": the table's array may be overwritten, which spares a copy. */
  readonly memory?: "new" | "own";
  /** What a user gives of the same rows, where the distribution of cells is conditional. */
  readonly given?: ConditionRows | undefined;
}

/**
 * Raw rows (category codes, NaN where a cell is missing) with one draw of noise; the noise of a cell depends on the key,
 * its column and its row alone. `checkCells` says whether rows fit the schema; here they must.
 * @throws InputError when a column is missing or there are others.
 */
export function encodeTable(schema: Schema, raw: Table, key: Key, options: EncodeOptions = {}): Encoded {
  const table = matchSchema(schema, raw);
  const names = encodedColumns(schema);
  const { rows } = table;
  const [from, to] = [table.columns.length, names.length];
  const cells = readCells(schema, table); // before the memory of the table is written to
  const isNoise = isCellsAlone(schema);
  const filled = isNoise || schema.columns.some(fillOf);
  const own = options.memory === "own" && from === to && table === raw;
  const values = own ? table.values : new Float32Array(rows * to);
  const filling = filled ? new Float64Array(rows) : undefined;
  if (isNoise) fillNoise(key, options.firstRow ?? 0, values, filling!);
  let at = 0;
  schema.columns.forEach((column, k) => {
    const width = encodedWidth(column);
    if (width === 0) return;
    const noise = noiseOf(column, key, rows, options.firstRow ?? 0);
    for (let i = 0; i < rows; i++) {
      const x = table.values[i * from + k];
      const target = i * to + at;
      const isNumber = stateOf(column, x) === 0;
      values[target] = isNumber ? noise.cell(x, i) : noise.fill(i, filling!);
      if (width === 2) values[target + 1] = insideCell(isNumber ? 0 : 1, noise.indicator(i));
    }
    at += width;
  });
  const ofCells = schema.cells && cells ? cellLogProb(schema.cells, cells, options.given) : undefined;
  const logWeight = filling && ofCells ? filling.map((value, i) => value + ofCells[i]) : (filling ?? ofCells);
  return { table: { values, rows, columns: names }, logWeight, cells };
}

/** z ~ N(0, 1) for each row, and -ln of its density: rows of cells alone have no number of their own. */
function fillNoise(key: Key, firstRow: number, values: Float32Array, filling: Float64Array): void {
  const z = new Float64Array(filling.length);
  fillNormal(fold(key, "no numbers"), firstRow, z);
  values.set(z);
  for (let i = 0; i < filling.length; i++) filling[i] = values[i] ** 2 / 2 + halfLog2Pi;
}

/**
 * Raw rows of encoded ones: whole numbers, category codes, NaN for missing cells. `cells` are those of the rows, where some
 * stand apart; columns more in it are ignored.
 */
export function decodeTable(schema: Schema, encoded: Table, cells?: ConditionRows): Table {
  const { columns } = schema;
  const { rows } = encoded;
  const [from, to] = [encoded.columns.length, columns.length];
  const values = new Float32Array(rows * to);
  const apart = cellColumns(schema).map(({ name }) => codesOf(cells, name));
  let at = 0;
  let cell = 0;
  columns.forEach((column, k) => {
    const width = encodedWidth(column);
    const codes = column.apart ? apart[cell++] : undefined;
    for (let i = 0; i < rows; i++) {
      const place = i * from + at;
      const state = codes ? codes[i] : width === 2 && encoded.values[place + 1] >= 1 ? 1 : 0;
      if (width === 0) values[i * to + k] = codes![i];
      else values[i * to + k] = stateValue(column, state) ?? decodeCell(column, encoded.values[place]);
    }
    at += width;
  });
  return { values, rows, columns: columns.map(({ name }) => name) };
}

function codesOf(cells: ConditionRows | undefined, name: string): Int32Array {
  const column = cells?.columns.find((one) => one.name === name);
  if (column?.kind === "cell") return column.values;
  throw new InputError({ where: "cells", came: `no cells of ${JSON.stringify(name)}`, expected: "those of the rows" });
}

/** A number, whole number or code of the flow's, in float32: as the column has them. */
function decodeCell({ kind, levels, bounds, range, decimals, values, offset = 0 }: SchemaColumn, x: number): number {
  if (values) return nearestOf(values, kind === "integer" ? Math.floor(x) : x);
  if (kind === "category") return Math.min(levels!.length - 1, Math.max(0, Math.floor(x)));
  const within = (value: number, [low, high]: Bounds): number => Math.max(low ?? value, Math.min(high ?? value, value));
  let value = kind === "integer" ? Math.floor(x) : decimals === undefined ? x : roundFromOffset(x, decimals, offset);
  // A number has no density on a declared bound: one that was rounded onto it stays what it was.
  if (bounds && kind === "number" && (value === bounds[0] || value === bounds[1])) value = x;
  if (bounds && kind === "integer") value = within(value, bounds);
  return range ? within(value, range) : value;
}

/** ln (1/K) sum_k exp(values[k]), elementwise: the bound of K draws. Each entry is [n]. */
export function logMeanExp(draws: readonly Float64Array[]): Float64Array {
  return draws[0].map((_, i) => {
    const largest = draws.reduce((most, draw) => Math.max(most, draw[i]), Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(largest)) return largest;
    return largest + log(draws.reduce((sum, draw) => sum + exp(draw[i] - largest), 0) / draws.length);
  });
}

/** The transform on whose scale q is normal. */
export function scaleOf(column: SchemaColumn): ColumnTransform {
  const bounds = boundsOf(column);
  return bounds ? { kind: "bounded", bounds } : { kind: "none" };
}

interface Noise {
  /** The encoded value of a cell that is there. */
  cell(x: number, row: number): number;
  /** A draw from q in the place of a missing cell; -ln q is added to the row's weight. */
  fill(row: number, logWeight: Float64Array): number;
  indicator(row: number): number;
}

function noiseOf(column: SchemaColumn, key: Key, rows: number, firstRow: number): Noise {
  const { name, kind, levels, noise } = column;
  const q = fillOf(column);
  // A missing cell that the schema knows nothing of stays NaN.
  const missingCode = levels?.includes(null) ? levels.indexOf(null) : Number.NaN;
  const none = new Float64Array(0);
  const u = kind !== "number" || noise ? uniform(fold(key, "dequantize", name), rows, firstRow) : none;
  const present = encodedWidth(column) === 2 ? uniform(fold(key, "indicator", name), rows, firstRow) : none;
  const z = new Float64Array(q ? rows : 0);
  if (q) fillNormal(fold(key, "fill", name), firstRow, z);
  const scale = scaleOf(column);
  return {
    cell: (x, i) => {
      if (kind !== "number") return insideCell(Number.isNaN(x) ? missingCode : x, u[i]);
      return noise ? x + noise * u[i] : x;
    },
    fill: (i, logWeight) => {
      const { mean, sd } = q!;
      const value = Math.fround(invertTransform(scale, mean + sd * z[i]));
      const standard = (applyTransform(scale, value) - mean) / sd;
      logWeight[i] += standard ** 2 / 2 + halfLog2Pi + log(sd) - transformLogSlope(scale, value);
      return value;
    },
    indicator: (i) => present[i],
  };
}

/** x + u in float32, strictly between x and x + 1: rounding must not carry it into the next cell. */
function insideCell(x: number, u: number): number {
  const value = Math.fround(x + u);
  if (value >= x + 1) return nextBelow(x + 1);
  return value <= x ? nextAbove(x) : value;
}
