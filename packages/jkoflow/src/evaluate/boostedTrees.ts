/**
 * Gradient-boosted trees that tell two classes apart.
 *
 * Source: J. Friedman, "Greedy function approximation: a gradient boosting machine", Ann. Stat. 29 (2001), 1189-1232,
 * section 4.5; growth of the trees in treeGrow.ts. The log-odds F of the classes is a sum of trees. Each tree is fitted to
 *
 *   loss = sum_r log(1 + exp(F_r)) - y_r F_r,    slope = p_r - y_r,    curvature = p_r (1 - p_r),    p = 1 / (1 + exp(-F)),
 *
 * nats. Nothing is drawn by chance: the same rows give the same trees.
 */

import { InputError } from "../errors/index.ts";
import { exp, log } from "../random/index.ts";
import { binRows, type Cells } from "./treeBins.ts";
import { growTree, type TreeNode, treeValue } from "./treeGrow.ts";

export interface BoostedTreesOptions {
  /** Default 100. */
  readonly trees?: number;
  /** Most leaves of a tree; default 31. */
  readonly leaves?: number;
  /** Fewest rows of a leaf; default 20, and less below 200 rows: a tenth of them. */
  readonly leafRows?: number;
  /** Share of each tree that is added; default 0.1. */
  readonly rate?: number;
  /** Added to the sum of curvatures of a leaf; default 1. */
  readonly ridge?: number;
}

/** A fitted classifier. */
export interface BoostedTrees {
  readonly cols: number;
  readonly trees: readonly (readonly TreeNode[])[];
  /** log(P(class 1) / P(class 0)) of each row of x [rows, cols]. Throws InputError on a shape that does not fit. */
  logOdds(x: Cells): Float64Array;
}

/**
 * Fits trees to x [rows, cols] with a class, 0 or 1, for each row. A missing cell is NaN; codes of categories are numbers
 * like others.
 *
 * Throws InputError where the shape does not fit, a label is neither 0 nor 1, a class has no row, or an option is out of
 * its range.
 *
 * @example
 * ```ts
 * import { fitBoostedTrees } from "jkoflow/evaluate";
 *
 * const x = Float64Array.from({ length: 200 }, (_, i) => Math.sin(i)); // [200, 1]
 * const trees = fitBoostedTrees(x, x.map((value) => (value > 0.3 ? 1 : 0)), 1, { trees: 20 });
 * console.log(trees.logOdds(Float64Array.of(0.9, -0.9)).map(Math.sign)); // Float64Array(2) [ 1, -1 ]
 * ```
 */
export function fitBoostedTrees(
  x: Cells,
  labels: ArrayLike<number>,
  cols: number,
  options: BoostedTreesOptions = {},
): BoostedTrees {
  const rows = labels.length;
  checkCells("x", x, cols);
  if (x.length !== rows * cols) {
    throw new InputError({ where: "labels", came: `${rows}`, expected: `${x.length / cols}, one for each row` });
  }
  const leafRows = Math.max(1, Math.min(20, Math.floor(rows / 10)));
  const { trees: count, ...tree } = { trees: 100, leaves: 31, leafRows, rate: 0.1, ridge: 1, ...options };
  checkOptions({ trees: count, ...tree });
  let ones = 0;
  for (let r = 0; r < rows; r++) {
    if (labels[r] !== 0 && labels[r] !== 1) {
      throw new InputError({ where: "labels", place: `row ${r}`, came: `${labels[r]}`, expected: "0 or 1" });
    }
    ones += labels[r];
  }
  if (ones === 0 || ones === rows) {
    throw new InputError({ where: "labels", came: `${ones} ones in ${rows} rows`, expected: "rows of both classes" });
  }
  const prior = log(ones / (rows - ones));
  const binned = binRows(x, rows, cols);
  const total = new Float64Array(rows).fill(prior); // F
  const [slopes, curvatures] = [new Float64Array(rows), new Float64Array(rows)];
  const trees: (readonly TreeNode[])[] = [];
  while (trees.length < count) {
    for (let r = 0; r < rows; r++) {
      const p = 1 / (1 + exp(-total[r]));
      slopes[r] = p - labels[r];
      curvatures[r] = p * (1 - p);
    }
    const grown = growTree(binned, slopes, curvatures, total, tree);
    if (grown.length === 1) break; // no split is left that gains anything
    trees.push(grown);
  }
  return {
    cols,
    trees,
    logOdds(others) {
      checkCells("x", others, cols);
      const out = new Float64Array(others.length / cols).fill(prior);
      for (const nodes of trees) for (let r = 0; r < out.length; r++) out[r] += treeValue(nodes, others, cols, r);
      return out;
    },
  };
}

/** Throws InputError unless x holds whole rows of `cols` columns. */
export function checkCells(where: string, x: Cells, cols: number): void {
  if (!Number.isInteger(cols) || cols < 1) {
    throw new InputError({ where: "cols", came: `${cols}`, expected: "a whole number of at least 1" });
  }
  if (x.length % cols !== 0) {
    throw new InputError({ where, came: `${x.length} numbers`, expected: `whole rows of ${cols} columns` });
  }
}

function checkOptions({ trees, leaves, leafRows, rate, ridge }: Required<BoostedTreesOptions>): void {
  const isCount = (n: number, least: number): boolean => Number.isInteger(n) && n >= least;
  if (isCount(trees, 1) && isCount(leaves, 2) && isCount(leafRows, 1) && rate > 0 && rate <= 1 && ridge >= 0) return;
  throw new InputError({
    where: "options",
    came: `trees ${trees}, leaves ${leaves}, leafRows ${leafRows}, rate ${rate}, ridge ${ridge}`,
    expected: "at least 1 tree, 2 leaves and 1 row a leaf; a rate above 0, at most 1; a ridge of at least 0",
  });
}
