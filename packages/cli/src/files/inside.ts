/**
 * Files inside a run directory, which may come out of an archive of anyone: what is read is a plain file, and nothing is
 * written or made through a link to a place outside.
 */
import fs from "node:fs";
import { dirname } from "node:path";
import { InputError } from "jkoflow";

/** Not there on all systems; where it is not, a link is seen by `lstat` only. */
const NO_FOLLOW = fs.constants.O_NOFOLLOW ?? 0;
/** A pipe in the place of a file would wait for its other end. */
const NO_WAIT = fs.constants.O_NONBLOCK ?? 0;

const notOurs = (where: string, came: string, expected: string, fix: string): InputError =>
  new InputError({ where, came, expected, fix });

function kindOf(stat: fs.Stats): string {
  if (stat.isSymbolicLink()) return "a link";
  if (stat.isDirectory()) return "a folder";
  return stat.isFile() ? "a file" : "a pipe or a device";
}

/**
 * The bytes of a file of a run; undefined where there is none.
 * @throws InputError for a folder, a pipe or a device in its place.
 */
export function readInside(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = fs.openSync(path, fs.constants.O_RDONLY | NO_WAIT);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const stat = fs.fstatSync(file);
    if (!stat.isFile()) throw notOurs(path, kindOf(stat), "a file", "remove it");
    return fs.readFileSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/**
 * Whether a file of a run may be written in place.
 * @throws InputError for a link, and for a file that has another name too: what is written would appear there.
 */
export function checkInside(path: string): void {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) checkPlain(found, path);
}

function checkPlain(stat: fs.Stats, path: string): void {
  const fix = "put a copy of the file there, or remove it";
  if (!stat.isFile()) throw notOurs(path, kindOf(stat), "a file of the run itself", fix);
  if (stat.nlink > 1) throw notOurs(path, "a file with a second name (a hard link)", "a file of the run alone", fix);
}

/** Opens such a file, and makes it where there is none. @throws InputError as `checkInside`. */
export function openInside(path: string): number {
  checkInside(path);
  const file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT | NO_FOLLOW | NO_WAIT, 0o666);
  try {
    checkPlain(fs.fstatSync(file), path); // it may have been replaced between the two
    return file;
  } catch (error) {
    fs.closeSync(file);
    throw error;
  }
}

/**
 * Makes a folder of a run where there is none; not those above it, for a run that is gone is not to be half made again.
 * @throws InputError for a link or a file in its place, and where the run directory is gone.
 */
export function makeInside(path: string): void {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw notOurs(path, kindOf(found), "a folder of the run itself", "remove it");
  if (!fs.existsSync(dirname(path))) {
    const fix = "was it removed or renamed meanwhile?";
    throw notOurs(dirname(path), "no such folder any more", "the run directory", fix);
  }
  fs.mkdirSync(path);
}
