/** The parameters of a block: those of its field, or of all fields of a chain, one behind the other. */
import { checkKind } from "../errors/kinds.ts";
import { fold, type Key } from "../random/index.ts";
import type { BlockConfig } from "./blockPrograms.ts";
import { fieldSize, initField } from "./fieldKinds.ts";

/** Numbers in the flat parameter array of a block. */
export const blockSize = ({ field, chain = 1 }: BlockConfig): number => chain * fieldSize(field);

/** First parameters of a block, by key. `outputScale` 0 makes it exactly the identity. */
export function initBlock({ field, chain = 1 }: BlockConfig, key: Key, outputScale = 1): Float32Array {
  if (chain === 1) return initField(field, key, outputScale);
  const size = fieldSize(field);
  const values = new Float32Array(chain * size);
  for (let link = 0; link < chain; link++) {
    values.set(initField(field, fold(key, "link", link), outputScale), link * size);
  }
  return values;
}

/** A chain's parameters taken apart: one array per field. */
export function linksOf({ field, chain = 1 }: BlockConfig, weights: Float32Array): Float32Array[] {
  checkKind(weights, "Float32Array", "weights");
  const size = fieldSize(field);
  return Array.from({ length: chain }, (_, link) => weights.slice(link * size, (link + 1) * size));
}
