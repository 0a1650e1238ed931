/** NumPy's NPZ: a zip archive of NPY files. */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";
import { nearestName } from "../errors/nearestName.ts";
import { type NpyOptions, readNpy } from "./npy.ts";
import { type NpyArray, writeNpy } from "./npyWrite.ts";
import type { ReadTable } from "./numericTable.ts";
import { quote } from "./source.ts";
import { readZipDirectory, readZipEntry, writeZip } from "./zip.ts";

export interface NpzOptions extends NpyOptions {
  /** Which array to read; needed when there are several. */
  readonly array?: string;
}

/**
 * The names of the arrays in an archive.
 * @throws InputError when the archive is damaged or unsafe (see `readZipDirectory`).
 */
export function listNpz(archive: Uint8Array, where: string = "npz"): string[] {
  checkKind(archive, "Uint8Array", where);
  return readZipDirectory(archive, where)
    .filter((entry) => entry.name.endsWith(".npy"))
    .map((entry) => entry.name.slice(0, -4));
}

/** One array of an archive, as an NPY file. */
export interface NpzEntry {
  readonly where: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Finds one array of an archive, to be read by `readNpy` or `readNpyBlocks`.
 * @throws InputError when the array is not there or there are several and none was named.
 */
export function findInNpz(archive: Uint8Array, options: Pick<NpzOptions, "array" | "where"> = {}): NpzEntry {
  const where = options.where ?? "npz";
  const names = listNpz(archive, where);
  if (names.length === 0) {
    const fix = "save a spreadsheet as CSV";
    throw new InputError({ where, came: "an archive without arrays", expected: "NPZ: an archive of NPY files", fix });
  }
  const name = options.array ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !names.includes(name)) {
    const near = name === undefined ? undefined : nearestName(name, names);
    throw new InputError({
      where,
      came: name === undefined ? `${names.length} arrays` : `no array ${quote(name)}`,
      expected: `one of ${names.slice(0, 8).map(quote).join(", ")}`,
      fix: near === undefined ? `name the array to read: --array ${names[0]}` : `did you mean ${quote(near)}?`,
    });
  }
  const entry = readZipDirectory(archive, where).find((e) => e.name === `${name}.npy`)!;
  return { where: `${where}:${name}`, bytes: readZipEntry(archive, entry, where) };
}

/**
 * Reads one array of an archive as a table.
 * @throws InputError as `findInNpz` and `readNpy`.
 */
export async function readNpz(archive: Uint8Array, options: NpzOptions = {}): Promise<ReadTable> {
  const { where, bytes } = findInNpz(archive, options);
  const { readAt: _, ...rest } = options; // of the archive, not of the array in it
  return readNpy(bytes, { ...rest, where });
}

/**
 * An uncompressed NPZ file; equal arrays give equal bytes.
 *
 * @example
 * ```ts
 * import { findInNpz, listNpz, readNpz, writeNpz } from "jkoflow/io";
 *
 * const archive = writeNpz({ train: { values: Float32Array.of(1, 2), shape: [2, 1] } });
 * console.log(listNpz(archive), (await readNpz(archive, { array: "train" })).values, findInNpz(archive).where);
 * ```
 */
export function writeNpz(
  arrays: Readonly<Record<string, { readonly values: NpyArray; readonly shape?: readonly number[] }>>,
): Uint8Array {
  const files = Object.entries(arrays).map(([name, { values, shape }]) => ({
    name: `${name}.npy`,
    bytes: writeNpy(values, shape),
  }));
  return writeZip(files);
}
