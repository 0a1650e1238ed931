/** A start from the rows of a table. */
import { type createKey, problems } from "jkoflow";
import { openTable } from "../input/openTable.ts";
import { readWhole } from "../input/readWhole.ts";
import type { Shell } from "../shell.ts";
import type { Source } from "./record.ts";
import { checkSameBytes } from "./sameBytes.ts";

export interface TableStart extends problems.RowsStart {
  /** Names of the columns that were read. */
  readonly columns: readonly string[];
}

/**
 * `columns` are those to read, in their order; all where none are said.
 * @throws InputError for what is no table of finite numbers, and for a file that changed since the run began.
 */
export async function readStart(
  { path, sha256 }: Source,
  columns: readonly string[] | undefined,
  key: ReturnType<typeof createKey>,
  shell: Shell,
): Promise<TableStart> {
  const options = { columns: columns ?? null, drop: [], missing: "error", array: null } as const;
  const read = await readWhole(
    await openTable(path, shell, "one"),
    { ...options, header: "detect", delimiter: "detect" },
    { offsets: {} },
  );
  checkSameBytes({ path, sha256 }, read.sha256);
  const names = read.table.columns;
  return { ...problems.startOfRows(read.table.values, names, key, path), columns: names };
}
