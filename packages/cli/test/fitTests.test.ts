/** What the tests of fit see of a table, and what they say. */
import { createKey, data } from "jkoflow";
import { detectableAccuracy, type TestsOfFit, testsOfFit } from "jkoflow/evaluate";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { verdictOf } from "../src/report/fitTests.ts";
import { inOwnUnits } from "../src/report/ownUnits.ts";
import { rawPair, roundedLike } from "../src/report/rawRows.ts";

describe("rows as their owner sees them", () => {
  it("rounds samples to the decimals of the column, and leaves others alone", () => {
    const rows = data.createTable(Float32Array.of(1.5, 3, 0.1234567, 2.25, -4, 0.7654321), ["a", "b", "c"]);
    const samples = data.createTable(Float32Array.of(1.23456, 2.6, 0.33333331, -0.005, Number.NaN, 1), ["a", "b", "c"]);
    expect(Array.from(roundedLike(rows, samples).values)).toEqual(
      [1.23, 3, 0.33333331, -0, Number.NaN, 1].map(Math.fround),
    );
  });

  it("rounds nothing where numbers have all digits that a float32 holds", () => {
    const rows = data.createTable(normal(createKey(1), 200), ["x"]);
    const samples = data.createTable(normal(createKey(2), 200), ["x"]);
    expect(roundedLike(rows, samples).values).toEqual(samples.values);
  });

  it("decodes whole numbers, categories and gaps", () => {
    const raw = data.createTable(Float32Array.of(3, 0, 2.5, 7, 1, Number.NaN), ["n", "word", "gap"]);
    const schema: data.Schema = {
      columns: [
        { name: "n", kind: "integer" },
        { name: "word", kind: "category", levels: ["yes", "no"] },
        { name: "gap", kind: "number", missing: { mean: 2, sd: 1 } },
      ],
    };
    const { table } = data.encodeTable(schema, raw, createKey(3));
    const own = inOwnUnits(schema, table, undefined);
    const { rows, samples, cols } = rawPair(own, own);
    expect(cols).toBe(3);
    expect(Array.from(rows)).toEqual(Array.from(raw.values));
    expect(Array.from(samples)).toEqual(Array.from(raw.values));
  });
});

describe("the verdict", () => {
  const tests = (rows: number, shift: number): TestsOfFit => {
    const x = normal(createKey("x"), rows);
    const y = normal(createKey("y"), rows).map((value) => value + shift);
    return testsOfFit(x, y, 1, createKey(4), { permutations: 199, maxRows: rows });
  };

  it("says that few rows find gross differences only, and how gross", () => {
    const words = verdictOf(tests(30, 0), 30);
    // 48 judged rows, by SciPy's binom: 33 right come with a chance below 0.05 / 7, and four times of five at 73.05 %.
    expect(Math.ceil(100 * detectableAccuracy(48, 0.05 / 7, 0.8))).toBe(74);
    expect(words).toMatch(
      /^30 rows are too few to find any but gross differences \(a classifier would have to tell 74 % of rows apart\); no /,
    );
  });

  it("says what more rows would have found", () => {
    expect(verdictOf(tests(300, 0), 300)).toMatch(
      /^no difference .* boosted trees .*; a classifier that tells 58 % of rows apart would be found with a chance of 80 %$/,
    );
  });

  it("says how many rows are told apart where there is a difference", () => {
    expect(verdictOf(tests(100, 2), 100)).toMatch(
      /^samples differ from the data: a classifier tells [6-9]\d % of held-out rows apart; .* above its 95 % threshold/,
    );
  });
});
