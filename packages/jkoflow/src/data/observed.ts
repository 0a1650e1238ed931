/** What the cells of a column that are there say of it. */
import { columnProblem } from "./columnProblem.ts";
import { scaleOf } from "./encode.ts";
import type { SchemaColumn } from "./schema.ts";
import type { Table } from "./table.ts";
import { applyTransform } from "./transform.ts";
import { LARGEST_INTEGER } from "./unfit.ts";

/** Mean and deviation of the cells that are there, on the scale of the column's bounds; undefined where none is missing. */
export function observedNormal(
  table: Table,
  k: number,
  column: SchemaColumn,
  atoms: readonly number[],
  where: string,
): SchemaColumn["missing"] {
  const width = table.columns.length;
  const scale = scaleOf(column);
  const shift = column.kind === "integer" ? 0.5 : 0; // the middle of the cell
  const values: number[] = [];
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    if (!Number.isNaN(x) && !atoms.includes(x)) values.push(applyTransform(scale, x + shift));
  }
  const count = values.length;
  if (count === table.rows) return undefined;
  if (count === 0)
    throw columnProblem(where, column.name, "no value at all", "some", `leave it out: --drop ${column.name}`);
  const mean = values.reduce((sum, u) => sum + u, 0) / count;
  if (values.some((u) => u !== values[0])) {
    return { mean, sd: Math.sqrt(values.reduce((sum, u) => sum + (u - mean) ** 2, 0) / count) };
  }
  if (column.kind === "integer" || column.noise) return { mean, sd: 1 };
  const fix = `take it as categories: --categorical ${column.name}`;
  throw columnProblem(where, column.name, "one value beside missing cells", "values that vary", fix);
}

/** Whether there are cells, and all of them are whole numbers that float32 holds. */
export function holdsIntegers(table: Table, k: number): boolean {
  const width = table.columns.length;
  let some = false;
  for (let i = 0; i < table.rows; i++) {
    const x = table.values[i * width + k];
    if (Number.isNaN(x)) continue;
    if (!Number.isInteger(x) || Math.abs(x) > LARGEST_INTEGER) return false;
    some = true;
  }
  return some;
}
