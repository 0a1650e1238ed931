/**
 * Offsets of columns whose values are large beside their spread, such as seconds since 1970 or 1e9 + N(0, 1). float32
 * steps by 64 near 1e9, so x itself would be lost; x - offset, taken in float64, is kept to 24 bits of the spread.
 *
 *   needed where   step of float32 at the largest |x|  >  0.005 sd
 *   offset         the median, rounded to a power of ten not below the sd (a whole number where all values are whole)
 *
 * A density is not changed by an offset: p(x) = p(x - offset). Columns that need none are not touched.
 */
import { InputError } from "../errors/errors.ts";
import { isCoarse, roundOffset } from "../numbers/coarse.ts";
import { createDoubles, type Doubles } from "./doubles.ts";

/** What is subtracted from the values of columns, by name; the others have none. */
export type Offsets = Readonly<Record<string, number>>;

/** Columns that may come to need an offset are told by the first rows, which may spread more than all of them. */
const CAUTION = 8;
const FIRST_ROWS = { least: 8, most: 1024, cells: 2 ** 18 } as const;
/** A column that begins with equal values below this has no need of one if it comes to vary. */
const SMALL = 4096;
/** float64 holds every whole number up to here. */
const LARGEST_WHOLE = 2 ** 53;

interface Spread {
  readonly largest: number;
  readonly sd: number;
  readonly median: number;
  readonly values: "whole" | "any";
}

/** Watches the cells of a table while it is read, and finds which columns need an offset. */
export interface OffsetFinder {
  /** The next cell, in row order; NaN for a missing one. */
  readonly add: (value: number, column: number) => void;
  /** Forgets the last row. */
  readonly dropRow: () => void;
  /**
   * Replaces x by x - offset in `values` [rows, columns], where columns need it.
   * @throws InputError for such a column with values above 2^53, which float64 does not keep apart.
   */
  readonly finish: (values: Float32Array, columns: readonly string[]) => Offsets;
}

export function findOffsets(width: number, where: string): OffsetFinder {
  const { least, most, cells } = FIRST_ROWS;
  const enough = width * Math.min(most, Math.max(least, Math.floor(cells / width)));
  let first: number[] | undefined = [];
  let suspects: readonly (Doubles | undefined)[] = [];
  let rest = false; // whether there is any suspect

  function decide(seen: readonly number[]): void {
    suspects = Array.from({ length: width }, (_, k) => {
      const values = Float64Array.from({ length: seen.length / width }, (_, i) => seen[i * width + k]);
      const spread = spreadOf(values);
      if (spread === undefined || !isSuspect(spread)) return undefined;
      const all = createDoubles(where);
      for (const value of values) all.push(value);
      return all;
    });
    rest = suspects.some((suspect) => suspect !== undefined);
    first = undefined;
  }

  return {
    add: (value, column) => {
      if (first === undefined) {
        if (rest) suspects[column]?.push(value);
        return;
      }
      first.push(value);
      if (first.length === enough) decide(first);
    },
    dropRow: () => {
      if (first !== undefined) first.length -= width;
      else for (const suspect of suspects) suspect?.truncate(suspect.length() - 1);
    },
    finish: (values, columns) => {
      if (first !== undefined) decide(first);
      const offsets: Record<string, number> = Object.create(null);
      for (const [k, suspect] of suspects.entries()) {
        const exact = suspect?.values() ?? new Float64Array(0);
        const spread = spreadOf(exact);
        if (spread === undefined || spread.sd === 0 || !isCoarse(spread.largest, spread.sd)) continue;
        refuseLost(spread, columns[k], where);
        const offset = roundOffset(spread.median, spread.sd, spread.values);
        offsets[columns[k]] = offset;
        for (let i = 0; i < exact.length; i++) values[i * width + k] = exact[i] - offset;
      }
      return { ...offsets };
    },
  };
}

const isSuspect = ({ largest, sd }: Spread): boolean => (sd === 0 ? largest >= SMALL : isCoarse(largest, sd, CAUTION));

/** Of the values that are there; undefined where none is. */
function spreadOf(values: Float64Array): Spread | undefined {
  const known = values.filter((value) => value - value === 0).sort();
  if (known.length === 0) return undefined;
  const median = known[known.length >> 1];
  // About the median: the squares of 1e9 would have no room for those of 1.
  let sum = 0;
  for (const value of known) sum += value - median;
  const mean = sum / known.length;
  let squares = 0;
  for (const value of known) squares += (value - median - mean) ** 2;
  const largest = Math.max(Math.abs(known[0]), Math.abs(known[known.length - 1]));
  const kind = known.every(Number.isInteger) ? "whole" : "any";
  return { largest, sd: Math.sqrt(squares / known.length), median, values: kind };
}

function refuseLost({ largest, sd }: Spread, name: string, where: string): void {
  if (largest <= LARGEST_WHOLE) return;
  throw new InputError({
    where,
    place: `column ${JSON.stringify(name)}`,
    came: `values up to ${largest} with a standard deviation of ${Number(sd.toPrecision(3))}`,
    expected: "a spread that float32 resolves, or values of at most 2^53, of which an offset can be taken",
    fix: "subtract one before the file is written, or leave the column out",
  });
}

/** Without those of columns that hold the codes of words: of a code nothing is subtracted. */
export const withoutCoded = (offsets: Offsets, coded: ReadonlySet<string>): Offsets =>
  Object.fromEntries(Object.entries(offsets).filter(([name]) => !coded.has(name)));

/**
 * What is subtracted from each of these columns. [columns]
 *
 * @example
 * ```ts
 * import { LARGEST_FLOAT32, offsetsOf, shortestFloat32, shortestFloat64, shortestWithOffset, withoutCoded } from "jkoflow/io";
 *
 * console.log(offsetsOf(["time", "load"], { time: 1.7e9 }), withoutCoded({ time: 1.7e9 }, new Set(["time"])));
 * console.log(shortestFloat32(Math.fround(0.1)), shortestFloat64(0.1), shortestWithOffset(0.5, 1.7e9)); // 0.1 0.1 1700000000.5
 * console.log(LARGEST_FLOAT32); // 3.4028235677973362e+38
 * ```
 */
export const offsetsOf = (columns: readonly string[], offsets: Offsets): number[] =>
  columns.map((name) => (Object.hasOwn(offsets, name) ? offsets[name] : 0));
