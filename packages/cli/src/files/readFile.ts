/** A file that a user names, opened or read whole, with one clear line where there is none. */
import fs from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { InputError, io } from "jkoflow";

/** @throws InputError when there is no such file or it is a folder. */
export function openForReading(path: string): number {
  if (path.includes("\0")) throw new InputError({ where: path, came: "a NUL in the path", expected: "a path" });
  try {
    if (fs.statSync(path).isDirectory()) {
      throw new InputError({ where: path, came: "a folder", expected: "a file" });
    }
    return fs.openSync(path, "r");
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT" ? noSuchFile(path) : error;
  }
}

/** @throws InputError when there is no such file or it is a folder. */
export function readFileOf(path: string): Uint8Array {
  const file = openForReading(path);
  try {
    return fs.readFileSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** An error that names the nearest file of the folder. */
function noSuchFile(path: string): InputError {
  const folder = dirname(resolve(path));
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const near = io.nearestName(basename(path), names);
  return new InputError({
    where: path,
    came: "no such file",
    expected: "an existing file",
    fix: near === undefined ? "check the path" : `did you mean ${near}?`,
  });
}
