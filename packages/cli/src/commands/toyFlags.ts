/** Flags of `jko fit` that say something about a table or about a toy, and would be ignored with the other. */
import { InputError } from "jkoflow";
import { isToy } from "../input/toy.ts";

const OF_TABLES = {
  columns: "--columns",
  drop: "--drop",
  missing: "--missing",
  columnsAs: "--columns-as",
  categorical: "--categorical",
  integer: "--integer",
  numeric: "--numeric",
  bounds: "--bounds",
  dequantize: "--dequantize",
  decimal: "--decimal",
  thousands: "--thousands",
  comment: "--comment",
  gap: "--gap",
} as const;

export type DataFlags = Readonly<Partial<Record<keyof typeof OF_TABLES | "rows", unknown>>>;

/** @throws InputError for the first that would be ignored. */
export function refuseIdleFlags(path: string, flags: DataFlags): void {
  if (!isToy(path)) {
    if (flags.rows === undefined) return;
    const fix = "leave it out: all rows of a table are used";
    throw new InputError({ where: "--rows", came: `${flags.rows} for ${path}`, expected: "a toy, toy:NAME", fix });
  }
  const idle = (Object.keys(OF_TABLES) as (keyof typeof OF_TABLES)[]).find((name) => flags[name] !== undefined);
  if (idle === undefined) return;
  const expected = "a table: the columns of a toy are x1 and x2";
  throw new InputError({ where: OF_TABLES[idle], came: `it, for ${path}`, expected, fix: "leave it out" });
}
