import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { oddCells, regularRange } from "./oddCells.ts";
import { createTable } from "./table.ts";
import { toys } from "./toys/registry.ts";

const ROWS = 2000;
const gauss = (name: string): Float64Array => Float64Array.from(normal(createKey(name), ROWS));
const withValues = (column: Float64Array, ...values: readonly number[]): Float64Array => {
  const changed = column.slice();
  changed.set(values, 10);
  return changed;
};

/** What has no odd value, however long its tails are. */
const regular: Readonly<Record<string, (seed: number) => Float64Array>> = {
  normal: (seed) => gauss(`normal ${seed}`),
  uniform: (seed) => Float64Array.from(uniform(fold(createKey("u"), seed), ROWS)),
  exponential: (seed) => Float64Array.from(uniform(fold(createKey("e"), seed), ROWS), (u) => -Math.log(1 - u)),
  Cauchy: (seed) => Float64Array.from(uniform(fold(createKey("c"), seed), ROWS), (u) => Math.tan(Math.PI * (u - 0.5))),
  "log-normal, sigma 3": (seed) => gauss(`lognormal ${seed}`).map((z) => Math.exp(3 * z)),
  "a wide twentieth": (seed) => gauss(`mixed ${seed}`).map((z, i) => (i % 20 === 0 ? 30 * z : z)),
  "two far clusters": (seed) => gauss(`clusters ${seed}`).map((z, i) => (i % 3 === 0 ? 1000 + z : z)),
  "whole numbers": (seed) => gauss(`whole ${seed}`).map((z) => Math.round(2 * z)),
  "mostly zero": (seed) => gauss(`zero ${seed}`).map((z, i) => (i % 10 === 0 ? z : 0)),
  "one value": () => new Float64Array(ROWS).fill(7),
};

describe("odd values", () => {
  for (const [name, make] of Object.entries(regular)) {
    it(`are not found in: ${name}`, () => {
      for (let seed = 0; seed < 40; seed++) expect(regularRange(make(seed))).toBeUndefined();
    });
  }

  it("are not found in any toy", () => {
    for (const [name, toy] of Object.entries(toys)) {
      const rows = createTable(toy.sample(createKey(name), 3000), ["x", "y"]);
      expect(oddCells(rows), name).toEqual([]);
    }
  });

  it("are found where a gap lies before them, whatever the unit", () => {
    for (const unit of [1e-6, 1, 1e6]) {
      const column = withValues(gauss("one"), 1e5).map((x) => 5 + unit * x);
      const range = regularRange(column)!;
      expect(range.centre).toBeCloseTo(5, unit > 1 ? -6 : 1);
      // Of 1,999 normal values: the quartile distance is within 5 % of 1.349, the largest deviation between 2.8 and 4.6.
      expect(Math.abs(range.scale / unit - 1)).toBeLessThan(0.05);
      expect(range.edge).toBeGreaterThan(2.8);
      expect(range.edge).toBeLessThan(4.6);
    }
  });

  it("such as errors of measurement in a skewed column", () => {
    // Widths of stones: median 5.7, quartile distance about 1.5, the largest regular one near 11.
    const widths = Float64Array.from(normal(createKey("stones"), 20_000), (z) => 5.7 * Math.exp(0.2 * z));
    expect(regularRange(widths)).toBeUndefined();
    widths.set([58.9, 31.8], 100);
    const range = regularRange(widths)!;
    const largest = [...widths].filter((x) => x < 20).reduce((a, b) => Math.max(a, b));
    expect(range.centre + range.edge * range.scale).toBeCloseTo(largest, 9);
  });

  it("of both signs, of several sizes, and a code for gaps, up to a hundredth of the rows", () => {
    const count = (values: readonly number[]): number => {
      const column = withValues(gauss("several"), ...values);
      return oddCells(createTable(Float32Array.from(column), ["x"])).length;
    };
    expect(count([1e5, -1e4, 300])).toBe(3);
    expect(count(new Array(20).fill(-999))).toBe(20);
    expect(count(new Array(21).fill(-999))).toBe(0); // no longer odd: a part of the distribution
    expect(count([25])).toBe(0); // within the limit
  });

  it("are named by column, row, value and deviation, the farthest first", () => {
    const columns = [withValues(gauss("a"), 0.5, 4000), gauss("b"), withValues(gauss("c"), 1e6)];
    const values = Float32Array.from({ length: 3 * ROWS }, (_, at) => columns[at % 3][Math.floor(at / 3)]);
    const cells = oddCells(createTable(values, ["a", "b", "c"]));
    expect(cells.map(({ column, row, value }) => [column, row, value])).toEqual([
      ["c", 10, 1e6],
      ["a", 11, 4000],
    ]);
    // Within 5 % of value / sd, as the scale above.
    expect(Math.abs(cells[0].deviations / 1e6 - 1)).toBeLessThan(0.06);
    expect(oddCells(createTable(values, ["a", "b", "c"]), 5000)).toHaveLength(1);
  });

  it("are not looked for in a handful of rows", () => {
    expect(oddCells(createTable(Float32Array.of(1, 2, 3, 4, 5, 1e9), ["x"]))).toEqual([]);
  });
});
