/** Every column of a run is in a picture, in its own units. */
import { createKey, data } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import type { Figure } from "../src/report/figureContext.ts";
import { labelMarginals, marginalPages } from "../src/report/marginalPages.ts";

const names = (d: number): string[] => Array.from({ length: d }, (_, k) => `col${k + 1}.`);
const table = (d: number): data.Table => data.createTable(normal(createKey(d), 20 * d), names(d));
const pagesOf = (d: number): Figure[] =>
  marginalPages({ run: "run", rows: table(d), samples: table(d), schema: undefined });
const textsOf = ({ svg }: Figure): string[] => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map((match) => match[1]);

describe("pages of marginals", () => {
  it.each([3, 6, 7, 13, 72])("show all of %i columns", (d) => {
    const pages = pagesOf(d);
    expect(pages).toHaveLength(Math.ceil(d / 6));
    expect(pages.map(({ name }) => name).slice(0, 2)).toEqual(["marginals", "marginals-2"].slice(0, pages.length));
    const shown = pages.flatMap(textsOf);
    for (const name of names(d)) expect(shown).toContain(name);
    expect(pages.some(({ note }) => note !== undefined)).toBe(false);
  });

  it("say which columns of a wide table they leave out", () => {
    const pages = pagesOf(100);
    expect(pages).toHaveLength(12);
    expect(pages.at(-1)?.note).toBe("Not drawn: col73., col74., col75. and 25 more (28 columns of 100).");
  });

  it("draw categories and few whole numbers by their names, and say what share is empty", () => {
    const NA = Number.NaN;
    const schema: data.Schema = {
      columns: [
        { name: "kind", kind: "category", levels: ["ant", "bee", null] },
        { name: "size", kind: "number", missing: { mean: 0, sd: 1 } },
        { name: "legs", kind: "integer", missing: { mean: 0, sd: 1 } },
        { name: "word", kind: "category", levels: Array.from({ length: 15 }, (_, k) => `w${k}`) },
      ],
    };
    const rows = data.createTable(
      Float32Array.of(...[0, 0.5, 6, 0], ...[1, 0.7, 4, 12], ...[2, NA, NA, 3], ...[0, 0.1, 6, 14]),
      schema.columns.map(({ name }) => name),
    );
    const [page] = marginalPages({ run: "run", rows, samples: rows, schema });
    const texts = textsOf(page);
    for (const name of ["ant", "bee", "4", "6", "w0", "4 more", "empty: 25 / 25 %"]) expect(texts).toContain(name);
    expect(texts.some((text) => text.startsWith("(miss"))).toBe(true);
    expect(texts).not.toContain("w13");
  });

  it("draw whole numbers that do not recur as numbers, and those of a label as those of all rows", () => {
    const schema: data.Schema = {
      columns: [
        { name: "grams", kind: "integer" },
        { name: "legs", kind: "integer" },
      ],
    };
    /** Weights in grams, no two the same, beside 4 or 6 legs. */
    const rowsOf = (n: number): data.Table =>
      data.createTable(
        Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? 3000 + 137 * i : 4 + (i % 4 === 1 ? 2 : 0))),
        ["grams", "legs"],
      );
    /** Words of the axes: a level stands there by its name, a number where a tick is. */
    const wordsOf = (n: number, some?: number[]): string[] => {
      const shown = { run: "run", rows: rowsOf(n), samples: rowsOf(n), schema };
      const svg = some ? labelMarginals(shown, "ant", some) : marginalPages(shown)[0].svg;
      return textsOf({ name: "", svg });
    };
    for (const words of [wordsOf(6), wordsOf(40, [0, 3, 5])]) {
      expect(words).not.toContain("3274"); // of the second row
      expect(words.filter((word) => word === "4" || word === "6").length).toBeGreaterThanOrEqual(2);
    }
    // Far apart, but every value is there many times.
    const recurring = data.createTable(
      Float32Array.from({ length: 40 }, (_, i) => 100 * (i % 3)),
      ["grams"],
    );
    const [page] = marginalPages({
      run: "run",
      rows: recurring,
      samples: recurring,
      schema: { columns: [schema.columns[0]] },
    });
    expect(textsOf(page)).toEqual(expect.arrayContaining(["0", "100", "200"]));
  });
});
