/** A mixture of Gaussians in many columns, by key: large tables of a known distribution. */
import { createTable, type Table } from "../../packages/jkoflow/src/data/index.ts";
import { categorical, fold, type Key, normal, uniform } from "../../packages/jkoflow/src/random/index.ts";

const BLOBS = 8;
/** Standard deviation of the centres in each column; of a blob about its centre 0.5 to 1.5. */
const SPREAD = 3;

/** [rows, columns]: a blob by equal odds, then centre + scale of the blob times a standard normal. */
export function blobTable(rows: number, columns: number, key: Key): Table {
  const centres = normal(fold(key, "centres"), BLOBS * columns);
  const scales = uniform(fold(key, "scales"), BLOBS);
  const blob = categorical(fold(key, "blob"), rows, new Float64Array(BLOBS).fill(1));
  const values = normal(fold(key, "noise"), rows * columns);
  for (let i = 0; i < rows; i++) {
    const b = blob[i];
    for (let k = 0; k < columns; k++) {
      const at = i * columns + k;
      values[at] = SPREAD * centres[b * columns + k] + (0.5 + scales[b]) * values[at];
    }
  }
  return createTable(values, columns);
}
