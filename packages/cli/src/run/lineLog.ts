/** A file of JSON lines that can be cut back to a known length, so that a resumed run goes on where it was. */
import fs from "node:fs";
import { io } from "jkoflow";
import { named } from "./atomic.ts";

export interface LineLog {
  readonly lines: number;
  readonly bytes: number;
  append(value: unknown): void;
  /** Everything appended so far is on the disk. */
  sync(): void;
  close(): void;
}

/** Opens the log and cuts it back to `lines` lines of `bytes` bytes; a torn last line goes with the rest. */
export function openLineLog(path: string, from: { readonly lines: number; readonly bytes: number }): LineLog {
  const file = fs.openSync(path, fs.existsSync(path) ? "r+" : "w+");
  const onFile = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      throw named(error, path);
    }
  };
  onFile(() => fs.ftruncateSync(file, from.bytes));
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
      }),
    // What was not synced is not part of any checkpoint, so a close after an error need not write it.
    close: () => fs.closeSync(file),
  };
}

/** The whole lines of a log; a torn last one is left out. */
export function readLines(path: string): Record<string, unknown>[] {
  if (!fs.existsSync(path)) return [];
  const text = fs.readFileSync(path, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line, i) => io.parseStrictJson(line, `${path}:line ${i + 1}`) as Record<string, unknown>);
}
