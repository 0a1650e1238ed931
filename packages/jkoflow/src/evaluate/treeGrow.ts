/**
 * One regression tree of a boosted sum, grown best split first.
 *
 * Sources: J. Friedman, "Greedy function approximation: a gradient boosting machine", Ann. Stat. 29 (2001), 1189-1232; the
 * second-order gain and leaf value of T. Chen and C. Guestrin, "XGBoost", KDD 2016, arXiv:1603.02754, eqs. 5 to 7; sums over
 * bins, growth by the best leaf and the sibling by subtraction as in G. Ke et al., "LightGBM", NIPS 2017.
 *
 * With the sums G of the loss's slopes and H of its curvatures over the rows of a leaf,
 *
 *   value = -rate G / (H + lambda),    gain of a split = G_l^2 / (H_l + lambda) + G_r^2 / (H_r + lambda) - G^2 / (H + lambda).
 *
 * Missing cells go to the side where they gain more (XGBoost, algorithm 3).
 */

import type { BinnedRows, Cells } from "./treeBins.ts";

export interface TreeOptions {
  readonly leaves: number;
  /** Fewest rows of a leaf. */
  readonly leafRows: number;
  readonly rate: number;
  /** lambda: added to the curvature of a leaf. */
  readonly ridge: number;
}

/** A leaf has a value; another node sends x[column] <= threshold to the left. */
export type TreeNode =
  | { readonly value: number }
  | {
      readonly column: number;
      readonly threshold: number;
      readonly missing: "left" | "right";
      /** Places in the list of nodes; the root is at 0. */
      readonly left: number;
      readonly right: number;
    };

/** Least sum of curvatures in a leaf: below it all its rows are told with certainty already. */
const LEAST_CURVATURE = 1e-3;

interface Split {
  readonly gain: number;
  readonly column: number;
  /** The last bin that goes to the left. */
  readonly bin: number;
  readonly missing: "left" | "right";
}

interface Leaf {
  readonly node: number;
  /** Its rows are order[start .. end - 1]. */
  readonly start: number;
  readonly end: number;
  /** For each bin of each column: slopes, curvatures, rows. */
  readonly sums: Float64Array;
  readonly split: Split | undefined;
}

/** The tree for these slopes and curvatures [rows]; what it says of each row is added to `total` [rows]. */
export function growTree(
  { rows, edges, bins }: BinnedRows,
  slopes: Float64Array,
  curvatures: Float64Array,
  total: Float64Array,
  options: TreeOptions,
): readonly TreeNode[] {
  const starts = binStarts(edges);
  const order = Int32Array.from({ length: rows }, (_, r) => r);
  const spare = new Int32Array(rows);
  const nodes: TreeNode[] = [{ value: 0 }];
  const makeLeaf = (node: number, start: number, end: number, sums: Float64Array): Leaf => ({
    node,
    start,
    end,
    sums,
    split: end - start < 2 * options.leafRows ? undefined : bestSplit(sums, starts, options),
  });
  const sumOf = (start: number, end: number): Float64Array =>
    binSums(bins, starts, order.subarray(start, end), slopes, curvatures);
  const leaves: Leaf[] = [makeLeaf(0, 0, rows, sumOf(0, rows))];
  while (leaves.length < options.leaves) {
    const at = bestLeaf(leaves);
    if (at < 0) break;
    const { node, start, end, sums, split } = leaves[at];
    const { column, bin, missing } = split!;
    const none = edges[column].length + 1;
    const goesLeft = (r: number): boolean => {
      const own = bins[column][r];
      return own === none ? missing === "left" : own <= bin;
    };
    const middle = part(order, spare, start, end, goesLeft);
    const [left, right] = [nodes.length, nodes.length + 1];
    // Only what is missing goes apart where the last bin is on the left.
    const threshold = bin < edges[column].length ? edges[column][bin] : Number.POSITIVE_INFINITY;
    nodes[node] = { column, threshold, missing, left, right };
    nodes.push({ value: 0 }, { value: 0 });
    const leftIsSmaller = middle - start <= end - middle;
    const smaller = leftIsSmaller ? sumOf(start, middle) : sumOf(middle, end);
    for (let i = 0; i < sums.length; i++) sums[i] -= smaller[i]; // now those of the larger side
    leaves[at] = makeLeaf(left, start, middle, leftIsSmaller ? smaller : sums);
    leaves.push(makeLeaf(right, middle, end, leftIsSmaller ? sums : smaller));
  }
  for (const { node, start, end } of leaves) {
    let [slope, curvature] = [0, 0];
    for (let i = start; i < end; i++) {
      slope += slopes[order[i]];
      curvature += curvatures[order[i]];
    }
    const value = (-options.rate * slope) / (curvature + options.ridge);
    nodes[node] = { value };
    for (let i = start; i < end; i++) total[order[i]] += value;
  }
  return nodes;
}

/** What the tree says of row r of x [rows, cols]. */
export function treeValue(nodes: readonly TreeNode[], x: Cells, cols: number, r: number): number {
  let node = nodes[0];
  while ("column" in node) {
    const cell = x[r * cols + node.column];
    const goesLeft = Number.isNaN(cell) ? node.missing === "left" : cell <= node.threshold;
    node = nodes[goesLeft ? node.left : node.right];
  }
  return node.value;
}

/** Where the bins of each column begin in a leaf's sums, the end last; three numbers a bin. */
function binStarts(edges: readonly Float64Array[]): Int32Array {
  const starts = new Int32Array(edges.length + 1);
  edges.forEach((own, c) => {
    starts[c + 1] = starts[c] + 3 * (own.length + 2);
  });
  return starts;
}

function binSums(
  bins: readonly Uint8Array[],
  starts: Int32Array,
  rows: Int32Array,
  slopes: Float64Array,
  curvatures: Float64Array,
): Float64Array {
  const sums = new Float64Array(starts[bins.length]);
  for (let c = 0; c < bins.length; c++) {
    const [own, start] = [bins[c], starts[c]];
    for (let i = 0; i < rows.length; i++) {
      const r = rows[i];
      const at = start + 3 * own[r];
      sums[at] += slopes[r];
      sums[at + 1] += curvatures[r];
      sums[at + 2] += 1;
    }
  }
  return sums;
}

/** Of equal gains the first column and the lowest bin. */
function bestSplit(sums: Float64Array, starts: Int32Array, { leafRows, ridge }: TreeOptions): Split | undefined {
  let [slope, curvature, count] = [0, 0, 0];
  for (let at = starts[0]; at < starts[1]; at += 3) {
    slope += sums[at];
    curvature += sums[at + 1];
    count += sums[at + 2];
  }
  const whole = (slope * slope) / (curvature + ridge);
  let best: Split | undefined;
  let bestGain = 1e-12 * (1 + whole); // rounding alone
  for (let c = 0; c + 1 < starts.length; c++) {
    const none = starts[c + 1] - 3; // the missing cells
    const bins = (none - starts[c]) / 3;
    const sides: readonly ("left" | "right")[] = sums[none + 2] > 0 ? ["right", "left"] : ["right"];
    for (const missing of sides) {
      let [g, h, n] = missing === "left" ? [sums[none], sums[none + 1], sums[none + 2]] : [0, 0, 0];
      const last = missing === "right" && sides.length === 2 ? bins : bins - 1; // all that is there against what is not
      for (let bin = 0; bin < last; bin++) {
        const at = starts[c] + 3 * bin;
        if (sums[at + 2] === 0) continue;
        g += sums[at];
        h += sums[at + 1];
        n += sums[at + 2];
        if (count - n < leafRows) break;
        if (n < leafRows || h < LEAST_CURVATURE || curvature - h < LEAST_CURVATURE) continue;
        const other = slope - g;
        const gain = (g * g) / (h + ridge) + (other * other) / (curvature - h + ridge) - whole;
        if (gain > bestGain) {
          bestGain = gain;
          best = { gain, column: c, bin, missing };
        }
      }
    }
  }
  return best;
}

/** The place of the leaf whose split gains most, the first of equals; -1 where none can be split. */
function bestLeaf(leaves: readonly Leaf[]): number {
  let best = -1;
  leaves.forEach(({ split }, i) => {
    if (split !== undefined && (best < 0 || split.gain > leaves[best].split!.gain)) best = i;
  });
  return best;
}

/** Put order[start .. end - 1] that go left before the others, each side in its order; where the others begin. */
function part(
  order: Int32Array,
  spare: Int32Array,
  start: number,
  end: number,
  goesLeft: (row: number) => boolean,
): number {
  let [left, right] = [start, 0];
  for (let i = start; i < end; i++) {
    const r = order[i];
    if (goesLeft(r)) order[left++] = r;
    else spare[right++] = r;
  }
  order.set(spare.subarray(0, right), left);
  return left;
}
