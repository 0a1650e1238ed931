/** Every column of a run is in a picture, in its own units. */
import { createKey, data } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import type { Figure } from "../src/report/figureContext.ts";
import { marginalPages } from "../src/report/marginalPages.ts";

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
});
