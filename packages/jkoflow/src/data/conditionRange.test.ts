import { expect, it } from "vitest";
import { type ConditionRows, fitCondition } from "./condition.ts";
import { conditionPool } from "./conditionPool.ts";
import { farConditions } from "./conditionRange.ts";

/** x is 0, 1, ..., 9, whose deviation is sqrt(99 / 12) = 2.872. */
const train: ConditionRows = {
  rows: 10,
  columns: [
    { name: "x", kind: "number", values: Float64Array.from({ length: 10 }, (_, i) => i) },
    { name: "kind", kind: "category", values: [..."ababababab"] },
    { name: "z", kind: "number", values: Float64Array.from({ length: 10 }, (_, i) => 100 - i) },
  ],
};
const condition = fitCondition(train);
const pool = conditionPool(condition, train);
const given = (x: number[], z: number[]): ConditionRows => ({
  rows: x.length,
  columns: [
    { name: "z", kind: "number", values: Float64Array.from(z) },
    { name: "x", kind: "number", values: Float64Array.from(x) },
    { name: "kind", kind: "category", values: x.map(() => "a") },
  ],
});

it("is far from a standard deviation beyond the training rows on", () => {
  const sd = Math.sqrt(99 / 12);
  const inside = given([-0.999 * sd, 9 + 0.999 * sd, 4], [95, 95, 95]);
  expect(farConditions(condition, pool, inside)).toEqual([]);
  expect(farConditions(condition, pool, train)).toEqual([]);
  const [low, high] = [-1.001 * sd, 9 + 1.001 * sd];
  expect(farConditions(condition, pool, given([5, low, high], [95, 95, 1000]))).toEqual([
    { column: "x", rows: 2, firstRow: 1, value: low, low: 0, high: 9 },
    { column: "z", rows: 1, firstRow: 2, value: 1000, low: 91, high: 100 },
  ]);
});
