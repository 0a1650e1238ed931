/** Rows of a table as a part of a problem: what a start is fitted to, or a target. */
import { type createKey, problems } from "jkoflow";
import { openTable } from "../input/openTable.ts";
import { readWhole } from "../input/readWhole.ts";
import type { Shell } from "../shell.ts";
import type { Source } from "./record.ts";
import { checkSameBytes } from "./sameBytes.ts";

interface TableRows {
  /** [n, d] */
  readonly values: Float32Array;
  /** Names of the columns that were read. */
  readonly columns: readonly string[];
}

type Read = (source: Source, columns: readonly string[] | undefined, shell: Shell) => Promise<TableRows>;

/**
 * `columns` are those to read, in their order; all where none are said.
 * @throws InputError for what is no table of finite numbers, and for a file that changed since the run began.
 */
const readRows: Read = async ({ path, sha256 }, columns, shell) => {
  const options = { columns: columns ?? null, drop: [], missing: "error", array: null } as const;
  const read = await readWhole(
    await openTable(path, shell, "one"),
    { ...options, header: "detect", delimiter: "detect" },
    { offsets: {} },
  );
  checkSameBytes({ path, sha256 }, read.sha256);
  return { values: read.table.values, columns: read.table.columns };
};

type Key = ReturnType<typeof createKey>;

/** A start that is fitted to rows. */
export async function readStart(
  source: Source,
  asked: readonly string[] | undefined,
  key: Key,
  shell: Shell,
): Promise<problems.RowsStart & Pick<TableRows, "columns">> {
  const { values, columns } = await readRows(source, asked, shell);
  return { ...problems.startOfRows(values, columns, key, source.path), columns };
}

/** A target of rows. */
export async function readTarget(
  source: Source,
  asked: readonly string[] | undefined,
  options: problems.TargetOptions,
  key: Key,
  shell: Shell,
): Promise<{ readonly target: problems.RowsTarget } & Pick<TableRows, "columns">> {
  const { values, columns } = await readRows(source, asked, shell);
  return { target: problems.targetOfRows(values, columns, key, options, source.path), columns };
}
