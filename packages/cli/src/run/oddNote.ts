/** The note on odd values of a file: column, value and row by name, one line however many there are. */
import { data, io } from "jkoflow";
import { count, counted } from "../progress/numbers.ts";

/** More columns than these are counted only. */
const NAMED = 3;
/** Deviations above this are no longer counted. */
const UNCOUNTED = 1e15;

/** Odd values of encoded rows, in the units of the file; codes of categories are none. */
export function findOdd(encoded: data.Table, schema: data.Schema | undefined): data.OddCell[] {
  const cells = data.oddCells(encoded);
  if (schema === undefined) return cells;
  const known = new Map(schema.columns.map((column) => [column.name, column]));
  return cells.flatMap((cell) => {
    const column = known.get(cell.column);
    if (column === undefined || column.kind === "category") return [];
    const value = column.kind === "integer" ? Math.floor(cell.value) : cell.value;
    return [{ ...cell, value: value + (column.offset ?? 0) }];
  });
}

/**
 * `cells` are those of the whole file, before it is split, so that a row has the number that it has there: the first one
 * below the names is row 1. `dropped` says that rows with gaps were left out before.
 */
export function oddNote(where: string, cells: readonly data.OddCell[], dropped: "dropped" | "kept"): string[] {
  if (cells.length === 0) return [];
  const columns = [...new Set(cells.map(({ column }) => column))];
  const parts = columns.slice(0, NAMED).map((name) => {
    const own = cells.filter(({ column }) => column === name); // the farthest first
    const { row, value, deviations } = own[0];
    const far = deviations < UNCOUNTED ? count(Math.round(deviations)) : "over 1e15";
    const farthest = own.length === 1 ? "" : "the farthest ";
    const text = value === Math.fround(value) ? io.shortestFloat32(value) : io.shortestFloat64(value);
    const cell = `${text} in row ${count(row + 1)}`;
    return `column ${JSON.stringify(name)}: ${counted(own.length, "value")} apart from the rest, ${farthest}${far} robust deviations away (${cell})`;
  });
  const more = columns.length > NAMED ? [`${counted(columns.length - NAMED, "more column")}`] : [];
  const counting = dropped === "dropped" ? "; rows are counted without those left out" : "";
  return [`${where}: ${[...parts, ...more].join("; ")}${counting}`];
}
