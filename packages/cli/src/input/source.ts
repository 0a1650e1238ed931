/** A file or standard input as a stream of bytes, with its first bytes known and its digest taken on the way. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { io } from "jkoflow";
import { openForReading } from "../files/readFile.ts";
import type { Shell } from "../shell.ts";

export interface Input {
  /** For messages. */
  readonly where: string;
  /** The first bytes, at least 8 where there are so many. */
  readonly head: Uint8Array;
  /** The file's path, where it is one and no pipe. */
  readonly path?: string;
  /** Its length in bytes. */
  readonly size?: number;
  /** Of a plain file that is not compressed: its bytes at any place. */
  readonly readAt?: io.ReadAt;
  /** All bytes from the start: once, or at each call where it was opened for several passes. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** SHA-256 of the whole input, read to its end if it is not yet. */
  readonly digest: () => Promise<string>;
}

/** How often an input is read: what cannot be read again, as a pipe, is held in memory for several passes. */
export type Passes = "one" | "several";

/** A source as messages call it. */
export const sourceName = (path: string): string => (path === "-" ? "stdin" : path);

const CHUNK = 1 << 16;
const MAGIC_BYTES = 8;

/** @throws InputError when there is no such file. */
export async function openInput(path: string, shell: Shell, passes: Passes = "one"): Promise<Input> {
  const isStream = path === "-" || (fs.existsSync(path) && fs.statSync(path).isFIFO());
  const stream = path === "-" ? shell.stdin() : openFile(path);
  const held = passes === "several" && isStream ? await io.readAll(stream, sourceName(path)) : undefined;
  const hash = createHash("sha256");
  const chunks = hashed(held ? [held] : stream, hash);
  const first: Uint8Array[] = [];
  let length = 0;
  let ended = false;
  while (length < MAGIC_BYTES && !ended) {
    const next = await chunks.next();
    ended = next.done === true;
    if (!next.done) length += first.push(next.value) && next.value.length;
  }
  const head = Buffer.concat(first);
  async function* firstPass(): AsyncGenerator<Uint8Array, void, undefined> {
    if (head.length > 0) yield head;
    // Not `yield*`: a reader that stops early must not close the source, whose rest still counts for the digest.
    for (;;) {
      const next = await chunks.next();
      if (next.done) return;
      yield next.value;
    }
  }
  async function* again(): AsyncGenerator<Uint8Array, void, undefined> {
    if (held) yield held;
    else yield* openFile(path);
  }
  let pass = 0;
  return {
    where: sourceName(path),
    head,
    ...(isStream ? {} : { path, size: fs.statSync(path).size, ...placesOf(path, head) }),
    bytes: () => {
      if (pass++ === 0) return firstPass();
      if (passes === "one") throw new Error(`${path} was opened to be read once`);
      return again();
    },
    digest: async () => {
      while (!(await chunks.next()).done);
      return hash.copy().digest("hex");
    },
  };
}

function placesOf(path: string, head: Uint8Array): Pick<Input, "readAt"> {
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  if (gzip || !fs.statSync(path).isFile()) return {};
  const readAt = (start: number, length: number): Uint8Array => {
    const file = fs.openSync(path, "r");
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, fs.readSync(file, bytes, 0, length, start));
    } finally {
      fs.closeSync(file);
    }
  };
  return { readAt };
}

async function* hashed(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* openFile(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = openForReading(path);
  try {
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      const taken = await new Promise<number>((done, fail) => {
        fs.read(file, chunk, 0, CHUNK, null, (error, count) => (error ? fail(error) : done(count)));
      });
      if (taken === 0) return;
      yield chunk.subarray(0, taken);
    }
  } finally {
    fs.closeSync(file);
  }
}
