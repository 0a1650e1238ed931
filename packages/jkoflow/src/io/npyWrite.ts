/** NPY files, written: version 1.0, little-endian, C order, data aligned to 64 bytes as NumPy does. */

import { InputError } from "../errors/errors.ts";
import { checkKind, kindOf } from "../errors/kinds.ts";

export type NpyArray = Float32Array | Float64Array | Int32Array | Uint8Array;
const DESCRIPTORS = { Float32Array: "f4", Float64Array: "f8", Int32Array: "i4", Uint8Array: "u1" } as const;

/**
 * The bytes before the data of an array of this shape; for writing an array in parts.
 *
 * @example
 * ```ts
 * import { halfFloat, readNpy, readNpyBlocks, writeNpy, writeNpyHeader } from "jkoflow/io";
 *
 * const bytes = writeNpy(Float64Array.of(1, 2, 3, 4), [2, 2]);
 * console.log((await readNpy(bytes)).values, writeNpyHeader("f8", [2, 2]).length);
 * for await (const { firstRow, rows } of readNpyBlocks(bytes, 1)) console.log(firstRow, rows);
 * console.log(halfFloat(0x3c00));
 * ```
 */
export function writeNpyHeader(kind: "f4" | "f8" | "i4" | "u1", shape: readonly number[]): Uint8Array {
  const descr = kind === "u1" ? "|u1" : `<${kind}`;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const literal = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const total = Math.ceil((10 + literal.length + 1) / 64) * 64;
  const text = `\x93NUMPY\x01\x00${String.fromCharCode((total - 10) & 255, (total - 10) >> 8)}${literal}`;
  const bytes = new Uint8Array(total).fill(0x20);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  bytes[total - 1] = 0x0a;
  return bytes;
}

/**
 * A whole NPY file. `shape` counts the elements of `values`, last dimension fastest.
 * @throws InputError when the shape does not fit the values.
 */
export function writeNpy(values: NpyArray, shape?: readonly number[]): Uint8Array {
  checkKind(values, ["Float32Array", "Float64Array", "Int32Array", "Uint8Array"], "writeNpy");
  return joined(values, shape ?? [values.length]);
}

function joined(values: NpyArray, shape: readonly number[]): Uint8Array {
  if (shape.reduce((product, n) => product * n, 1) !== values.length) {
    const came = `shape (${shape.join(", ")})`;
    throw new InputError({ where: "writeNpy", came, expected: `a shape of ${values.length} elements` });
  }
  const header = writeNpyHeader(DESCRIPTORS[kindOf(values) as keyof typeof DESCRIPTORS], shape);
  const bytes = new Uint8Array(header.length + values.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length);
  return bytes;
}
