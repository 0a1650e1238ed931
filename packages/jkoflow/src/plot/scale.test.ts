import { expect, test } from "vitest";
import { extent, formatTick, linearScale, padded, tickStep, ticks } from "./scale.ts";

test("a scale maps the ends of its domain to the ends of its range", () => {
  const scale = linearScale([-2, 3], [100, 0]);
  expect([scale.at(-2), scale.at(3), scale.at(0.5)]).toEqual([100, 0, 50]);
  expect(linearScale([4, 4], [0, 10]).at(4)).toBe(5);
});

test.each([
  [[0, 1], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [[-4.2, 4.2], 5, [-4, -2, 0, 2, 4]],
  [[0.1, 0.34], 3, [0.1, 0.2, 0.3]],
  [[0, 51_000], 5, [0, 10_000, 20_000, 30_000, 40_000, 50_000]],
] as const)("ticks of %j", (range, count, expected) => {
  expect(ticks(range, count)).toEqual(expected);
});

test("tick texts have the decimals of the step", () => {
  expect(formatTick(0.30000000000000004, 0.1)).toBe("0.3");
  expect(formatTick(-2, 1)).toBe("−2");
  expect(formatTick(2.5, 0.5)).toBe("2.5");
  expect(formatTick(200_000, 50_000)).toBe("2.0e5");
  expect(formatTick(0.00002, 0.00001)).toBe("2e−5");
  expect(formatTick(0, 0.01)).toBe("0");
});

test("a range without width gets one, and nothing that is not finite counts", () => {
  expect(extent([3, Number.NaN, -1, Number.POSITIVE_INFINITY])).toEqual([-1, 3]);
  expect(extent([])).toEqual([0, 1]);
  expect(padded([5, 5], 0.1)).toEqual([4.5, 5.5]);
  expect(tickStep([1, 1], 5)).toBe(1);
});
