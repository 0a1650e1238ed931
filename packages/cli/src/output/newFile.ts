/** The file behind -o: a new one, or an old one with --force, and never one that the command reads. */
import fs from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "jkoflow";
import { count } from "../progress/numbers.ts";

export interface OutputFlags {
  readonly output?: string;
  readonly force?: boolean;
}

export const isStream = (output: string | undefined): output is undefined | "-" =>
  output === undefined || output === "-";

/**
 * `inputs` are the files and run directories that the command reads; "-" is standard input.
 *
 * @throws InputError for a file that is among the inputs, by whatever name, and without `force` for any that exists.
 */
export function checkOutput({ output, force }: OutputFlags, inputs: readonly string[] = []): void {
  const own = identity(isStream(output) ? STDOUT : output);
  const read = own && inputs.flatMap(filesOf).find((path) => identity(path === "-" ? STDIN : path) === own);
  if (read !== undefined) {
    const name = read === "-" ? "the file of standard input" : read;
    const came = isStream(output) ? `it goes to ${name}` : output;
    const where = isStream(output) ? "standard output" : "-o";
    throw new InputError({ where, came: `${came}, which the command reads`, expected: "another file" });
  }
  if (isStream(output)) return;
  const found = fs.lstatSync(output, { throwIfNoEntry: false });
  if (found === undefined || (force && !found.isDirectory())) return;
  throw new InputError({
    where: "-o",
    came: found.isDirectory() ? `${output}, a folder` : `${output}, which exists`,
    expected: "a new file",
    fix: found.isDirectory() ? "name a file in it" : "choose another name, or let --force replace it",
  });
}

/** Bytes of a number: of float32 in an NPY file, of a digit and what follows it in text. */
const LEAST_BYTES = { npy: 4, csv: 2, tsv: 2 } as const;

/** @throws InputError where the disk has not the room for so many rows. */
export function checkRoom(
  output: string | undefined,
  format: keyof typeof LEAST_BYTES,
  rows: number,
  columns: number,
): void {
  if (isStream(output) || !fs.existsSync(dirname(output))) return;
  const { bavail, bsize, blocks } = fs.statfsSync(dirname(output));
  const most = Math.floor((bavail * bsize) / (LEAST_BYTES[format] * columns));
  if (blocks === 0 || rows <= most) return; // some file systems do not tell
  throw new InputError({
    where: "-n",
    came: `${count(rows)} rows for ${output}`,
    expected: `at most ${count(most)}, for which its disk has room`,
    fix: "free some space, or take fewer rows",
  });
}

const [STDIN, STDOUT] = [0, 1];

/** The same for all names of a plain file; undefined for anything else. */
function identity(file: string | number): string | undefined {
  try {
    const options = { bigint: true } as const;
    const stat = typeof file === "number" ? fs.fstatSync(file, options) : fs.statSync(file, options);
    return stat.isFile() ? `${stat.dev}:${stat.ino}` : undefined;
  } catch {
    return undefined; // who reads or writes it tells why
  }
}

function filesOf(path: string): string[] {
  if (path === "-" || !fs.existsSync(path) || !fs.statSync(path).isDirectory()) return [path];
  return fs.readdirSync(path).map((name) => join(path, name));
}
