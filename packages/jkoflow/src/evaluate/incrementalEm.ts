/**
 * EM block by block: each block of rows keeps the moments of its last visit, and the components follow after every block
 * instead of after all rows. It climbs the same bound of the likelihood as EM in passes and is there in a few of them.
 *
 * Source: R. Neal and G. Hinton, "A view of the EM algorithm that justifies incremental, sparse, and other variants", in
 * M. Jordan (ed.), Learning in Graphical Models (1998), 355-368: section 4 is the blocks, section 5 the plausible components.
 */
import type { Components } from "./components.ts";
import {
  addMoments,
  createRanking,
  emptyMoments,
  expectation,
  type Moments,
  maximization,
  type Ranking,
} from "./em.ts";

/** Rows for EM, in an order by chance. */
export interface EmRows {
  /** [rows, d], whitened. */
  readonly x: Float64Array;
  readonly cols: number;
  readonly rows: number;
}

/** Where EM stands. */
export interface EmState {
  readonly components: Components;
  /** From which the components follow by the shrinkage. */
  readonly moments: Moments;
  readonly ridgeCount: number;
  readonly ranking: Ranking;
  /** Passes since the last split. */
  readonly passes: number;
}

/** One block of rows and the moments of its last visit. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly moments: Moments;
}

/** A block has at least so many rows, and a pass at most so many blocks: the components are solved for after each. */
const LEAST_BLOCK = 1000;
const MOST_BLOCKS = 20;
/** Numbers in the moments of all blocks together (32 MiB); with one block this is EM in passes. */
const MOST_NUMBERS = 4_194_304;

/**
 * EM from `start` on, one state a pass, without end. The ranking is renewed in every `renewEvery`-th pass, the first of them
 * pass 0, and wherever a row has not been ranked yet; `start.ranking` is that of the first rows and not used afterwards.
 */
export function* emPasses(data: EmRows, start: EmState, renewEvery: number): Generator<EmState, never> {
  const { x, cols, rows } = data;
  const count = start.components.count;
  const ranked = start.ranking.plausible.length;
  const ranking = extendRanking(start.ranking, rows, count);
  let { components } = start;
  let blocks: Block[] | undefined;
  const total = emptyMoments(count, cols);
  for (let pass = 0; ; pass++) {
    const renew = pass % renewEvery === 0 && renewEvery > 0;
    if (blocks === undefined) {
      blocks = blockRanges(rows, MOST_NUMBERS / total.second.length).map(({ from, to }) => {
        const visit = renew || to > ranked ? "all" : "plausible";
        return { from, to, moments: expectation(components, x, ranking, { from, to }, visit) };
      });
      for (const { moments } of blocks) addMoments(total, moments, 1);
      components = maximization(total, cols, start.ridgeCount);
    } else {
      const visit = renew ? "all" : "plausible";
      for (const [at, block] of blocks.entries()) {
        const moments = expectation(components, x, ranking, block, visit);
        addMoments(total, block.moments, -1);
        addMoments(total, moments, 1);
        blocks[at] = { ...block, moments };
        components = maximization(total, cols, start.ridgeCount);
      }
    }
    yield { ...start, components, moments: total, ranking, passes: start.passes + pass + 1 };
  }
}

function blockRanges(rows: number, most: number): { from: number; to: number }[] {
  const count = Math.max(1, Math.floor(Math.min(MOST_BLOCKS, most, rows / LEAST_BLOCK)));
  const edge = (at: number): number => Math.floor((at * rows) / count);
  return Array.from({ length: count }, (_, at) => ({ from: edge(at), to: edge(at + 1) }));
}

/** The ranking of the first rows, and any order for the others. */
function extendRanking(known: Ranking, rows: number, count: number): Ranking {
  const ranking = createRanking(rows, count);
  ranking.order.set(known.order.subarray(0, rows * count));
  ranking.plausible.set(known.plausible.subarray(0, rows));
  return ranking;
}

/** The ranking after a split: the pieces of plausible components are plausible. */
export function splitRanking(ranking: Ranking, before: number, origin: Uint16Array): Ranking {
  const count = origin.length;
  const rows = ranking.plausible.length;
  const order = new Uint16Array(rows * count);
  const plausible = new Uint16Array(rows);
  const pieces = Array.from({ length: before }, (_, k) => Array.from(origin.keys()).filter((i) => origin[i] === k));
  for (let r = 0; r < rows; r++) {
    let at = r * count;
    for (let turn = 0; turn < before; turn++) {
      if (turn === ranking.plausible[r]) plausible[r] = at - r * count;
      for (const k of pieces[ranking.order[r * before + turn]]) order[at++] = k;
    }
    if (ranking.plausible[r] >= before) plausible[r] = count;
  }
  return { order, plausible };
}
