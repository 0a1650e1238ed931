/** How well boosted trees tell two samples apart, by ordinary cross-validation: every row is judged once. */
import { type Cells, fitBoostedTrees } from "../../packages/jkoflow/src/evaluate/index.ts";
import { fold, type Key, permutation } from "../../packages/jkoflow/src/random/index.ts";

const FOLDS = 5;

/** Share of the rows of x and of y, equally many of [n, cols] each, whose origin is told by trees that have not seen them. */
export function treeAccuracy(x: Cells, y: Cells, cols: number, key: Key): number {
  const n = x.length / cols;
  const places = [permutation(fold(key, "x"), n), permutation(fold(key, "y"), n)];
  const all = [x, y].flatMap((sample, side) =>
    Array.from({ length: n }, (_, r) => ({
      cells: sample.subarray(r * cols, (r + 1) * cols),
      side,
      held: places[side][r] % FOLDS,
    })),
  );
  let correct = 0;
  for (let held = 0; held < FOLDS; held++) {
    const part = (rows: typeof all): [Float64Array, number[]] => {
      const values = new Float64Array(rows.length * cols);
      rows.forEach(({ cells }, i) => {
        values.set(cells, i * cols);
      });
      return [values, rows.map(({ side }) => side)];
    };
    const [learnt, labels] = part(all.filter((row) => row.held !== held));
    const [judged, truth] = part(all.filter((row) => row.held === held));
    const scores = fitBoostedTrees(learnt, labels, cols).logOdds(judged);
    scores.forEach((score, i) => {
      correct += score === 0 ? 0.5 : score > 0 === (truth[i] === 1) ? 1 : 0;
    });
  }
  return correct / all.length;
}
