/**
 * Files as bytes, read and written; no file system.
 *
 * @example
 * ```ts
 * import { readSafetensors, readSealed, sha256, verifySeal, writeSafetensors, writeSealed } from "jkoflow/io";
 *
 * const file = { tensors: new Map([["w", { shape: [2], data: Float32Array.of(1, 2) }]]), metadata: { by: "me" } };
 * console.log(readSafetensors(writeSafetensors(file)).tensors.get("w")?.data); // Float32Array(2) [ 1, 2 ]
 * const sealed = writeSealed(file); // with a hash of itself, so that damage is found
 * console.log(readSealed(sealed).metadata.by, verifySeal(sealed, readSafetensors(sealed).metadata.hash) !== sha256(sealed));
 * ```
 */

export { nearestName } from "../errors/nearestName.ts";
export { shortestFloat32, shortestFloat64, shortestWithOffset } from "../numbers/text.ts";
export { type ColumnChoice, chooseColumns } from "./columnChoice.ts";
export { type CsvBlock, readCsv, readCsvBlocks } from "./csv.ts";
export { type Decimal, isMissingWord, type NumberFault, type Thousands } from "./csvNumberStyle.ts";
export type { Coders, CsvBlockOptions, CsvOptions, Dialect, WordCoder } from "./csvPlan.ts";
export type { Delimiter } from "./csvRecords.ts";
export { type CsvWordOptions, readCsvWords, type WordColumn } from "./csvWords.ts";
export { type WritableTable, writeCsv } from "./csvWrite.ts";
export { dateKind } from "./dates.ts";
export { type Draws, writeArvizJson, writeStanCsv } from "./draws.ts";
export { FloatBuffer } from "./floatBuffer.ts";
export { type NamedGaps, namedGaps } from "./gapWords.ts";
export { gunzip, gunzipIfNeeded, inflateRaw } from "./gzip.ts";
export { type NpyBlock, type NpyOptions, type NpySource, readNpy, readNpyBlocks } from "./npy.ts";
export { halfFloat, type ReadAt } from "./npyRows.ts";
export { type NpyArray, writeNpy, writeNpyHeader } from "./npyWrite.ts";
export { findInNpz, listNpz, type NpzEntry, type NpzOptions, readNpz, writeNpz } from "./npz.ts";
export {
  LARGEST_FLOAT32,
  type MissingPolicy,
  type NumericTable,
  type OffsetWish,
  type ReadTable,
  RowBuffer,
} from "./numericTable.ts";
export { type Offsets, offsetsOf, withoutCoded } from "./offsets.ts";
export { type GreyImage, readPng } from "./png.ts";
export { readTable, type TableOptions } from "./readTable.ts";
export { readSafetensors, type Tensor, type TensorData, type TensorFile, writeSafetensors } from "./safetensors.ts";
export { readSealed, verifySeal, writeSealed } from "./seal.ts";
export { sha256 } from "./sha256.ts";
export { type ByteSource, readAll } from "./source.ts";
export { parseStrictJson } from "./strictJson.ts";
export { type FindingCoder, findingCoder, knownCoder } from "./wordCoder.ts";
