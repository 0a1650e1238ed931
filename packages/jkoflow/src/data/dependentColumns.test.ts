import { describe, expect, it } from "vitest";
import { createKey, fold, normal } from "../random/index.ts";
import { dependentColumns } from "./dependentColumns.ts";
import { createTable, type Table } from "./table.ts";

const rows = 500;
const noise = (name: string): Float32Array => normal(fold(createKey(4), name), rows);
const [x, y, w] = ["x", "y", "w"].map(noise);

function table(columns: Record<string, (i: number) => number>, n = rows): Table {
  const names = Object.keys(columns);
  const d = names.length;
  return createTable(
    Float32Array.from({ length: n * d }, (_, at) => columns[names[at % d]](Math.floor(at / d))),
    names,
  );
}
const other = noise("other");
const free = { x: (i: number) => x[i], y: (i: number) => y[i], w: (i: number) => w[i] };

describe("dependentColumns", () => {
  it.each([
    ["a copy", { ...free, z: (i: number) => y[i] }, ["y"]],
    ["a copy in other units", { ...free, z: (i: number) => 3 - 1000 * y[i] }, ["y"]],
    ["a sum", { ...free, z: (i: number) => x[i] + 2 * y[i] }, ["y", "x"]],
    ["a sum far from zero", { ...free, z: (i: number) => 5e4 + x[i] + 2 * y[i] }, ["y", "x"]],
    ["a mean of all", { ...free, z: (i: number) => (3 * x[i] + 2 * y[i] + w[i]) / 3 }, ["x", "y", "w"]],
  ])("finds %s, as rounded by float32", (_, columns, of) => {
    const [found, ...others] = dependentColumns(table(columns));
    expect(others).toEqual([]);
    expect(found.column).toBe("z");
    expect(found.of).toEqual(of);
    expect(found.kind).toBe("exact");
  });

  it("names the last column of shares of a whole, and tells rounding to decimals from rounding to float32", () => {
    const e = (i: number): [number, number, number] => [Math.exp(x[i]), Math.exp(y[i]), Math.exp(w[i])];
    const share = (k: number, digits: number) => (i: number) => {
      const parts = e(i);
      return Number((parts[k] / (parts[0] + parts[1] + parts[2])).toFixed(digits));
    };
    const exact = dependentColumns(table({ a: share(0, 9), b: share(1, 9), c: share(2, 9) }));
    expect(exact.map(({ column, kind }) => [column, kind])).toEqual([["c", "exact"]]);
    expect(new Set(exact[0].of)).toEqual(new Set(["a", "b"]));
    const rounded = dependentColumns(table({ a: share(0, 4), b: share(1, 4), c: share(2, 4) }));
    expect(rounded.map(({ column, kind }) => [column, kind])).toEqual([["c", "nearly"]]);
    // The rounding of three numbers to 1e-4 has the deviation sqrt(3 / 12) 1e-4, but a whole of 1 shares it out to even numbers.
    expect(rounded[0].residual).toBeLessThan(1e-3);
    expect(rounded[0].residual).toBeGreaterThan(1e-5);
  });

  it("leaves columns alone that only hang together", () => {
    expect(dependentColumns(table({ ...free, z: (i) => x[i] + 0.01 * other[i] }))).toEqual([]);
    expect(dependentColumns(table({ ...free, z: (i) => x[i] ** 3 }))).toEqual([]);
    expect(dependentColumns(table({ ...free, constant: () => 7 }))).toEqual([]);
  });

  it("does not take a lack of rows for a dependence, but sees copies", () => {
    const wide = normal(createKey(5), 20 * 30);
    expect(dependentColumns(createTable(wide, 30))).toEqual([]);
    const copied = wide.map((value, at) => (at % 30 === 17 ? -2 * wide[at - 12] : value));
    expect(dependentColumns(createTable(copied, 30))).toMatchObject([{ column: "x18", of: ["x6"], kind: "exact" }]);
  });
});
