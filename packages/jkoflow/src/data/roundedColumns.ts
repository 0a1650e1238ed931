/**
 * Columns whose values stand on a grid, as of decimals, and so recur; and rows drawn evenly from the cells that such values were
 * rounded from: what a model is fitted to that shall not live on the grid. On an uneven grid a cell reaches half way to the
 * neighbours.
 */
import { fold, type Key, uniform } from "../random/index.ts";
import { nearestPlace } from "./recurringValues.ts";
import { columnValues, type Table } from "./table.ts";
import type { Bounds } from "./transform.ts";

/** A column on a grid. */
export interface GridColumn {
  readonly name: string;
  /** Of the grid, in the units of the column; of an uneven one the mean distance of its values. */
  readonly step: number;
  /** Of an uneven grid: the rising values. A cell reaches half way to the neighbours. */
  readonly values?: readonly number[];
  /** Share of the rows whose value another row has too. */
  readonly repeated: number;
}

/** Columns that repeat values: on a grid, or without one (spikes, of which nothing is known but that they are). */
export interface TiedColumns {
  readonly grids: readonly GridColumn[];
  readonly spikes: readonly Omit<GridColumn, "step">[];
}

/** Below this share of repeated values a column counts as continuous: neither model sees the grid. */
const REPEATED_SHARE = 0.1;
/** Neighbouring float32 numbers are this part of their size apart, at most. */
const FLOAT32_STEP = 2 ** -23;
/** Of the step: how far from the grid a value may be. */
const OFF_GRID = 0.02;

/** A grid that is known: its step, or its rising values. */
export type KnownGrid = Pick<GridColumn, "step"> | Required<Pick<GridColumn, "values">>;

const meanStep = (values: readonly number[]): number => (values[values.length - 1] - values[0]) / (values.length - 1);

/** Of a table with at least one row; `known` are grids by the name of their column. */
export function tiedColumns(table: Table, known: Readonly<Record<string, KnownGrid>> = {}): TiedColumns {
  const grids: GridColumn[] = [];
  const spikes: Omit<GridColumn, "step">[] = [];
  table.columns.forEach((name, k) => {
    const sorted = columnValues(table, k).sort();
    const repeated = repeatedShare(sorted);
    if (repeated < REPEATED_SHARE) return;
    const grid = Object.hasOwn(known, name) ? known[name] : undefined;
    if (grid && "values" in grid) grids.push({ name, step: meanStep(grid.values), values: grid.values, repeated });
    else {
      const step = grid?.step ?? gridStep(sorted);
      if (step === undefined) spikes.push({ name, repeated });
      else grids.push({ name, step, repeated });
    }
  });
  return { grids, spikes };
}

function repeatedShare(sorted: Float64Array): number {
  let repeated = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1] || sorted[i] === sorted[i + 1]) repeated++;
  }
  return repeated / sorted.length;
}

/** The step of which all distances from the least value are whole multiples, as far as float32 can tell. */
function gridStep(sorted: Float64Array): number | undefined {
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  const noise = FLOAT32_STEP * Math.max(Math.abs(first), Math.abs(last));
  let step = Infinity;
  for (let i = 1; i < sorted.length; i++) {
    const gap = sorted[i] - sorted[i - 1];
    if (gap > 2 * noise && gap < step) step = gap;
  }
  if (step === Infinity || step < 4 * noise) return undefined;
  // The rounding of a single gap adds up over the grid, so each value further out tells the step better.
  for (const value of sorted) {
    const multiple = Math.round((value - first) / step);
    if (Math.abs((value - first) / step - multiple) > 0.25) return undefined;
    if (multiple > 0) step = (value - first) / multiple;
  }
  const allowed = Math.max(OFF_GRID * step, 2 * noise);
  const isOff = (value: number): boolean =>
    Math.abs(value - first - step * Math.round((value - first) / step)) > allowed;
  return sorted.some(isOff) ? undefined : step;
}

/**
 * Rows drawn evenly from their cells, by key: what a model is fitted to that shall not live on the grid. Values stay inside
 * of `bounds`: draws beyond are folded back.
 */
export function drawInCells(
  table: Table,
  grids: readonly GridColumn[],
  key: Key,
  bounds: Readonly<Record<string, Bounds>> = {},
): Table {
  const drawn = table.values.slice();
  const width = table.columns.length;
  for (const { name, step, values } of grids) {
    const u = uniform(fold(key, name), table.rows);
    const [low, high] = Object.hasOwn(bounds, name) ? bounds[name] : [null, null];
    for (let i = 0, at = table.columns.indexOf(name); i < table.rows; i++, at += width) {
      const [from, to] = values ? cellOf(values, table.values[at]) : [-step / 2, step / 2];
      let x = table.values[at] + from + (to - from) * u[i];
      if (low !== null && x <= low) x = 2 * low - x;
      if (high !== null && x >= high) x = 2 * high - x;
      const inside = Math.fround(x);
      const isOut = (low !== null && inside <= low) || (high !== null && inside >= high);
      drawn[at] = isOut ? table.values[at] : inside;
    }
  }
  return { ...table, values: drawn };
}

/** The ends of the cell of x less x: half way to its neighbours; the outer cells are as wide as on their inner side. */
function cellOf(values: readonly number[], x: number): readonly [from: number, to: number] {
  const k = nearestPlace(values, x);
  const nearest = values[k];
  const below = k > 0 ? (values[k - 1] - nearest) / 2 : undefined;
  const above = k + 1 < values.length ? (values[k + 1] - nearest) / 2 : undefined;
  return [below ?? -(above ?? 0), above ?? -(below ?? 0)];
}
