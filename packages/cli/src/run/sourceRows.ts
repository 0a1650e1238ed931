/** The rows of a source as they stand there: here a path becomes a table. */
import { resolve } from "node:path";
import { type data, InputError, type io } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";
import { openTable } from "../input/openTable.ts";
import { type ColumnReading, readWhole } from "../input/readWhole.ts";
import type { TableFile } from "../input/tableFile.ts";
import { isToy, readToy } from "../input/toy.ts";
import type { Shell } from "../shell.ts";

/** Where rows came from, so that resume finds the same. */
export interface Origin {
  readonly path: string;
  readonly sha256: string;
}

/** Rows as a source has them, before it is known what their columns mean. */
export interface SourceRows {
  readonly table: data.Table;
  readonly given?: data.ConditionRows;
  readonly origin: Origin;
  readonly source: TableFile["cells"];
  readonly offsets: io.Offsets;
  /** What was left out or filled in. */
  readonly notes: readonly string[];
}

/**
 * Reads a source: a file, standard input, or a toy.
 * @throws InputError as the readers do, and for given columns of a toy.
 */
export async function readSource(
  path: string,
  config: RunConfig,
  shell: Shell,
  reading: Omit<ColumnReading, "condition">,
): Promise<SourceRows> {
  const { condition } = config;
  if (isToy(path)) {
    if (condition) {
      const expected = "a table with given columns; toys have none";
      throw new InputError({ where: path, came: `--condition ${condition}`, expected });
    }
    const { table, ...origin } = await readToy(path, config.rows, config.seed, shell);
    return { table, origin, source: "numbers", offsets: {}, notes: [] };
  }
  const file = await openTable(path, shell, condition ? "several" : "one");
  const { sha256, ...rows } = await readWhole(file, config, { ...reading, condition });
  return { ...rows, origin: { path: path === "-" ? path : resolve(path), sha256 } };
}
