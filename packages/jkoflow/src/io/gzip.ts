/** Decompression by the web-standard `DecompressionStream`, which browsers and Node share. */
import { InputError } from "../errors/errors.ts";
import { type ByteSource, chunksOf, peek } from "./source.ts";

/**
 * A decompressed stream may be this many times as long as the compressed one once it passes the free allowance. Deflate
 * reaches 1,032 on constant bytes; tables of measurements stay below 20.
 */
export const LARGEST_RATIO = 200;
/** Bytes that may come out whatever the ratio. */
export const FREE_BYTES: number = 100 * 2 ** 20;

/**
 * The source, decompressed when it begins with the gzip magic 1f 8b; its chunks then throw as those of `gunzip`.
 *
 * @example
 * ```ts
 * import { gunzipIfNeeded, readAll } from "jkoflow/io";
 *
 * const bytes = new TextEncoder().encode("a\n1\n");
 * const plain = await gunzipIfNeeded(bytes, "table.csv"); // gunzip(bytes, where) where it is known to be packed
 * console.log((await readAll(plain, "table.csv")).length); // 4
 * ```
 */
export async function gunzipIfNeeded(source: ByteSource, where: string): Promise<AsyncIterable<Uint8Array>> {
  const { head, all } = await peek(source, (bytes) => bytes.length >= 2);
  return head[0] === 0x1f && head[1] === 0x8b ? gunzip(all, where) : all;
}

/**
 * The decompressed chunks of a gzip file, of one or several members. Bytes behind the last member are an error in
 * browsers and left out by Node's implementation.
 * @throws InputError when the data are damaged, cut off or a decompression bomb.
 */
export function gunzip(source: ByteSource, where: string): AsyncGenerator<Uint8Array, void, undefined> {
  return decompress(source, "gzip", where);
}

/**
 * The decompressed chunks of a raw deflate stream.
 * @throws InputError when the data are damaged, cut off or a decompression bomb.
 *
 * @example
 * ```ts
 * import { inflateRaw, readAll } from "jkoflow/io";
 *
 * // A last block (1) that is stored as it is: its length 3, the same with all bits turned, three bytes.
 * const stored = Uint8Array.of(1, 3, 0, 252, 255, 7, 8, 9);
 * console.log(String(await readAll(inflateRaw(stored, "my bytes"), "my bytes"))); // 7,8,9
 * ```
 */
export function inflateRaw(source: ByteSource, where: string): AsyncGenerator<Uint8Array, void, undefined> {
  return decompress(source, "deflate-raw", where);
}

/**
 * The decompressed chunks of a zlib stream. For callers that know the length and stop there: no ratio is too high.
 * @throws InputError when the data are damaged or cut off.
 */
export function inflateZlib(source: ByteSource, where: string): AsyncGenerator<Uint8Array, void, undefined> {
  return decompress(source, "deflate", where, Number.POSITIVE_INFINITY);
}

async function* decompress(
  source: ByteSource,
  format: "gzip" | "deflate" | "deflate-raw",
  where: string,
  free: number = FREE_BYTES,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  let came = 0;
  let failure: unknown; // of the source itself: passed on as it is
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of chunksOf(source)) {
        came += chunk.length;
        // Damage is reported by the reading side; here it only ends the feeding.
        if (!(await succeeds(writer.write(chunk as Uint8Array<ArrayBuffer>)))) return;
      }
    } catch (error) {
      failure = error;
      await succeeds(writer.abort(error));
      return;
    }
    await succeeds(writer.close());
  };
  writer.closed.catch(() => undefined);
  reader.closed.catch(() => undefined);
  const feeding = feed();
  let out = 0;
  try {
    while (true) {
      const part = await reader.read().catch(() => undefined);
      if (part === undefined) {
        if (failure !== undefined) throw failure;
        throw new InputError({ where, came: "damaged or cut off data", expected: `a complete ${format} stream` });
      }
      if (part.done) break;
      out += part.value.length;
      if (out > free && out > LARGEST_RATIO * came) {
        const fix = "if it is genuine, store it uncompressed";
        throw new InputError({
          where,
          came: `${out} bytes out of ${came}`,
          expected: `at most ${LARGEST_RATIO} to 1`,
          fix,
        });
      }
      if (part.value.length > 0) yield part.value;
    }
  } finally {
    await succeeds(reader.cancel());
    await succeeds(writer.abort());
    await feeding;
  }
}

async function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
