import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { mixtureLogProb } from "./components.ts";
import { addRow, createRanking, emptyMoments, maximization } from "./em.ts";
import { type EmState, emPasses, splitRanking } from "./incrementalEm.ts";
import { scoreLogProb } from "./score.ts";
import { splitComponents } from "./splitComponents.ts";

const [rows, cols] = [4000, 2];
/** Two clusters of unequal weight. */
const pick = uniform(fold(createKey(1), "pick"), rows);
const x = Float64Array.from(normal(createKey(1), rows * cols), (z, at) => z * 0.5 + (pick[at >> 1] < 0.3 ? 2 : -1));

function startOf(count: number): EmState {
  const moments = emptyMoments(count, cols);
  for (let r = 0; r < rows; r++) addRow(moments, r % count === 0 || x[2 * r] > 0 ? 0 : count - 1, 1, x, 2 * r, cols);
  return {
    components: maximization(moments, cols, 0),
    moments,
    ridgeCount: 0,
    ranking: createRanking(0, count),
    passes: 0,
  };
}

describe("EM block by block", () => {
  it("never lowers the likelihood from pass to pass, and its moments stay those of all rows", () => {
    const states = emPasses({ x, rows, cols }, startOf(2), 4);
    let last = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < 8; pass++) {
      const { components, moments } = states.next().value;
      const { nll } = scoreLogProb(mixtureLogProb(components, x));
      expect(nll).toBeLessThan(last + 1e-4); // the jitter of 1e-4 per variance is outside of the bound
      last = nll;
      // Shares of at most 1e-6 are left out of a row's moments.
      expect(moments.count[0] + moments.count[1]).toBeCloseTo(rows, 1);
    }
  });

  it("ends where EM in passes ends", () => {
    const blocks = emPasses({ x, rows, cols }, startOf(2), 1);
    const whole = emPasses({ x: x.subarray(0, 1500 * cols), rows: 1500, cols }, startOf(2), 1); // one block only
    const same = emPasses({ x: x.subarray(0, 1500 * cols), rows: 1500, cols }, startOf(2), 1);
    let [a, b, c] = [blocks.next().value, whole.next().value, same.next().value];
    for (let pass = 0; pass < 30; pass++) [a, b, c] = [blocks.next().value, whole.next().value, same.next().value];
    expect(b.components).toEqual(c.components);
    // Well separated clusters: weights are those of the draw, 0.3 +- 0.007 of 4,000 rows.
    expect(Math.abs(Math.min(...a.components.weight) - 0.3)).toBeLessThan(0.03);
    expect(Math.abs(Math.min(...b.components.weight) - 0.3)).toBeLessThan(0.05);
  });
});

describe("splitting", () => {
  const { moments } = startOf(2);
  const split = splitComponents(moments, cols, 5);

  it("keeps counts, means and covariances of the whole", () => {
    for (const name of ["count", "first", "second"] as const) {
      const size = moments[name].length / 2;
      for (let i = 0; i < size; i++) {
        const sum = (all: Float64Array, count: number): number =>
          Array.from({ length: count }, (_, k) => all[k * size + i]).reduce((a, b) => a + b, 0);
        expect(sum(split.moments[name], 5)).toBeCloseTo(sum(moments[name], 2), 6);
      }
    }
    expect(split.origin[0]).toBe(0);
    expect(split.origin[1]).toBe(1);
  });

  it("takes the ranking over to the pieces", () => {
    const ranking = { order: Uint16Array.of(1, 0, 0, 1), plausible: Uint16Array.of(1, 2) };
    const { order, plausible } = splitRanking(ranking, 2, Uint16Array.of(0, 1, 1));
    expect(Array.from(order)).toEqual([1, 2, 0, 0, 1, 2]);
    expect(Array.from(plausible)).toEqual([2, 3]);
  });
});
