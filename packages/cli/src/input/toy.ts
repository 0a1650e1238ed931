/** `toy:NAME` in the place of a file: rows of a toy distribution, by seed. `toy:PATH.png`: of a picture, dark is dense. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { createKey, data, fold, InputError, io, type Key } from "jkoflow";
import { count } from "../progress/numbers.ts";
import type { Shell } from "../shell.ts";
import { openInput } from "./source.ts";

const PREFIX = "toy:";
/** A table of them takes 0.8 GB. */
export const MOST_TOY_ROWS = 100_000_000;
/** Bytes: more than the largest picture that is read has without compression. */
const LARGEST_PICTURE = 2 ** 28;

export const isToy = (path: string): boolean => path.startsWith(PREFIX);

/** The key of the rows of a seed; `jko data make` and `jko fit toy:...` give the same rows. */
const toyKey = (seed: number): Key => fold(createKey(seed), "data");

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
  return tableOf(findToy(name), rows, seed);
}

export interface ToyRows {
  readonly table: data.Table;
  readonly sha256: string;
  /** The same from every folder. */
  readonly path: string;
}

/** @throws InputError for an unknown name, and for a picture that is missing, damaged or of a single grey. */
export async function readToy(path: string, rows: number, seed: number, shell: Shell): Promise<ToyRows> {
  const name = path.slice(PREFIX.length);
  const isPicture = /\.png$/i.test(name);
  const table = tableOf(isPicture ? await readPicture(name, shell) : findToy(name), rows, seed);
  const { buffer, byteOffset, byteLength } = table.values;
  const sha256 = createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
  return { table, sha256, path: isPicture ? `${PREFIX}${resolve(name)}` : path };
}

async function readPicture(path: string, shell: Shell): Promise<data.Toy> {
  const { bytes } = await openInput(path, shell);
  const picture = await io.readPng(await io.readAll(bytes(), path, LARGEST_PICTURE), path);
  return data.imageToy(path, "a picture", picture);
}

function tableOf(toy: data.Toy, rows: number, seed: number): data.Table {
  if (rows > MOST_TOY_ROWS) {
    const expected = `at most ${count(MOST_TOY_ROWS)} rows of a toy`;
    throw new InputError({ where: "rows", came: count(rows), expected, fix: "a toy is made in memory" });
  }
  return { values: toy.sample(toyKey(seed), rows), rows, columns: ["x1", "x2"] };
}
