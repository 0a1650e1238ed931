/** Seeded damage for the readers' tests: whatever the bytes, a reader returns or throws an InputError. */
import { expect } from "vitest";
import { InputError } from "../errors/errors.ts";
import { createKey, createWords, drawBelow } from "../random/index.ts";

type Read = (bytes: Uint8Array) => unknown;

/** Reads `count` mutants of the given files. */
export async function fuzz(files: readonly Uint8Array[], count: number, read: Read): Promise<void> {
  const words = createWords(createKey("fuzz"));
  for (let i = 0; i < count; i++) {
    const mutant = mutate(files[i % files.length], words);
    try {
      await read(mutant);
    } catch (error) {
      if (!(error instanceof InputError)) {
        throw new Error(`mutant ${i} (${btoa(String.fromCharCode(...mutant))}): ${(error as Error).stack}`);
      }
    }
  }
}

/** The message of the InputError that reading ends in, which is one line. */
export async function refusalOf(read: () => unknown): Promise<string> {
  let error: unknown;
  try {
    await read();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message).not.toContain("\n");
  return message;
}

/** Expects an InputError whose message is one line, names the file and holds `text`. */
export async function expectRefusal(read: () => unknown, text: string | RegExp): Promise<void> {
  const message = await refusalOf(read);
  expect(message).toMatch(/^file:/);
  expect(message).toMatch(text);
}

/** Cuts bytes into chunks of the given length. */
export function* cut(bytes: Uint8Array, length: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** One to three of: cut off, flip bits, set a byte, insert, delete, double a part. */
function mutate(bytes: Uint8Array, words: () => number): Uint8Array {
  let mutant = Array.from(bytes);
  const changes = 1 + drawBelow(words, 3);
  for (let change = 0; change < changes; change++) {
    const at = drawBelow(words, mutant.length + 1);
    const kind = drawBelow(words, 6);
    if (kind === 0) mutant = mutant.slice(0, at);
    else if (kind === 1 && at < mutant.length) mutant[at] ^= 1 << drawBelow(words, 8);
    else if (kind === 2 && at < mutant.length) mutant[at] = drawBelow(words, 256);
    else if (kind === 3)
      mutant.splice(at, 0, ...Array.from({ length: 1 + drawBelow(words, 4) }, () => drawBelow(words, 256)));
    else if (kind === 4) mutant.splice(at, 1 + drawBelow(words, 8));
    else mutant.splice(at, 0, ...mutant.slice(at, at + 1 + drawBelow(words, 16)));
  }
  return Uint8Array.from(mutant);
}
