/** Model files of every format that was written: they are read as they were, and written again to the same bytes. */
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { chainFormat } from "../src/chain/index.ts";
import { createReferenceEngine } from "../src/engine/index.ts";
import { chain, decodeModel, encodeModel, io, openModel } from "../src/index.ts";

/** Two blocks on a height and a count; log-densities of two rows as the writer had them, nats. */
const stored: readonly (readonly [format: number, scores: readonly number[]])[] = [
  [1, [-4.933139106307646, -5.144927459957913]],
  [2, [-4.933139106307646, -5.144927459957913]], // with a schema
  [3, [-9.533269902814006, -8.29875163432727]], // with a mixture as its base
];
const bytesOf = (format: number): Uint8Array =>
  new Uint8Array(fs.readFileSync(new URL(`models/format${format}.safetensors`, import.meta.url)));
const withMetadata = (bytes: Uint8Array, change: Readonly<Record<string, string>>): Uint8Array => {
  const { tensors, metadata } = io.readSealed(bytes);
  return io.writeSealed({ tensors, metadata: { ...metadata, ...change } });
};

describe.each(stored)("a model file of format %d", (format, scores) => {
  const bytes = bytesOf(format);

  it("scores as it did, and is written again to the same bytes", () => {
    expect(io.readSealed(bytes).metadata.format).toBe(String(format));
    const model = decodeModel(bytes);
    expect(encodeModel(model)).toEqual(bytes);
    const open = openModel(createReferenceEngine(), model);
    open.logProb(Float32Array.of(3, 1, 4.5, -7)).forEach((value, i) => {
      expect(Math.abs(value - scores[i])).toBeLessThan(1e-5); // float32
    });
    expect(model.schema?.columns.map(({ kind }) => kind)).toEqual(format === 2 ? ["number", "integer"] : undefined);
    open.dispose();
  });

  it("is not taken for a chain, nor a later format for it", () => {
    expect(() => chain.decodeChain(bytes)).toThrow(`format ${format}, expected format ${chainFormat}`);
    expect(() => decodeModel(withMetadata(bytes, { format: "9" }))).toThrow(
      "model:format: format 9, expected format 1 to 3; use the version of jkoflow that wrote it",
    );
    expect(() => decodeModel(withMetadata(bytes, { format: String(chainFormat) }))).toThrow("a chain of maps");
  });

  it("with one part of its description missing is refused in one line", () => {
    const { config } = io.readSealed(bytes).metadata;
    const whole = JSON.parse(config) as Record<string, unknown>;
    for (const name of ["field", "divergence", "tableau", "steps", "stepSizes", "standardizer"]) {
      const { [name]: _, ...rest } = whole;
      const read = () => decodeModel(withMetadata(bytes, { config: JSON.stringify(rest) }));
      expect(read, name).toThrow(/^model[^\n]+, expected [^\n]+$/);
    }
  });
});
