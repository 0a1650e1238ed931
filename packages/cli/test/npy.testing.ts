/** A reader of NPY files that shares no code with ours. */
import fs from "node:fs";

export interface Npy {
  readonly descr: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array;
}

export function readNpy(path: string): Npy {
  const bytes = fs.readFileSync(path);
  const headerEnd = 10 + bytes.readUInt16LE(8);
  const header = bytes.subarray(10, headerEnd).toString("latin1");
  const descr = /'descr': '([^']+)'/.exec(header)![1];
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const data = new Uint8Array(bytes.subarray(headerEnd)).buffer;
  return { descr, shape, values: descr === "<f4" ? new Float32Array(data) : new Float64Array(data) };
}
