/**
 * A table file that is open. Its format was decided once, when it was opened (openTable.ts); what can be asked of it is the
 * same for all formats: the whole table, its rows block after block, some columns as words. Each may be asked for again where
 * the file was opened for several passes.
 */
import { InputError, io } from "jkoflow";

/** How a file is written, where that is not to be found from its beginning. */
export interface Written {
  readonly header: "present" | "absent" | "detect";
  readonly delimiter: io.Delimiter | "detect";
  /** Of a text, what was said of it beyond that. */
  readonly dialect?: io.Dialect;
  /** Which array of an NPZ file; null where there is one. */
  readonly array: string | null;
}

/** What to do about a cell that cannot be read, in the words of whoever reads: of the column's name. */
export type Fixes = { readonly [Fault in io.NumberFault]: (column: string) => string };

/** A table as a whole, the columns chosen by name. */
export interface WholeReading extends Written {
  readonly columns: readonly string[] | undefined;
  readonly drop: readonly string[];
  readonly missing: io.MissingPolicy;
  /** Which columns are read as words, and the numbers that stand for them. */
  readonly coders: io.Coders | undefined;
  /** What is subtracted from columns before their values become float32. */
  readonly offsets: io.OffsetWish;
  readonly fixes: Fixes;
  readonly onNote: (line: string) => void;
}

/** Rows block after block: these columns of the file, in this order. */
export interface BlockReading extends Written {
  /** The columns, given the names of the file and which of them count its rows. */
  readonly choose: (names: readonly string[], idle?: ReadonlySet<number>) => readonly number[];
  /** One for each of these columns, subtracted in float64; not from codes. */
  readonly shifts: readonly number[];
  readonly coders: io.Coders | undefined;
  /** Whether a gap in a text ends the reading where it stands; those of other files come as NaN. */
  readonly missing: "refuse" | "as NaN";
  readonly fixes: Fixes;
  readonly onNote: ((line: string) => void) | undefined;
}

/** Some columns as words, whatever they hold: "" for a missing one, numbers as they are written. */
export interface WordReading extends Written {
  readonly names: readonly string[];
  /** Of numbers, which have no place in a text: what to do about a gap; undefined where it is a word "". */
  readonly gapFix: string | undefined;
}

/** Consecutive rows. */
export interface RowBlock {
  readonly columns: readonly string[];
  readonly firstRow: number;
  readonly rows: number;
  /** [rows, columns]; NaN for a missing value. */
  readonly values: Float32Array;
}

export interface TableFile {
  /** For messages. */
  readonly where: string;
  /** Whether words come as the codes of coders, or the file has numbers only. */
  readonly cells: "words" | "numbers";
  readonly whole: (reading: WholeReading) => Promise<io.ReadTable>;
  readonly blocks: (reading: BlockReading) => AsyncIterable<RowBlock>;
  readonly words: (reading: WordReading) => Promise<readonly io.WordColumn[]>;
  /** SHA-256 of the file, read to its end if it is not yet. */
  readonly digest: () => Promise<string>;
}

/** Rows that are read, scored and written at one time. */
export const BLOCK_ROWS = 32_768;

type Block = Omit<RowBlock, "values"> & { readonly values: Float32Array | Float64Array };

/** @throws InputError naming the first value that is missing or infinite. */
export const refuseMissing = (block: Block, where: string, fix: string): void =>
  refuse(block, (x) => !(Math.abs(x) <= io.LARGEST_FLOAT32), where, fix);

/** @throws InputError naming the first value that is infinite, or so in float32. */
export const refuseInfinite = (block: Block, where: string, fix: string): void =>
  refuse(block, (x) => Math.abs(x) > io.LARGEST_FLOAT32, where, fix);

function refuse(
  { values, columns, firstRow }: Block,
  isFault: (x: number) => boolean,
  where: string,
  fix: string,
): void {
  for (let i = 0; i < values.length; i++) {
    if (!isFault(values[i])) continue;
    const row = firstRow + Math.floor(i / columns.length) + 1;
    throw new InputError({
      where,
      place: `row ${row}, column ${JSON.stringify(columns[i % columns.length])}`,
      came: Number.isNaN(values[i]) ? "a missing value" : "infinity (or a value too large for float32)",
      expected: "a finite number",
      fix,
    });
  }
}
