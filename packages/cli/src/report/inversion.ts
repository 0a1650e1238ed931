/**
 * Inversion error as papers report it: half the mean squared distance between rows and what inversion gives back of them,
 * in standardised units, for the whole flow and for each block; and the largest deviation of a single value.
 */
import type { Engine, OpenModel } from "jkoflow";
import { createFlow } from "jkoflow/chain";
import { firstJudged, type Judged } from "./judged.ts";

export interface InversionErrors {
  /** 1/2 mean |x - F^(-1)(F(x))|^2 on the grid the model is stored with. */
  readonly halfSquare: number;
  /** The same with adaptive steps both ways. */
  readonly adaptiveHalfSquare: number;
  /** The same of each block alone, on the rows that reach it. */
  readonly blocks: readonly number[];
  readonly rows: number;
}

const ROWS = 1000;
const TOLERANCE = { rtol: 1e-5, atol: 1e-5 } as const;

export function inversionErrors(engine: Engine, open: OpenModel, judged: Judged): InversionErrors {
  const { table: rows, given } = firstJudged(judged, ROWS);
  const y = open.covariates(given);
  const x = open.model.standardizer.forward(rows); // [n, d]
  const { flow } = open;
  const positions = flow.trajectory(x, y);
  const { opening: _, ...unopened } = open.model.flow;
  const blocks = unopened.blocks.map((block, k) => {
    const alone = createFlow(engine, { ...unopened, blocks: [block] });
    try {
      return halfSquare(positions[k], alone.invert(positions[k + 1], undefined, y), rows.rows);
    } finally {
      alone.dispose();
    }
  });
  return {
    halfSquare: halfSquare(x, flow.invert(positions[positions.length - 1], undefined, y), rows.rows),
    adaptiveHalfSquare: halfSquare(x, flow.invert(flow.push(x, TOLERANCE, y).z, TOLERANCE, y), rows.rows),
    blocks,
    rows: rows.rows,
  };
}

function halfSquare(x: Float32Array, back: Float32Array, rows: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - back[i]) ** 2;
  return sum / 2 / rows;
}
