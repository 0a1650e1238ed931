import { describe, expect, it } from "vitest";
import { createKey, exp, normal, uniform } from "../random/index.ts";
import { exactDecimals, roundDecimals, roundFromOffset } from "./decimals.ts";
import { decodeTable, encodeTable } from "./encode.ts";
import { boundsOf, boundText, encodedColumns } from "./schema.ts";
import { areCategories, findAtoms, findShape, frequentValues } from "./schemaAuto.ts";
import { fitSchema } from "./schemaFit.ts";
import { createTable } from "./table.ts";
import { applyTransform, type Bounds, invertTransform, transformLogSlope } from "./transform.ts";
import { countValues } from "./valueCounts.ts";

const N = 2000;
const z = Float64Array.from(normal(createKey("auto"), N));
const u = uniform(createKey("auto too"), N);
const float = (values: Iterable<number>): Float64Array => Float64Array.from(values, Math.fround);
const counted = (values: Iterable<number>) => countValues(float(values));

describe("decimals", () => {
  it("are the least number that all values have, as read into float32", () => {
    expect(exactDecimals(float([0.1, 2.25, 7]))).toBe(2);
    expect(exactDecimals(float([326, 18_823]))).toBe(0);
    expect(exactDecimals(float([0.5, -1234.5]))).toBe(1);
    expect(exactDecimals(float(z))).toBeUndefined();
    // Near 4,000,000 float32 steps by 1/4: too coarse to tell two decimals from any number.
    expect(exactDecimals(float([4_000_000.25, 1.5]))).toBeUndefined();
    expect(exactDecimals(float([1.7e9 + 128]))).toBeUndefined();
  });
  it("are not hidden by one value too large to have any, nor by an offset that was subtracted", () => {
    const rounded = Array.from(z, (x) => Math.round(1e4 * x) / 1e4);
    expect(exactDecimals(float([...rounded, 1e7]))).toBe(4);
    expect(exactDecimals(float([...z, 1e7]))).toBeUndefined();
    const stamps = Array.from(z, (x) => Math.round(1e3 * (1e9 + 30 * x)) / 1e3);
    const moved = float(stamps.map((x) => x - 1e9));
    expect(exactDecimals(moved)).toBeUndefined();
    expect(exactDecimals(moved, 1e9)).toBe(3);
    expect(exactDecimals(float(z), 1e9)).toBeUndefined();
    expect(roundFromOffset(-0.12345, 3, 1e9) + 1e9).toBe(999999999.877);
  });
  it("are kept by rounding in float64, halves away from 0", () => {
    expect([1.005, -2.345, 0.004, -0.004].map((x) => roundDecimals(x, 2))).toEqual([1, -2.35, 0, 0]);
    expect(Math.fround(roundDecimals(Math.fround(0.3), 1))).toBe(Math.fround(0.3));
  });
});

describe("what a column of numbers is", () => {
  it("few whole numbers that come again, or two, are categories", () => {
    expect(areCategories(counted([0, 0, 0, 1]), false)).toBe(true);
    expect(areCategories(counted([2007, 2008, 2009, 2007, 2008, 2009]), false)).toBe(true);
    expect(areCategories(counted([1, 1, 2, 2, 3]), false)).toBe(false); // a count, with a tail
    expect(areCategories(counted([5, 5]), false)).toBe(false); // constant
    expect(areCategories(counted([5, 5]), true)).toBe(true); // beside gaps
    expect(areCategories(counted(Array.from({ length: 60 }, (_, i) => i % 30)), false)).toBe(false);
  });

  it("a value is an atom where it stands out of its neighbours, not where all are rounded", () => {
    expect(findAtoms(counted(Array.from(z, (x, i) => (u[i] < 0.3 ? 0 : exp(x)))))).toEqual([0]);
    expect(findAtoms(counted(Array.from(z, (x) => Math.min(x, 1.5))))).toEqual([1.5]);
    expect(findAtoms(counted(Array.from(z, (x) => Math.round(10 * x) / 10)))).toEqual([]);
    expect(findAtoms(counted(Array.from(z, (x) => Math.min(x, 1.2345678))))).toEqual([]); // scaled
    expect(findAtoms(counted(z))).toEqual([]);
  });

  it("atoms near each other do not hide one another, of whole numbers", () => {
    // Months of loans: people take whole quarters and years, and now and then anything else.
    const months = [6, 12, 15, 18, 24, 36];
    const upTo = [0.1, 0.35, 0.43, 0.57, 0.8, 0.9];
    const taken = Array.from(u, (x, i) => months[upTo.findIndex((share) => x < share)] ?? 1 + 4 * (i % 14));
    expect(findAtoms(counted(taken))).toEqual(months);
    // The same with decimals are readings of which some are finer; more than ten are a grid.
    expect(findAtoms(counted(taken.map((x, i) => (i === 0 ? 7.5 : x))))).toEqual([6, 12, 36]);
    const even = Array.from(z, (x, i) => 2 * Math.round(20 + 4 * x) + (u[i] < 0.05 ? 1 : 0));
    expect(findAtoms(counted(even))).toEqual([]);
    // Rounded numbers and tails that fall off on one side have none, however steep.
    for (const sd of [3, 8, 30]) expect(findAtoms(counted(Array.from(z, (x) => Math.round(sd * x))))).toEqual([]);
    const halving = Array.from({ length: 1024 }, (_, i) => 10 - Math.floor(Math.log2(i + 1)));
    expect(findAtoms(counted(halving))).toEqual([]);
  });

  it("whole numbers of few values, some of which occur once, have their frequent values as atoms", () => {
    const counts = counted(
      Array.from(z, (x, i) => (i === 0 ? 9 : u[i] < 0.4 ? 2 : Math.min(5, Math.abs(Math.round(x))))),
    );
    expect(areCategories(counts, false)).toBe(false); // the 9
    expect(frequentValues(counts)).toEqual([0, 1, 2]);
    expect(frequentValues(counted(Array.from({ length: N }, (_, i) => i % 40)))).toEqual([]);
  });

  it("a positive column whose tail reaches 0 is kept above it; one far from 0 or with negative values stays", () => {
    const price = findShape(counted(Array.from(z, (x) => Math.round(100 * exp(6 + x)) / 100)), "number", undefined);
    expect(price).toMatchObject({ decimals: 2, range: [0.01, null] });
    expect(price.support![0]).toBe(-0.005);
    const plain = findShape(counted(Array.from(z, (x) => 100 + 5 * x)), "number", undefined);
    expect(plain).toEqual({});
    expect(findShape(counted(z), "number", undefined)).toEqual({});
    const whole = findShape(counted(Array.from(z, (x) => Math.floor(exp(3 + x)))), "integer", undefined);
    expect(whole.support![0]).toBe(0);
    expect(whole.range![0]).toBeGreaterThanOrEqual(0);
    // Decades: the logarithm; near a normal that ends at 0: the scale that leaves its bulk as it is.
    expect(findShape(counted(Array.from(z, (x) => exp(3 * x))), "number", undefined).support).toEqual([0, null]);
    const gamma = Array.from(z, (x) => Math.max(0.01, 2.2 + x));
    expect(findShape(counted(gamma), "number", undefined).support).toHaveLength(3);
  });
});

describe("the transform with a scale", () => {
  const kinds: Bounds[] = [
    [0, null, 1],
    [-0.005, null, 20],
    [3, null, 0.1],
  ];
  it.each(kinds)("above %d, scale %s %d: inverse, slope and far values", (low, high, scale) => {
    const transform = { kind: "bounded" as const, bounds: [low, high, scale] as Bounds };
    for (const y of [1e-3, 0.1, 1, 3, 30, 300]) {
      const x = low! + scale! * y;
      const v = applyTransform(transform, x);
      // float32 in the inverse
      expect(Math.abs(invertTransform(transform, v) - x)).toBeLessThan(1e-6 * Math.abs(x) + 1e-6 * scale! * y);
      const h = 1e-5 * scale! * y;
      const slope = (applyTransform(transform, x + h) - applyTransform(transform, x - h)) / (2 * h);
      expect(transformLogSlope(transform, x)).toBeCloseTo(Math.log(slope), 5);
    }
    expect(applyTransform(transform, low! + 50 * scale!)).toBeCloseTo(50 * scale!, 9);
    expect(transformLogSlope(transform, low! + 50 * scale!)).toBeCloseTo(0, 12);
    expect(invertTransform(transform, -1000 * scale!)).toBeGreaterThan(low!);
    expect(transformLogSlope(transform, low! - 1)).toBeNaN();
  });
});

describe("a schema that was found", () => {
  const raw = () =>
    createTable(
      Float32Array.from({ length: 6 * N }, (_, at) => {
        const [i, k] = [Math.floor(at / 6), at % 6];
        if (k === 0) return i % 500 === 7 ? 1 : 0; // a rare class
        if (k === 1) return Math.round(100 * exp(5 + z[i])) / 100; // a price
        if (k === 2) return u[i] < 0.1 ? Number.NaN : Math.floor(30 + 8 * z[i]); // whole, with gaps
        if (k === 3) return u[i] < 0.1 ? Number.NaN : z[i]; // gaps that come with those
        if (k === 4) return u[i] > 0.8 ? 0 : Math.fround(exp(z[i])); // many zeros
        return z[N - 1 - i];
      }),
      ["lab", "price", "age", "x", "claim", "y"],
    );
  const { schema, notes } = fitSchema(raw(), {}, { columnsAs: "auto", discrete: "apart" }, "file");

  it("says what it took", () => {
    expect(schema.columns.map(({ kind, apart = false }) => [kind, apart])).toEqual([
      ["category", true],
      ["number", false],
      ["integer", true],
      ["number", true],
      ["number", true],
      ["number", false],
    ]);
    expect(schema.columns[4].atoms!.values).toEqual([0]);
    expect(schema.columns[5]).toEqual({ name: "y", kind: "number" });
    expect(boundsOf(schema.columns[1])![0]).toBe(-0.005);
    expect(notes.join("\n")).toContain('column "claim": 0 has a probability of its own');
  });

  it("gives back every cell: rare classes, gaps, atoms, decimals", () => {
    const table = fitSchema(raw(), {}, { columnsAs: "auto", discrete: "apart" }, "file") && raw();
    const coded = raw();
    fitSchema(coded, {}, { columnsAs: "auto", discrete: "apart" }, "file");
    const { table: encoded, cells } = encodeTable(schema, coded, createKey(3));
    expect(encoded.columns).toEqual(["price", "age", "x", "claim", "y"]);
    expect(encoded.values.every(Number.isFinite)).toBe(true);
    const back = decodeTable(schema, encoded, cells);
    expect(back).toEqual(coded);
    expect(table.rows).toBe(N);
    expect(() => decodeTable(schema, encoded)).toThrow("no cells of");
  });

  it("brings what is drawn into the range of whole numbers, to the decimals of the data, above 0", () => {
    const drawn = createTable(Float32Array.of(-0.004, 900.7, 1, 1, 1, 12.3456, -40, 1, 1, 1), [
      ...["price", "age", "x", "claim", "y"],
    ]);
    const cell = (name: string, levels: number) => ({ name, kind: "cell" as const, levels, values: new Int32Array(2) });
    const cells = {
      rows: 2,
      columns: [cell("lab", 2), cell("age is missing", 2), cell("x is missing", 2), cell("claim is missing", 2)],
    };
    const { values } = decodeTable(schema, drawn, cells);
    const ages = Array.from(raw().values).filter((x, at) => at % 6 === 2 && !Number.isNaN(x));
    expect([values[1], values[2], values[7], values[8]]).toEqual(
      [0.01, Math.max(...ages), 12.35, Math.min(...ages)].map(Math.fround),
    );
  });

  it("of plain continuous columns is plain", () => {
    const plain = createTable(Float32Array.from(z), 2);
    const { schema: none, notes: said } = fitSchema(plain, {}, { columnsAs: "auto", discrete: "apart" }, "file");
    expect(none.columns).toEqual([
      { name: "x1", kind: "number" },
      { name: "x2", kind: "number" },
    ]);
    expect(said).toEqual([]);
  });

  it("says of its bound what is missing and what is an atom", () => {
    const fill = { mean: 0, sd: 1 };
    const number = (name: string) => ({ name, kind: "number" as const, apart: true as const });
    const gap = { ...number("a"), missing: fill };
    const atom = { ...number("b"), atoms: { ...fill, values: [0] } };
    expect(boundText({ columns: [gap] })).toContain("with what is missing in a integrated out");
    expect(boundText({ columns: [atom] })).toContain("with a number in the place of the atoms of b integrated out");
    expect(boundText({ columns: [gap, atom] })).toContain(
      "what is missing in a and a number in the place of the atoms of b",
    );
    expect(boundText({ columns: [{ name: "c", kind: "number" }] })).toBeUndefined();
  });

  it("takes a column that would be all atoms for what it is without them", () => {
    const wishes = { columnsAs: "auto", discrete: "apart" } as const;
    const constant = createTable(
      Float32Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? z[at] : 3)),
      2,
    );
    const { schema: one } = fitSchema(constant, {}, wishes, "file");
    expect(one.columns[1]).toMatchObject({ name: "x2", kind: "integer" });
    expect(one.columns[1].atoms).toBeUndefined();
    const few = createTable(
      Float32Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? z[at] : (at >> 1) % 5)),
      2,
    );
    const { schema: bounded } = fitSchema(few, {}, { ...wishes, bounds: { x2: [0, 6] } }, "file");
    expect(bounded.columns[1]).toMatchObject({ kind: "integer", bounds: [0, 6] });
    expect(bounded.columns[1].atoms).toBeUndefined();
  });

  it("of categories alone has them all apart, and noise for the flow", () => {
    const table = createTable(
      Float32Array.from({ length: 120 }, (_, at) => (at % 2 === 0 ? (at / 2) % 3 : (at % 4) / 2 - 0.5)),
      ["three", "two"],
    );
    const { schema: both } = fitSchema(table, {}, { columnsAs: "auto", discrete: "apart" }, "file");
    expect(both.columns.map(({ apart = false }) => apart)).toEqual([true, true]);
    expect(encodedColumns(both)).toEqual(["(noise)"]);
    const { table: encoded, logWeight, cells } = encodeTable(both, table, createKey(7));
    expect(decodeTable(both, encoded, cells)).toEqual(table);
    // -ln of the density of N(0, 1) at the noise is all that is added to what a flow of it scores.
    encoded.values.forEach((z, i) => {
      expect(logWeight?.[i]).toBeCloseTo((z * z) / 2 + 0.9189385332046727, 9);
    });
  });
});
