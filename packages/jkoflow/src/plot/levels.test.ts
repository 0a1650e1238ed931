import { expect, it } from "vitest";
import { drawLevelBars, drawLevelPairs, drawLevelRanges, levelPlaces } from "./levels.ts";

const box = { left: 0, top: 0, width: 300, height: 300 };
const levels = [
  { name: "a", values: [7] },
  { name: "b", values: [2, 3] },
  { name: "gap", values: [Number.NaN] },
];
const NA = Number.NaN;
/** The attribute of every element of a kind, in order. */
const all = (svg: string, tag: string, attribute: string): number[] =>
  [...svg.matchAll(new RegExp(`<${tag}[^>]* ${attribute}="(-?[\\d.]+)"`, "g"))].map((match) => Number(match[1]));

it("finds the level of a value, of several, and of a gap", () => {
  expect([...levelPlaces(Float32Array.of(7, 3, NA, 2, 8), levels)]).toEqual([0, 1, 2, 1, NA]);
});

it("draws bars as high as their shares", () => {
  const data = Float64Array.of(0, 0, 0, 1); // 3/4, 1/4, 0
  const model = Float64Array.of(0, 1, NA, 2); // 1/4 each; one row is of no level
  const heights = all(drawLevelBars(box, levels, data, model), "rect", "height");
  const unit = 300 / 1.08 / 0.75; // the highest bar leaves a little room
  const expected = [0.75, 0.25, 0, 0.25, 0.25, 0.25].map((share) => Math.round(10 * share * unit) / 10);
  expect(heights).toEqual(expected);
});

it("draws squares of areas as their shares", () => {
  const data = [Float64Array.of(0, 0, 0, 0, 1), Float64Array.of(1, 1, 1, 1, 0)] as const;
  const model = [Float64Array.of(0, 2), Float64Array.of(NA, 2)] as const;
  const svg = drawLevelPairs(box, levels, levels, data, model);
  const sides = all(svg, "rect", "width");
  expect(sides).toEqual([92, 46, Math.round(920 * Math.sqrt(0.5 / 0.8)) / 10]); // of slots of 100 pixels; 4/5, 1/5, 1/2
  expect(all(svg, "rect", "x")[0] + 46).toBeCloseTo(50, 5); // level 0 of 3
  expect(all(svg, "rect", "y")[0] + 46).toBeCloseTo(150, 5);
});

it("draws the median and central ranges of another column, at the level of its rows", () => {
  const values = Float64Array.from({ length: 101 }, (_, i) => i); // quantile p is 100 p
  const places = new Float64Array(101).fill(1);
  const empty = [Float64Array.of(NA), Float64Array.of(1)] as const;
  const svg = drawLevelRanges(box, levels, [0, 100], [places, values], empty, "x");
  const [wide, middle, median] = [...svg.matchAll(/ d="([^"]+)"/g)].map((match) => match[1]);
  const heightsOf = (path: string): number[] => [...path.matchAll(/ ([\d.]+)/g)].map((match) => Number(match[1]));
  expect(new Set(heightsOf(wide))).toEqual(new Set([292.5, 7.5]));
  expect(new Set(heightsOf(middle))).toEqual(new Set([225, 75]));
  expect(heightsOf(median)).toEqual([150, 150]);
  const turned = drawLevelRanges(box, levels, [0, 100], [places, values], empty, "y");
  expect(turned).toContain("M7.5 ");
});
