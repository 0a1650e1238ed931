/** Training rows on their way into the engine, so that one float32 copy of a large table is left. */
import { chunkRows, type Table as Rows, type Standardizer, tableChunks } from "../data/index.ts";
import type { Engine, Table } from "../engine/index.ts";

/** The training rows, standardised part by part, as a table of the engine; then `problem.onMoved` is called. */
export function moveToEngine(
  engine: Engine,
  problem: { readonly train: Rows; readonly onMoved?: () => void },
  standardizer: Standardizer,
): Table {
  const { rows, columns } = problem.train;
  const particles = engine.table(rows, columns.length);
  const room = new Float32Array(chunkRows * columns.length);
  for (const { firstRow, part } of tableChunks(problem.train)) {
    particles.write(standardizer.forward(part, room), firstRow);
  }
  problem.onMoved?.();
  return particles;
}
