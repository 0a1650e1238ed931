/** Rows for a model, block after block: its own columns in its own order, whatever the order in the file. */
import { data, io } from "jkoflow";
import { modelFixes } from "./cellFixes.ts";
import { matchNames } from "./matchNames.ts";
import { fitRows, knownCoders } from "./schemaRows.ts";
import { refuseMissing, type TableFile, type Written } from "./tableFile.ts";
import { type PassedRows, passingCoders, passUnfit, type UnfitRow, type UnseenWords } from "./unfitRows.ts";

export interface ModelRowOptions extends Written {
  /** "nan": a row with a missing value is passed on as it is, and scores NaN. */
  readonly missing: "error" | "nan";
  /** Takes what was found of a file and changes what is read. */
  readonly onNote?: (line: string) => void;
  /** Given columns of the model, which are read apart. */
  readonly given?: readonly string[];
  /** Whether the command has --missing nan, by which rows with gaps score NaN. */
  readonly gaps?: "may score NaN" | "are refused";
  /** Of the model: the rows are raw rows of it, and its own cells may be missing. */
  readonly schema?: data.Schema;
  /** "pass": a row with a value that the schema cannot hold is passed on as another one, and named as unfit; else refused. */
  readonly unfit?: "refuse" | "pass";
}

/** @throws InputError for a table without the model's columns. */
export async function* readModelRows(
  file: TableFile,
  columns: readonly string[],
  options: ModelRowOptions,
): AsyncGenerator<PassedRows, void, undefined> {
  const { where, cells } = file;
  const { schema, header, delimiter, array, dialect, onNote } = options;
  const fixes = modelFixes(options.gaps ?? "are refused");
  const unseen: UnseenWords = new Map();
  const blocks = file.blocks({
    choose: (names, idle) => matchNames(names, columns, where, idle, options.given),
    shifts: io.offsetsOf(columns, schema ? data.schemaOffsets(schema) : {}),
    coders: schema && (options.unfit === "pass" ? passingCoders(schema, unseen) : knownCoders(schema)),
    missing: options.missing === "nan" || schema ? "as NaN" : "refuse",
    fixes,
    onNote,
    ...{ header, delimiter, array, ...(dialect ? { dialect } : {}) },
  });
  for await (const read of blocks) {
    const block = { ...read, columns }; // the names of the model, also where columns are matched by position
    if (schema) {
      const missing = options.missing === "nan" ? "pass" : "refuse";
      if (options.unfit === "pass") yield passUnfit(schema, block, cells, where, missing, unseen);
      else yield { ...block, ...fitRows(schema, block, cells, where, block.firstRow, missing), unfit: [] };
    } else {
      if (options.missing === "error") refuseMissing(block, where, fixes.missing(""));
      yield { ...block, unfit: [] };
    }
  }
}

/** All rows in one table. */
export async function collectModelRows(
  file: TableFile,
  columns: readonly string[],
  options: ModelRowOptions,
): Promise<data.Table & { readonly unfit: readonly UnfitRow[] }> {
  const cells = new io.FloatBuffer(file.where);
  const unfit: UnfitRow[] = [];
  for await (const block of readModelRows(file, columns, options)) {
    for (const x of block.values) cells.push(x);
    unfit.push(...block.unfit);
  }
  const values = cells.finish();
  return { values, rows: values.length / columns.length, columns, unfit };
}
