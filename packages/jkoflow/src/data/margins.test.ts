import { describe, expect, it } from "vitest";
import { InputError } from "../errors/errors.ts";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { fitStandardizer } from "./standardize.ts";
import { parseStandardizer } from "./standardizerState.ts";
import { createTable, type Table } from "./table.ts";
import { applyTransform, type Bounds, invertTransform, marginTransform, transformLogSlope } from "./transform.ts";

/** A spike in a normal column, sharp edges, and values in (0, 1) that heap at both ends. */
function rowsOf(part: string, n: number): Table {
  const key = fold(createKey("margins"), part);
  const [z, u, v] = [normal(key, 2 * n), uniform(fold(key, "u"), n), uniform(fold(key, "v"), n)];
  const values = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    values[3 * i] = i % 3 === 0 ? 2 + z[2 * i] / 500 : z[2 * i];
    values[3 * i + 1] = 10 * u[i] + values[3 * i];
    values[3 * i + 2] = 0.5 - 0.499 * Math.cos(Math.PI * v[i]);
  }
  return createTable(values, ["spike", "edges", "share"]);
}

const [train, heldOut] = [rowsOf("train", 3000), rowsOf("held", 800)];
const bounds: Readonly<Record<string, Bounds>> = { share: [0, 1] };

describe.each(["zscore", "whiten"] as const)("columns behind kernel margins, %s", (kind) => {
  const standardizer = fitStandardizer(train, { kind, transform: "margins", heldOut, bounds });

  it("come back", () => {
    const x = standardizer.inverse(standardizer.forward(heldOut)).values;
    const slopes = standardizer.logAbsDet(heldOut);
    for (let at = 0; at < x.length; at++) {
      // Half a unit of 2^-24 of the standardised value, through the slopes there.
      const scale = Math.abs(heldOut.values[at]) + 1 + Math.exp(-Math.min(0, slopes[Math.floor(at / 3)]));
      expect(Math.abs(x[at] - heldOut.values[at])).toBeLessThan(1e-5 * scale);
    }
  });

  it("survive JSON to the bit", () => {
    const again = parseStandardizer(JSON.parse(JSON.stringify(standardizer)));
    expect(again.forward(heldOut)).toEqual(standardizer.forward(heldOut));
    expect(again.logAbsDet(heldOut)).toEqual(standardizer.logAbsDet(heldOut));
  });

  it("stay inside of declared bounds, whatever is inverted", () => {
    const far = new Float32Array([0, 0, -1e3, 0, 0, 1e3, 40, -40, 40]);
    const { values } = standardizer.inverse(far);
    for (let at = 2; at < 9; at += 3) {
      expect(values[at]).toBeGreaterThan(0);
      expect(values[at]).toBeLessThan(1);
    }
  });
});

describe("the transform of a column", () => {
  const column = (table: Table, k: number): Float64Array =>
    Float64Array.from({ length: table.rows }, (_, i) => table.values[3 * i + k]);

  it.each([
    [0, null],
    [2, bounds.share],
  ] as const)("column %d: what a normal law of it becomes integrates to one", (k, inside) => {
    const transform = marginTransform(column(train, k), column(heldOut, k), inside);
    // Midpoints of cells that are even in u: sum N(u) |du/dx| dx. Where the slope jumps within a cell, it errs by a part of it.
    let sum = 0;
    const count = 200_000;
    const edges = Array.from({ length: count + 1 }, (_, i) => invertTransform(transform, -8 + (16 * i) / count));
    for (let i = 1; i < edges.length; i++) {
      const middle = (edges[i] + edges[i - 1]) / 2;
      const u = applyTransform(transform, middle);
      const density = Math.exp(-(u ** 2) / 2 + transformLogSlope(transform, middle)) / Math.sqrt(2 * Math.PI);
      sum += density * (edges[i] - edges[i - 1]);
    }
    expect(Math.abs(sum - 1)).toBeLessThan(2e-3);
  });

  it("needs held-out rows", () => {
    expect(() => fitStandardizer(train, { transform: "margins" })).toThrow("heldOut");
  });
});

describe("a state from a file", () => {
  const state = JSON.parse(JSON.stringify(fitStandardizer(train, { transform: "margins", heldOut, bounds })));
  const changed: readonly (readonly [string, (transform: Record<string, unknown>) => void])[] = [
    ["knots that do not rise", (t) => (t.cells as number[]).reverse()],
    ["values that do not rise", (t) => (t.values as number[]).fill(0)],
    ["fewer values than knots", (t) => (t.values as number[]).pop()],
    ["no knots", (t) => Object.assign(t, { cells: [], values: [] })],
    ["a step of zero", (t) => Object.assign(t, { step: 0 })],
    ["no scale", (t) => Object.assign(t, { scale: null })],
    ["a reach below zero", (t) => Object.assign(t, { scale: { centre: 0, width: 1, reach: -1 } })],
    ["bounds that are none", (t) => Object.assign(t, { bounds: [2, 1] })],
  ];

  it.each(changed)("%s is refused", (_, change) => {
    const copy = structuredClone(state);
    change(copy.transforms[2]);
    expect(() => parseStandardizer(copy)).toThrow(InputError);
    expect(() => parseStandardizer(state)).not.toThrow();
  });
});
