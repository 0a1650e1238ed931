/** NPY and NPZ as a table file: numbers, in columns x1, x2, ... */
import { data, io } from "jkoflow";
import { refuseArray } from "./arrayFlag.ts";
import { matchNames } from "./matchNames.ts";
import { BLOCK_ROWS, type BlockReading, type RowBlock, refuseMissing, type TableFile } from "./tableFile.ts";

/** The file as it was opened: `pass` gives all bytes, unpacked, from the start. */
export interface ArraySource {
  readonly where: string;
  readonly format: "npy" | "npz";
  readonly pass: () => Promise<AsyncIterable<Uint8Array>>;
  /** Of bytes that are not packed. */
  readonly size: number | undefined;
  readonly readAt: io.ReadAt | undefined;
}

export function arrayTable({ where, format, pass, size, readAt }: ArraySource): Omit<TableFile, "digest"> {
  const place = readAt === undefined ? {} : { readAt };
  return {
    where,
    cells: "numbers",
    whole: async ({ array, ...reading }) => {
      const named = array === null ? {} : { array };
      return io.readTable(await pass(), { where, size, ...place, ...named, ...reading });
    },
    blocks,
    words: async ({ names, gapFix, array, header, delimiter, dialect }) => {
      const choose = (known: readonly string[]) => matchNames(known, names, where);
      const read = async (offsets: io.Offsets): Promise<data.Table> => {
        const shifts = io.offsetsOf(names, offsets);
        const cells = new io.FloatBuffer(where);
        for await (const block of blocks({ choose, shifts, array, header, delimiter, dialect })) {
          if (gapFix !== undefined) refuseMissing({ ...block, columns: names }, where, gapFix);
          for (const x of block.values) cells.push(x);
        }
        const values = cells.finish();
        return { values, rows: values.length / names.length, columns: names };
      };
      const rough = await read({});
      const offsets = roughOffsets(rough);
      const table = Object.keys(offsets).length === 0 ? rough : await read(offsets);
      const shifts = io.offsetsOf(names, offsets);
      return names.map((name, k) => ({
        name,
        cells: Array.from(data.columnValues(table, k), (x) => (Number.isNaN(x) ? "" : String(x + shifts[k]))),
      }));
    },
  };

  async function* blocks({
    choose,
    shifts,
    array,
    dialect,
  }: Pick<BlockReading, "choose" | "shifts" | "array" | "dialect" | "header" | "delimiter">): AsyncGenerator<
    RowBlock,
    void,
    undefined
  > {
    if (array !== null && format !== "npz") refuseArray(array, where);
    const all = await pass();
    const entry =
      format === "npy"
        ? { where, bytes: all, ...place }
        : io.findInNpz(await io.readAll(all, where), { where, ...(array === null ? {} : { array }) });
    const { bytes, ...source } = entry;
    /** By column of the file. */
    const offsets = (width: number): number[] => {
      const chosen = choose(nameless(width));
      return Array.from({ length: width }, (_, k) => shifts[chosen.indexOf(k)] ?? 0);
    };
    const reading = { ...source, gaps: io.namedGaps(dialect?.gaps).numbers, offsets };
    for await (const { firstRow, rows, columns: width, values } of io.readNpyBlocks(bytes, BLOCK_ROWS, reading)) {
      const columns = nameless(width);
      yield reorder({ columns, firstRow, rows, values }, choose(columns));
    }
  }
}

const nameless = (width: number): string[] => Array.from({ length: width }, (_, k) => `x${k + 1}`);

function reorder(block: RowBlock, chosen: readonly number[]): RowBlock {
  const width = block.columns.length;
  if (chosen.length === width && chosen.every((k, i) => k === i)) return block;
  const values = new Float32Array(block.rows * chosen.length);
  let at = 0;
  for (let i = 0; i < block.rows; i++) for (const k of chosen) values[at++] = block.values[i * width + k];
  return { ...block, values, columns: chosen.map((k) => block.columns[k]) };
}

/** Columns of arrays that float32 does not hold: whole numbers above 2^24, and others of that size; a value in their middle. */
function roughOffsets(table: data.Table): Record<string, number> {
  const offsets: Record<string, number> = {};
  for (const [k, name] of table.columns.entries()) {
    const known = data
      .columnValues(table, k)
      .filter((x) => !Number.isNaN(x))
      .sort();
    if (known.length > 0 && Math.max(-known[0], known[known.length - 1]) >= 2 ** 24)
      offsets[name] = known[known.length >> 1];
  }
  return offsets;
}
