/** `toy:NAME` in the place of a file: rows of a toy distribution, by seed. */
import { createHash } from "node:crypto";
import { createKey, data, fold, InputError, io, type Key } from "jkoflow";

const PREFIX = "toy:";

export const isToy = (path: string): boolean => path.startsWith(PREFIX);

/** The key of the rows of a seed; `jko data make` and `jko fit toy:...` give the same rows. */
export const toyKey = (seed: number): Key => fold(createKey(seed), "data");

/** @throws InputError for an unknown name, with the nearest known one. */
export function findToy(name: string): data.Toy {
  if (Object.hasOwn(data.toys, name)) return data.findToy(name);
  const names = Object.keys(data.toys);
  const near = io.nearestName(name, names);
  throw new InputError({
    where: "toy",
    came: JSON.stringify(name),
    expected: `one of ${names.join(", ")}`,
    ...(near === undefined ? {} : { fix: `did you mean ${near}?` }),
  });
}

export function toyTable(name: string, rows: number, seed: number): data.Table {
  return { values: findToy(name).sample(toyKey(seed), rows), rows, columns: ["x1", "x2"] };
}

export function readToy(
  path: string,
  rows: number,
  seed: number,
): { readonly table: data.Table; readonly sha256: string } {
  const table = toyTable(path.slice(PREFIX.length), rows, seed);
  const { buffer, byteOffset, byteLength } = table.values;
  const sha256 = createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
  return { table, sha256 };
}
