import { describe, expect, it } from "vitest";
import { createKey, fold, type Key, log } from "../random/index.ts";
import { checkCells } from "./checkCells.ts";
import { decodeTable, encodeTable, logMeanExp } from "./encode.ts";
import { encodedBounds, encodedColumns, isPlain, type Schema, schemaOffsets } from "./schema.ts";
import { fitSchema, type SchemaWishes } from "./schemaFit.ts";
import { parseSchema } from "./schemaState.ts";
import { createTable, takeRows } from "./table.ts";

const NA = Number.NaN;
const names = ["size", "count", "kind", "share"];
const wishes: SchemaWishes = { integer: ["count"], categorical: ["kind"], bounds: { share: [0, 1], count: [0, null] } };
/** Codes of kind by first appearance: b a c; c is the commonest. */
const raw = () =>
  createTable(
    Float32Array.of(1.5, 3, 0, 0.25, -2, NA, 1, 0.5, NA, 0, 2, NA, 7, 65536, 2, 0.999, 0, 12, NA, 0.001),
    names,
  );
const fitted = (): { schema: Schema; table: ReturnType<typeof raw> } => {
  const table = raw();
  return { schema: fitSchema(table, { kind: ["b", "a", "c"] }, wishes, "file").schema, table };
};

describe("schema", () => {
  it("orders levels by frequency, then by word; a missing word is a level", () => {
    const { schema, table } = fitted();
    expect(schema.columns[2].levels).toEqual(["c", null, "a", "b"]);
    expect([2, 6, 10, 14, 18].map((at) => table.values[at])).toEqual([3, 2, 0, 0, 1]);
    expect(encodedColumns(schema)).toEqual([
      ...["size", "size is missing", "count", "count is missing", "kind", "share", "share is missing"],
    ]);
    expect(encodedBounds(schema)).toMatchObject({
      count: [0, null],
      kind: [0, 4],
      share: [0, 1],
      "size is missing": [0, 2],
    });
  });

  it("finds words and whole numbers by itself when asked to, and says so", () => {
    const { schema, notes } = fitSchema(
      raw(),
      { kind: ["b", "a", "c"] },
      { columnsAs: "auto", numeric: ["count"] },
      "file",
    );
    expect(schema.columns.map(({ kind }) => kind)).toEqual(["number", "number", "category", "number"]);
    expect(notes.join("\n")).toContain('"kind" is categorical: c, (missing), a, b');
  });

  it("takes mean and deviation of large numbers close together without losing them", () => {
    const seconds = Float32Array.of(1.7e9, 1.7e9 + 128, NA, 1.7e9 + 256, 1.7e9 + 128);
    const [column] = fitSchema(createTable(seconds, ["time"]), {}, {}, "file").schema.columns;
    const known = [...seconds].filter((x) => !Number.isNaN(x)).map((x) => x - seconds[0]);
    const mean = known.reduce((sum, x) => sum + x, 0) / 4;
    expect(column.missing!.mean).toBeCloseTo(seconds[0] + mean, 3);
    expect(column.missing!.sd).toBeCloseTo(Math.sqrt(known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 4), 6);
    const equal = createTable(Float32Array.of(3, NA, 3), ["time"]);
    expect(() => fitSchema(equal, {}, {}, "file")).toThrow("one value beside missing cells");
  });

  it("gives back every cell: types, categories, missing ones, whatever the noise", () => {
    const { schema, table } = fitted();
    for (let seed = 0; seed < 50; seed++) {
      const { table: encoded, logWeight } = encodeTable(schema, table, createKey(seed));
      expect(decodeTable(schema, encoded)).toEqual(table);
      expect([...encoded.values].every(Number.isFinite)).toBe(true);
      expect(logWeight![0]).toBe(0); // nothing is missing in the first row
      expect(logWeight![1]).not.toBe(0);
    }
  });

  it("draws the same noise for a row whatever rows are encoded with it", () => {
    const { schema, table } = fitted();
    const whole = encodeTable(schema, table, createKey(1));
    const part = encodeTable(schema, takeRows(table, [2, 3, 4]), createKey(1), { firstRow: 2 });
    expect(part.table.values).toEqual(whole.table.values.slice(2 * 7));
    expect(part.logWeight).toEqual(whole.logWeight!.slice(2));
  });

  it("survives JSON, and nothing else is taken for one", () => {
    const { schema } = fitted();
    expect(parseSchema(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
    const damage: ((columns: Record<string, unknown>[]) => void)[] = [
      (columns) => columns.splice(0),
      (columns) => void (columns[0].name = 3),
      (columns) => void (columns[0].kind = "word"),
      (columns) => void (columns[1].name = "size"),
      (columns) => void (columns[2].levels = ["a", "a"]),
      (columns) => void (columns[3].bounds = [1, 0]),
      (columns) => void (columns[0].missing = { mean: 0, sd: 0 }),
      (columns) => void (columns[0].noise = -1),
    ];
    for (const change of damage) {
      const { columns } = JSON.parse(JSON.stringify(schema));
      change(columns);
      expect(() => parseSchema({ columns })).toThrow("schema");
    }
  });

  it("keeps offsets, which bounds and words are told with and rows are held without", () => {
    const by = 1_700_000_000;
    // Raw rows are x - offset: time 0.5 .. 2.5 and codes 0, 1 of numbered categories.
    const raw = createTable(Float32Array.of(0.5, 0, 1.5, 1, 2.5, 1), ["time", "id"]);
    const offsets = { time: by, id: by };
    const wishes = { offsets, categorical: ["id"], bounds: { time: [by, by + 3] as const } };
    const { schema } = fitSchema(raw, {}, wishes, "file");
    expect(schema.columns).toEqual([
      { name: "time", kind: "number", offset: by, bounds: [0, 3] },
      { name: "id", kind: "category", offset: by, levels: [`${by + 1}`, `${by}`] },
    ]);
    expect(schemaOffsets(parseSchema(JSON.parse(JSON.stringify(schema))))).toEqual(offsets);
    expect(isPlain({ columns: [{ name: "time", kind: "number", offset: by }] })).toBe(false);
    expect(() => parseSchema({ columns: [{ name: "time", kind: "number", offset: "1" }] })).toThrow("a finite offset");
    const outside = createTable(Float32Array.of(3.25, 0), ["time", "id"]);
    expect(() => checkCells(schema, outside, "file")).toThrow(
      `file: row 1, column "time": ${by + 3.25}, expected a value above ${by} and below ${by + 3}`,
    );
  });

  it("refuses what does not fit, naming row and column", () => {
    const { schema } = fitted();
    const row = (...cells: number[]) => createTable(Float32Array.from(cells), names);
    const check =
      (...cells: number[]) =>
      () =>
        checkCells(schema, row(...cells), "file", 10);
    expect(check(1, 2.5, 0, 0.5)).toThrow('file: row 11, column "count": 2.5, expected a whole number');
    expect(check(1, -1, 0, 0.5)).toThrow('row 11, column "count": -1, expected a value at least 0');
    expect(check(1, 1, 0, 1)).toThrow('row 11, column "share": 1, expected a value above 0 and below 1');
    expect(check(1, 1, 0, 1.2)).toThrow('column "share": 1.2, expected a value above 0 and below 1'); // not 1.2000000476837158
    expect(check(1, 3.6, 0, 0.5)).toThrow('column "count": 3.6, expected a whole number');
    expect(check(1, 70_000, 0, 0.5)).toThrow("integers of at most 65536");
    const plain = fitSchema(row(1, 2, 0, 0.5, 2, 3, 1, 0.4), { kind: ["a", "b"] }, wishes, "file").schema;
    expect(() => checkCells(plain, row(NA, 1, 0, 0.5), "file")).toThrow('row 1, column "size": a missing value');
    expect(() => fitSchema(raw(), {}, { integer: ["size"] }, "file")).toThrow('row 1, column "size": 1.5');
    expect(() => fitSchema(raw(), {}, { integer: ["size"], numeric: ["size"] }, "file")).toThrow("declared twice");
    expect(() => fitSchema(raw(), {}, { categorical: ["nothing"] }, "file")).toThrow("nothing");
  });
});

/** Simpson's rule with 200 intervals: to 1e-10 for the densities here. */
function integral(f: (x: number) => number, from: number, to: number): number {
  let sum = f(from) + f(to);
  for (let i = 1; i < 200; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + ((to - from) * i) / 200);
  return (sum * (to - from)) / 600;
}
const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - log(sd) - 0.9189385332046727;

describe("bound of dequantisation", () => {
  // A discrete table of known probabilities, and the density N(0.2, 0.6) as its model: it falls steeply, so bounds of one draw are loose.
  const [MEAN, SD] = [0.2, 0.6];
  const probabilities = [0.3, 0.4, 0.2, 0.1];
  const p = (x: number): number => Math.exp(logNormal(x, MEAN, SD));
  const exact = probabilities.map((_, k) => log(integral(p, k, k + 1))); // ln of the model's probability of each cell
  const rows = 4000;
  const schema: Schema = { columns: [{ name: "k", kind: "category", levels: ["a", "b", "c", "d"] }] };
  /** Mean bound of level k by K draws, over `rows` rows of it. */
  const bound = (k: number, K: number, key: Key): number => {
    const table = createTable(new Float32Array(rows).fill(k), ["k"]);
    const draws = Array.from({ length: K }, (_, i) => {
      const { values } = encodeTable(schema, table, fold(key, i)).table;
      return Float64Array.from(values, (x) => logNormal(x, MEAN, SD));
    });
    return logMeanExp(draws).reduce((sum, value) => sum + value / rows, 0);
  };

  it("lies below the exact probability of each level, by what the closed form says", () => {
    probabilities.forEach((_, k) => {
      const one = bound(k, 1, createKey(k));
      // E ln p(k + u), which falls by 9 nats over the last cell: five standard errors of 4,000 draws.
      const expected = integral((x) => logNormal(x, MEAN, SD), k, k + 1);
      expect(Math.abs(one - expected)).toBeLessThan(0.2);
      expect(one).toBeLessThan(exact[k]);
    });
  });

  it("rises with the number of draws, towards it", () => {
    probabilities.forEach((_, k) => {
      const bounds = [1, 4, 16, 64].map((K) => bound(k, K, createKey("draws")));
      bounds.forEach((value, i) => {
        expect(value).toBeLessThan(exact[k] + 0.002); // the standard error of 64 draws of 4,000 rows
        if (i > 0) expect(value).toBeGreaterThan(bounds[i - 1]);
      });
      expect(exact[k] - bounds[3]).toBeLessThan((exact[k] - bounds[0]) / 20);
    });
  });

  it("never promises more than the entropy of the table allows", () => {
    const entropy = -probabilities.reduce((sum, q) => sum + q * log(q), 0);
    const mean = probabilities.reduce((sum, q, k) => sum + q * bound(k, 16, createKey(k)), 0);
    expect(mean).toBeLessThan(-entropy);
  });
});

describe("bound of missing cells", () => {
  // Model: x ~ N(0, 1) where it is there; missing with probability 0.2, then any density r(x) of the filled cell.
  const q = { mean: 0.5, sd: 1.5 };
  const schema: Schema = { columns: [{ name: "x", kind: "number", missing: q }] };
  const table = createTable(new Float32Array(4000).fill(Number.NaN), ["x"]);
  const bound = (K: number, fill: { mean: number; sd: number }): number => {
    const draws = Array.from({ length: K }, (_, i) => {
      const { table: encoded, logWeight } = encodeTable(schema, table, fold(createKey("missing"), i));
      return logWeight!.map((weight, row) => {
        const [x, indicator] = encoded.values.subarray(2 * row, 2 * row + 2);
        expect(indicator >= 1 && indicator < 2).toBe(true);
        return log(0.2) + logNormal(x, fill.mean, fill.sd) + weight;
      });
    });
    return logMeanExp(draws).reduce((sum, value) => sum + value / table.rows, 0);
  };

  it("is exact where the model has learnt what cells are filled by", () => {
    // x is rounded to float32, and q is taken where it came to lie.
    expect(bound(1, q)).toBeCloseTo(log(0.2), 5);
  });

  it("is below ln P(missing) elsewhere, by the divergence of q from the model, and rises with the draws", () => {
    const other = { mean: 0.5, sd: 2 };
    const divergence = log(2 / 1.5) + 1.5 ** 2 / (2 * 2 ** 2) - 0.5; // KL(q | N(0.5, 2))
    expect(bound(1, other)).toBeCloseTo(log(0.2) - divergence, 1);
    const bounds = [1, 4, 16].map((K) => bound(K, other));
    expect(bounds[1]).toBeGreaterThan(bounds[0]);
    expect(bounds[2]).toBeGreaterThan(bounds[1]);
    expect(bounds[2]).toBeLessThan(log(0.2) + 0.005);
  });

  it("fills inside of the bounds", () => {
    const bounded: Schema = { columns: [{ name: "x", kind: "number", bounds: [0, 1], missing: { mean: 0, sd: 3 } }] };
    const { values } = encodeTable(bounded, table, createKey(5)).table;
    for (let at = 0; at < values.length; at += 2) expect(values[at] > 0 && values[at] < 1).toBe(true);
  });
});
