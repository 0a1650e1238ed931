/**
 * Sealed safetensors: the metadata field `hash` holds the SHA-256 of the whole file, taken with the 64 digits of that
 * field as zeros. A damaged or edited file is refused before anything in it is used.
 */

import { InputError } from "../errors/errors.ts";
import { checkKind } from "../errors/kinds.ts";
import { readSafetensors, type TensorFile, writeSafetensors } from "./safetensors.ts";
import { sha256 } from "./sha256.ts";

const ZEROS = "0".repeat(64);

/**
 * Writes a file with its digest in `metadata.hash`; a `hash` in the given metadata is replaced.
 * @throws InputError as `writeSafetensors`.
 */
export function writeSealed(file: TensorFile): Uint8Array {
  const bytes = writeSafetensors({ ...file, metadata: { ...file.metadata, hash: ZEROS } });
  bytes.set(new TextEncoder().encode(sha256(bytes)), findDigits(bytes, ZEROS)!);
  return bytes;
}

/**
 * Reads a sealed file.
 * @throws InputError as `readSafetensors`, when there is no hash, and when it is not that of the file.
 */
export function readSealed(bytes: Uint8Array, where: string = "safetensors"): TensorFile {
  const file = readSafetensors(bytes, where);
  verifySeal(bytes, file.metadata.hash, where);
  return file;
}

/**
 * The digest of a sealed file, given the digits its metadata hold.
 * @throws InputError when there are none or they are not the digest.
 */
export function verifySeal(bytes: Uint8Array, hash: string | undefined, where: string = "safetensors"): string {
  checkKind(bytes, "Uint8Array", where);
  const problem = (came: string, fix: string): InputError =>
    new InputError({ where, place: "hash", came, expected: "the SHA-256 of the file", fix });
  if (hash === undefined) throw problem("no hash", "was the file written by another program?");
  const at = /^[0-9a-f]{64}$/.test(hash) ? findDigits(bytes, hash) : undefined;
  if (at === undefined) throw problem("other text", "the file was edited");
  const digest = sha256(bytes.subarray(0, at), new TextEncoder().encode(ZEROS), bytes.subarray(at + 64));
  if (digest !== hash) throw problem("another hash", "the file is damaged or was edited");
  return digest;
}

/**
 * Where the digits stand. The bytes `"hash":"` cannot occur inside a JSON string, whose quotes are escaped, and a tensor
 * named hash is followed by `{`, so the first place found in the header is the metadata field.
 */
function findDigits(bytes: Uint8Array, digits: string): number | undefined {
  const pattern = new TextEncoder().encode(`"hash":"${digits}"`);
  const headerEnd = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  for (let at = 8; at + pattern.length <= headerEnd; at++) {
    let same = 0;
    while (same < pattern.length && bytes[at + same] === pattern[same]) same++;
    if (same === pattern.length) return at + 8;
  }
  return undefined;
}
