/** A file of JSON lines that can be cut back to a known length, so that a resumed run goes on where it was. */
import fs from "node:fs";
import { InputError, io } from "jkoflow";
import { named } from "../files/atomic.ts";
import { openInside, readInside } from "../files/inside.ts";

export interface LineLog {
  readonly lines: number;
  readonly bytes: number;
  append(value: unknown): void;
  /** Everything appended so far is on the disk. */
  sync(): void;
  close(): void;
}

/**
 * Opens the log and cuts it back to `lines` lines of `bytes` bytes; a torn last line goes with the rest.
 * @throws InputError for a link in its place, and later where the file is taken away while it is written.
 */
export function openLineLog(path: string, from: { readonly lines: number; readonly bytes: number }): LineLog {
  const file = openInside(path);
  const onFile = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      throw named(error, path);
    }
  };
  onFile(() => {
    checkStart(file, path, from);
    fs.ftruncateSync(file, from.bytes);
  });
  let { lines, bytes } = from;
  let pending = "";
  const flush = (): void => {
    const data = Buffer.from(pending);
    for (let at = 0; at < data.length; ) {
      const taken = fs.writeSync(file, data, at, data.length - at, bytes - data.length + at);
      at += taken;
    }
    pending = "";
  };
  return {
    get lines() {
      return lines;
    },
    get bytes() {
      return bytes;
    },
    append: (value) => {
      const line = `${JSON.stringify(value)}\n`;
      pending += line;
      lines++;
      bytes += Buffer.byteLength(line);
      if (pending.length > 65_536) onFile(flush);
    },
    sync: () =>
      onFile(() => {
        flush();
        fs.fsyncSync(file);
        refuseGone(file, path);
      }),
    // What was not synced is not part of any checkpoint, so a close after an error need not write it.
    close: () => fs.closeSync(file),
  };
}

/** A log whose length says one thing and whose lines another was edited. */
function checkStart(
  file: number,
  path: string,
  { lines, bytes }: { readonly lines: number; readonly bytes: number },
): void {
  const start = Buffer.alloc(bytes);
  const taken = fs.readSync(file, start, 0, bytes, 0);
  let found = 0;
  for (const byte of start) if (byte === 0x0a) found++;
  if (taken === bytes && found === lines && (bytes === 0 || start[bytes - 1] === 0x0a)) return;
  throw new InputError({
    where: path,
    came: `${found} lines in its first ${bytes} bytes`,
    expected: `${lines} whole lines, as when the checkpoint was written`,
    fix: "put the file back; or remove it and the checkpoints (ckpt-*) and train anew by jko resume",
  });
}

/** What is written to a file without a name is lost. */
function refuseGone(file: number, path: string): void {
  const [open, named] = [fs.fstatSync(file), fs.lstatSync(path, { throwIfNoEntry: false })];
  if (named !== undefined && named.ino === open.ino && named.dev === open.dev) return;
  throw new InputError({
    where: path,
    came: named === undefined ? "no such file any more" : "another file than before",
    expected: "the one that the run writes",
    fix: "were files or the folder removed or renamed meanwhile? put them back, then jko resume",
  });
}

/**
 * The whole lines of a log, objects all of them; a torn last one is left out.
 * @throws InputError for anything else, with `fix`.
 */
export function readLines(path: string, fix: string): Record<string, unknown>[] {
  const bytes = readInside(path);
  if (bytes === undefined) return [];
  const text = new TextDecoder().decode(bytes);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line, i) => {
      const value = parseLine(line, `${path}:line ${i + 1}`, fix);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
      throw new InputError({ where: path, place: `line ${i + 1}`, came: cut(line), expected: "an object", fix });
    });
}

const cut = (line: string): string => JSON.stringify(line.length > 40 ? `${line.slice(0, 37)}...` : line);

function parseLine(line: string, where: string, fix: string): unknown {
  try {
    return io.parseStrictJson(line, where);
  } catch (error) {
    throw error instanceof InputError ? new InputError({ ...error.problem, fix }) : error;
  }
}
