/** Delimited text as a table file. */
import { io } from "jkoflow";
import { refuseArray } from "./arrayFlag.ts";
import { BLOCK_ROWS, type TableFile } from "./tableFile.ts";

/** `pass` gives all bytes, unpacked, from the start; `size` is how many there are, where it is known. */
export function textTable(
  where: string,
  pass: () => Promise<AsyncIterable<Uint8Array>>,
  size: number | undefined,
): Omit<TableFile, "digest"> {
  return {
    where,
    cells: "words",
    whole: async ({ array: _, ...reading }) => io.readTable(await pass(), { where, size, ...reading }),
    blocks: async function* ({ array, ...reading }) {
      if (array !== null) refuseArray(array, where);
      yield* io.readCsvBlocks(await pass(), BLOCK_ROWS, { where, ...reading });
    },
    words: async ({ names, header, delimiter, dialect }) => {
      const choose = (known: readonly string[]) => io.chooseColumns(known, { columns: names }, where);
      return io.readCsvWords(await pass(), { where, header, delimiter, dialect, choose });
    },
  };
}
