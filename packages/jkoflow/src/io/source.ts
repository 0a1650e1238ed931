/** Bytes as they arrive: what every reader takes. Opening a file or a URL is the caller's business. */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";

/** All bytes at once, or chunk by chunk (a Node stream, a web `ReadableStream`, a generator). */
export type ByteSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The non-empty chunks of a source. */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (isBytes(source)) {
    if (source.length > 0) yield source;
    return;
  }
  for await (const chunk of source) {
    checkKind(chunk, "Uint8Array", "bytes", "a chunk");
    if (chunk.length > 0) yield chunk;
  }
}

/** @throws InputError for what is neither bytes nor chunks of them: the numbers of another typed array are no chunks. */
function isBytes(source: ByteSource): source is Uint8Array {
  const given: unknown = source;
  const isChunks =
    typeof given === "object" && given !== null && (Symbol.asyncIterator in given || Symbol.iterator in given);
  if (isChunks && !ArrayBuffer.isView(given)) return false;
  checkKind(given, "Uint8Array", "bytes");
  return true;
}

/**
 * All bytes of a source, in one array.
 * @throws InputError when there are more than `limit` bytes.
 */
export async function readAll(source: ByteSource, where: string, limit: number = 2 ** 31): Promise<Uint8Array> {
  if (isBytes(source)) return source;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source)) {
    length += chunk.length;
    if (length > limit) throw new InputError({ where, came: "more bytes", expected: `at most ${limit}` });
    chunks.push(chunk);
  }
  return concatBytes(chunks, length);
}

/** A source whose first bytes can be looked at before it is read. */
export interface PeekedSource {
  /** At least the wanted number of bytes, fewer only when the source has no more. */
  readonly head: Uint8Array;
  /** The whole source, head included. To be read once. */
  readonly all: AsyncIterable<Uint8Array>;
}

/** Reads chunks until `enough(head)`; copies, so the caller may read on from the start. */
export async function peek(source: ByteSource, enough: (head: Uint8Array) => boolean): Promise<PeekedSource> {
  const chunks = chunksOf(source);
  let head: Uint8Array = new Uint8Array(0);
  while (!enough(head)) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : concatBytes([head, next.value], head.length + next.value.length);
  }
  async function* all(): AsyncGenerator<Uint8Array, void, undefined> {
    if (head.length > 0) yield head;
    yield* chunks;
  }
  return { head, all: all() };
}

/** Joins chunks of `length` bytes in all. */
export function concatBytes(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Text from a file for an error message: quoted, on one line, at most 40 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
