import { describe, expect, it } from "vitest";
import { createKey, fold, type Key, log, uniform } from "../random/index.ts";
import { cellLogProb, cellProbability, fitCells } from "./cellDistribution.ts";
import { drawCells } from "./cellDraws.ts";
import { parseCells } from "./cellState.ts";
import { type CellColumn, cellColumns } from "./cells.ts";
import { variableStates } from "./cellVariables.ts";
import type { ConditionRows } from "./condition.ts";
import { otherPattern } from "./gapPatterns.ts";

const codes = (name: string, levels: number, values: readonly number[]): ConditionRows["columns"][number] => ({
  name,
  kind: "cell",
  values: Int32Array.from(values),
  levels,
});

/** Two gaps that come together or not at all, colour and size that hang together, and their product's parity. */
const columns: CellColumn[] = [
  { name: "a is missing", levels: 2, of: "state" },
  { name: "b is missing", levels: 3, of: "state" },
  { name: "colour", levels: 3, of: "level" },
  { name: "size", levels: 2, of: "level" },
  { name: "parity", levels: 2, of: "level" },
];
function rowsBy(n: number, key: Key): ConditionRows {
  const u = uniform(key, 4 * n);
  const rows = Array.from({ length: n }, (_, i) => {
    const gap = u[4 * i] < 0.05 ? 1 : 0;
    const atom = gap === 1 ? 1 : u[4 * i] < 0.15 ? 2 : 0;
    const colour = u[4 * i + 1] < 0.6 ? 0 : u[4 * i + 1] < 0.9 ? 1 : 2;
    const size = u[4 * i + 2] < (colour === 0 ? 0.2 : 0.7) ? 1 : 0;
    // No two of colour, size and parity show what the three have in common.
    const parity = u[4 * i + 3] < 0.95 ? (colour + size) % 2 : (colour + size + 1) % 2;
    return [gap, atom, colour, size, parity];
  });
  return {
    rows: n,
    columns: columns.map(({ name, levels }, k) =>
      codes(
        name,
        levels,
        rows.map((row) => row[k]),
      ),
    ),
  };
}
const N = 3000;
const train = rowsBy(N, createKey("train"));
const fitted = fitCells(columns, train, undefined);

/** Every combination of codes, as rows. */
function all(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (rows, size) => rows.flatMap((row) => Array.from({ length: size }, (_, k) => [...row, k])),
    [[]],
  );
}
const rowsOf = (rows: readonly number[][], of = columns): ConditionRows => ({
  rows: rows.length,
  columns: of.map(({ name, levels }, k) =>
    codes(
      name,
      levels,
      rows.map((row) => row[k]),
    ),
  ),
});
const everyRow = all(columns.map(({ levels }) => levels));

describe("distribution of cells", () => {
  it("is positive everywhere and sums to one over all cells, patterns that never occurred among them", () => {
    const p = cellLogProb(fitted, rowsOf(everyRow), undefined).map(Math.exp);
    expect(p.every((x) => x > 0)).toBe(true);
    expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
    const [first] = fitted.variables;
    expect(first.of === "patterns" && first.patterns.seen).toEqual([0, 0, 0, 2, 1, 1]);
  });

  it("costs what the true distribution costs, and a third of a nat less than without what three have in common", () => {
    const fresh = rowsBy(20_000, createKey("fresh"));
    const nll = (d: typeof fitted): number =>
      -cellLogProb(d, fresh, undefined).reduce((sum, x) => sum + x / fresh.rows, 0);
    const h = (...p: number[]): number => -p.reduce((sum, x) => sum + x * log(x), 0);
    // Entropy of pattern, colour, size given colour, parity given both; standard error of the fresh rows 0.006.
    const entropy = h(0.05, 0.1, 0.85) + h(0.6, 0.3, 0.1) + 0.6 * h(0.2, 0.8) + 0.4 * h(0.7, 0.3) + h(0.95, 0.05);
    expect(nll(fitted) - entropy).toBeGreaterThan(-0.02);
    expect(nll(fitted) - entropy).toBeLessThan(0.03);
    expect(fitted.weight).toBeGreaterThan(0.9);
    expect(nll({ ...fitted, weight: 0 }) - nll(fitted)).toBeGreaterThan(0.33);
  });

  it("marginals are sums of the whole", () => {
    const probability = cellProbability(fitted);
    const states = all(fitted.variables.map(variableStates));
    for (const known of [
      [-1, 1, -1, -1],
      [0, -1, -1, 1],
      [-1, -1, -1, -1],
      [1, 0, 1, -1],
    ]) {
      const sum = states
        .filter((row) => known.every((state, k) => state < 0 || row[k] === state))
        .reduce((total, row) => total + probability(row), 0);
      expect(probability(known)).toBeCloseTo(sum, 12);
    }
  });

  it("is drawn in its own rates: every cell within four binomial standard errors, no pattern that is not in the data", () => {
    const n = 50_000;
    const drawn = drawCells(fitted, columns, createKey(7), n);
    const p = cellLogProb(fitted, rowsOf(everyRow), undefined).map(Math.exp);
    const seen = new Map<string, number>();
    for (let i = 0; i < n; i++) {
      const name = drawn.columns.map(({ values }) => values[i]).join();
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    const [first] = fitted.variables;
    const patterns = first.of === "patterns" ? first.patterns : undefined;
    const other = cellProbability(fitted)(fitted.variables.map((_, k) => (k === 0 ? otherPattern(patterns!)! : -1)));
    everyRow.forEach((row, k) => {
      const isSeen = ["0,0", "0,2", "1,1"].includes(row.slice(0, 2).join());
      const share = isSeen ? p[k] / (1 - other) : 0;
      const found = (seen.get(row.join()) ?? 0) / n;
      expect(Math.abs(found - share)).toBeLessThanOrEqual(
        4 * Math.sqrt((share * (1 - share)) / n) + (share > 0 ? 1 / n : 0),
      );
    });
  });

  it("is drawn given some of its levels as Bayes' rule has it", () => {
    const n = 20_000;
    const drawn = drawCells(fitted, columns, createKey(8), n, { size: 1, parity: 0 });
    const share = (rows: readonly number[][]): number =>
      cellLogProb(fitted, rowsOf(rows), undefined).reduce((sum, x) => sum + Math.exp(x), 0);
    const whole = share(everyRow.filter((row) => row[3] === 1 && row[4] === 0));
    for (let colour = 0; colour < 3; colour++) {
      const expected = share(everyRow.filter((row) => row[2] === colour && row[3] === 1 && row[4] === 0)) / whole;
      const found = drawn.columns[2].values.filter((x: number | string) => x === colour).length / n;
      expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / n) + 1e-4);
    }
    expect(drawn.columns[3].values.every((x: number | string) => x === 1)).toBe(true);
  });

  it("a draw depends on its row alone", () => {
    const long = drawCells(fitted, columns, createKey(9), 100);
    const short = drawCells(fitted, columns, createKey(9), 40);
    for (const [k, { values }] of short.columns.entries())
      expect(Array.from<unknown>(values)).toEqual(Array.from<unknown>(long.columns[k].values).slice(0, 40));
  });

  it("is conditional on what a user gives: sums to one given each category", () => {
    const given: ConditionRows = {
      rows: N,
      columns: [
        {
          name: "shop",
          kind: "category",
          values: Array.from({ length: N }, (_, i) => train.columns[2].values[i]).map(
            (c, i) => `s${(Number(c) + (i % 7 ? 0 : 1)) % 3}`,
          ),
        },
      ],
    };
    const conditional = fitCells(columns, train, given);
    for (const shop of ["s0", "s1", "s2"]) {
      const same: ConditionRows = {
        rows: everyRow.length,
        columns: [{ name: "shop", kind: "category", values: everyRow.map(() => shop) }],
      };
      const p = cellLogProb(conditional, rowsOf(everyRow), same).map(Math.exp);
      expect(p.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
      const drawn = drawCells(
        conditional,
        columns,
        createKey(shop),
        500,
        {},
        { rows: 500, columns: [{ name: "shop", kind: "category", values: new Array(500).fill(shop) }] },
      );
      const own = drawn.columns[2].values.filter((x: number | string) => `s${x}` === shop).length / 500;
      expect(own).toBeGreaterThan(0.5);
    }
    expect(() => cellLogProb(conditional, rowsOf(everyRow), undefined)).toThrow("shop");
  });

  it("keeps the rate of a rare level, and that of an independent column is not followed", () => {
    const n = 2000;
    const u = uniform(fold(createKey("rare"), 1), 2 * n);
    const rare: CellColumn[] = [
      { name: "lab", levels: 2, of: "level" },
      { name: "other", levels: 8, of: "level" },
    ];
    const rows = Array.from({ length: n }, (_, i) => [i % 500 === 250 ? 1 : 0, Math.floor(8 * u[2 * i])]);
    const one = fitCells(rare, rowsOf(rows, rare), undefined);
    expect(one.tree.map(({ parent }) => parent)).toEqual([-1, -1]); // four rows tell nothing of the other column
    const p = cellLogProb(one, rowsOf(all([2, 8]), rare), undefined).map(Math.exp);
    expect(p.slice(8).reduce((sum, x) => sum + x, 0)).toBeCloseTo(0.002, 3);
  });

  it("survives JSON, and damage to it is refused", () => {
    const copy = () => JSON.parse(JSON.stringify(fitted));
    expect(parseCells(copy(), columns, "cells")).toEqual(fitted);
    const damage: ((value: ReturnType<typeof copy>) => void)[] = [
      (value) => void (value.weight = 1),
      (value) => value.tree.pop(),
      (value) => void (value.tree[1].parent = 3),
      (value) => void (value.tree[0].counts = [0, 0, 0, 0]),
      (value) => void (value.variables[0].patterns.seen[0] = 9),
      (value) => void (value.variables[0].patterns.shares[0] = [0.5, 0.6]),
      (value) => void (value.variables[1].levels = 4),
      (value) => value.table.rows.pop(),
      (value) => void (value.variables[1].name = "constructor"),
    ];
    for (const change of damage) {
      const value = copy();
      change(value);
      expect(() => parseCells(value, columns, "cells")).toThrow("cells");
    }
    expect(() => parseCells(copy(), columns.slice(1), "cells")).toThrow("cells");
  });
});

describe("cells of a schema", () => {
  it("are states of columns and levels of categories", () => {
    const q = { mean: 0, sd: 1 };
    expect(
      cellColumns({
        columns: [
          { name: "x", kind: "number", missing: q, atoms: { ...q, values: [0, 5] }, apart: true },
          { name: "c", kind: "category", levels: ["a", "b", null], apart: true },
          { name: "in the flow", kind: "category", levels: ["a", "b"] },
          { name: "y", kind: "number" },
        ],
      }),
    ).toEqual([
      { name: "x is missing", levels: 4, of: "state" },
      { name: "c", levels: 3, of: "level" },
    ]);
  });
});

describe("columns of which the third follows from the first two", () => {
  // a xor b: no two of the three show anything, so the tree is three coins and each combination is seen 500 times or never.
  const n = 2000;
  const bit = (k: number) => Array.from({ length: n }, (_, i) => (i >> k) & 1);
  const three: CellColumn[] = ["a", "b", "both"].map((name) => ({ name, levels: 2, of: "level" }));
  const values = [bit(0), bit(1), bit(0).map((x, i) => x ^ bit(1)[i])];
  const cells: ConditionRows = { rows: n, columns: three.map(({ name }, k) => codes(name, 2, values[k])) };
  const distribution = fitCells(three, cells, undefined);

  it("leaves a combination without a row the share of one row in the tree's, not none", () => {
    const [unseen] = cellLogProb(distribution, rowsOf([[0, 0, 1]], three), undefined);
    expect(unseen).toBeCloseTo(-Math.log(8 * (n + 1)), 9);
    const sum = cellLogProb(distribution, rowsOf(all([2, 2, 2]), three), undefined).reduce(
      (s, x) => s + Math.exp(x),
      0,
    );
    expect(sum).toBeCloseTo(1, 12);
  });

  it("survives its file", () => {
    expect(parseCells(JSON.parse(JSON.stringify(distribution)), three, "file")).toEqual(distribution);
  });
});
