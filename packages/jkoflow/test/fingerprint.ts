/**
 * SHA-256 of what a training decides, apart from the file it is written to: two runs agree in these exactly where they
 * agree to the bit. Names and order of settings and of fields do not count.
 */
import { createHash } from "node:crypto";
import type { Model } from "../src/model/index.ts";

export interface Fingerprint {
  /** Tensors of the blocks, their step sizes, the standardiser and the field. */
  readonly weights: string;
  /** Quantiles of held-out scores, and the solver steps they are scored with. */
  readonly scores: string;
}

/** JSON with the keys of every object sorted; numbers with all their digits. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "number" && !Number.isFinite(item)) return String(item);
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export const sha256 = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

const bytesOf = (x: Float32Array | Float64Array): Uint8Array => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);

export function fingerprint({ flow, scores, standardizer }: Model): Fingerprint {
  const { blocks, steps, block } = flow;
  const plan = { field: block.field, divergence: block.divergence, stepSizes: blocks.map((b) => b.stepSize) };
  const tensors = blocks.map(({ weights }) => bytesOf(weights));
  return {
    weights: sha256([sortedJson(plan), sortedJson(standardizer.toJSON()), ...tensors]),
    scores: sha256([String(steps), bytesOf(scores)]),
  };
}
