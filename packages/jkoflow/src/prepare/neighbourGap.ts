/** How far rows lie from each other, by which noise and kernels are measured. */
import { chunkRows, type Standardizer, type Table, tableChunks, takeRows } from "../data/index.ts";
import type { Key } from "../random/index.ts";
import { nearestNeighbourScale } from "../train/index.ts";

/** The scale of distances between nearest neighbours (train/jitter.ts) of rows in standardised units. */
export const neighbourGap = (table: Table, standardizer: Standardizer, key: Key): number =>
  nearestNeighbourScale(
    {
      rows: table.rows,
      cols: table.columns.length,
      parts: function* () {
        const room = new Float32Array(chunkRows * table.columns.length);
        for (const { part } of tableChunks(table)) yield standardizer.forward(part, room);
      },
      take: (indices) => standardizer.forward(takeRows(table, indices)),
    },
    key,
  );
