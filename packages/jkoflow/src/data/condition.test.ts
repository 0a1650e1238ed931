import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import {
  type ConditionRows,
  conditionPool,
  conditionValues,
  drawConditions,
  fitCondition,
  labelMeans,
  meansOf,
  parseCondition,
  takeConditions,
} from "./index.ts";

const rows: ConditionRows = {
  rows: 6,
  columns: [
    conditionValues("species", ["owl", "cat", "owl", "owl", "cat", "ant"]),
    conditionValues("age", ["1.5", "2.5", "3.5", "4.5", "5.5", "6.5"]),
  ],
};

describe("given columns", () => {
  it("are categories for words and few whole numbers, else numbers", () => {
    expect(rows.columns.map(({ kind }) => kind)).toEqual(["category", "number"]);
    expect(conditionValues("year", ["2007", "2008", "2007.0"])).toEqual({
      name: "year",
      kind: "category",
      values: ["2007", "2008", "2007"],
    });
    expect(conditionValues("year", ["2007", "2008"], "number").kind).toBe("number");
    const many = Array.from({ length: 21 }, (_, i) => String(i));
    expect(conditionValues("count", many).kind).toBe("number");
    expect(conditionValues("count", many, "category").kind).toBe("category");
    expect(() => conditionValues("age", ["3", "old"], "number")).toThrow(/"old" in row 2, expected numbers/);
  });

  it("become places of categories and standardised numbers", () => {
    const condition = fitCondition(rows);
    expect(condition.columns[0]).toEqual({
      name: "species",
      kind: "category",
      categories: ["ant", "cat", "owl"],
      frequencies: [1 / 6, 2 / 6, 3 / 6],
    });
    const y = condition.encode(takeConditions(rows, [5, 1]));
    const sd = Math.sqrt(35 / 12); // of 1.5, ..., 6.5
    expect([...y]).toEqual([1, 0, 0, Math.fround(2.5 / sd), 0, 1, 0, Math.fround(-1.5 / sd)]);
    expect(parseCondition(JSON.parse(JSON.stringify(condition.columns))).encode(rows)).toEqual(condition.encode(rows));
  });

  it("number categories by size", () => {
    const given = { rows: 3, columns: [conditionValues("grade", ["10", "9", "3"])] };
    expect(fitCondition(given).columns[0]).toMatchObject({ categories: ["3", "9", "10"] });
  });

  it("are refused where they say nothing", () => {
    const one = { rows: 2, columns: [conditionValues("a", ["x", "x"])] };
    expect(() => fitCondition(one)).toThrow(/one category/);
    expect(() => parseCondition([{ name: "a", kind: "category", categories: ["x"], frequencies: [1] }])).toThrow();
    expect(() => parseCondition([{ name: "a", kind: "number", mean: 0, sd: 0 }])).toThrow();
  });

  it("that are not given are drawn jointly, by training frequency", () => {
    const condition = fitCondition(rows);
    const pool = conditionPool(condition, rows);
    const draw = (given: Record<string, string | number>) =>
      drawConditions(condition, pool, given, createKey(1), 6000).columns;
    const [species, age] = draw({});
    const share = (species.values as string[]).filter((word) => word === "owl").length / 6000;
    expect(Math.abs(share - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 6000));
    const ofOwls = draw({ species: "owl" })[1].values as Float64Array;
    expect([...new Set(ofOwls)].sort()).toEqual([1.5, 3.5, 4.5]); // the ages of owls and no others
    expect(age.values.length).toBe(6000);
    expect(new Set<number>(draw({ species: "ant", age: "2" })[1].values as Float64Array)).toEqual(new Set([2]));
    expect(() => draw({ species: "dog" })).toThrow(/"dog", expected one of ant, cat, owl/);
    expect(() => draw({ size: 1 })).toThrow(/no column "size", expected one of species, age/);
    expect(() => draw({ age: "old" })).toThrow(/a number/);
  });
});

describe("means of labels", () => {
  const label = (words: string[]) => ({ rows: words.length, columns: [conditionValues("label", words)] });

  it.each([1, 2, 5])("are at least 4 apart in %d columns, whatever the rows", (d) => {
    const words = Array.from({ length: 60 }, (_, i) => `k${i % 6}`);
    const condition = fitCondition(label(words));
    const y = condition.encode(label(words));
    for (const x of [normal(createKey(1), 60 * d), new Float32Array(60 * d)]) {
      const means = labelMeans(condition, x, y, d);
      for (let a = 0; a < 6; a++) {
        for (let b = 0; b < a; b++) {
          const gap = Math.hypot(...Array.from({ length: d }, (_, j) => means[a * d + j] - means[b * d + j]));
          expect(gap).toBeGreaterThan(3.999); // float32
        }
      }
    }
  });

  it("stay where the rows have them if they are apart", () => {
    const words = ["a", "a", "b", "b"];
    const condition = fitCondition(label(words));
    const x = Float32Array.of(-4, 1, -6, 1, 3, 1, 5, 1);
    const means = labelMeans(condition, x, condition.encode(label(words)), 2);
    expect([...means]).toEqual([-5, 1, 4, 1]);
    expect([...meansOf(Float32Array.of(0, 1, 1, 0), means, 2)]).toEqual([4, 1, -5, 1]);
  });

  it("on a graph move their own node only", () => {
    const columns = ["l1", "l2"].map((name, k) =>
      conditionValues(name, k === 0 ? ["0", "1", "0", "1"] : ["0", "0", "1", "1"]),
    );
    const condition = fitCondition({ rows: 4, columns });
    const y = condition.encode({ rows: 4, columns });
    const means = labelMeans(condition, normal(createKey(2), 16), y, 4, 2);
    expect([...means.subarray(0, 8)].filter((_, at) => at % 4 >= 2)).toEqual([0, 0, 0, 0]);
    expect([...means.subarray(8)].filter((_, at) => at % 4 < 2)).toEqual([0, 0, 0, 0]);
    expect(() => labelMeans(condition, normal(createKey(2), 16), y, 4, 4)).toThrow(/2 columns, expected one column/);
  });
});
