/** A model whose rows have cells: exact, normalised, drawn in its rates, the same from its file. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createTable,
  decodeTable,
  encodeTable,
  fitSchema,
  joinConditions,
  type Schema,
  type Table,
} from "../data/index.ts";
import { createEngine } from "../engine/createEngine.ts";
import type { Engine } from "../engine/index.ts";
import { createKey, exp, normal, uniform } from "../random/index.ts";
import { fit } from "../systems/fit.ts";
import { decodeModel, encodeModel, type Model, type OpenTable, openTable } from "./index.ts";

const N = 900;
/** A class of 2 % with a mean of its own, a number with gaps and an atom at 0, and one that is always there. */
function rows(seed: string, n: number): Table {
  const z = normal(createKey(seed), 2 * n);
  const u = uniform(createKey(`${seed} too`), 2 * n);
  const values = new Float32Array(3 * n);
  for (let i = 0; i < n; i++) {
    const lab = u[2 * i] < 0.02 ? 1 : 0;
    values[3 * i] = lab;
    values[3 * i + 1] = u[2 * i + 1] < 0.1 ? Number.NaN : u[2 * i + 1] < 0.3 ? 0 : exp(0.5 * z[2 * i]);
    values[3 * i + 2] = z[2 * i + 1] + 4 * lab + (u[2 * i + 1] < 0.1 ? 2 : 0);
  }
  return createTable(values, ["lab", "claim", "x"]);
}

let engine: Engine;
let model: Model;
let open: OpenTable;
let schema: Schema;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
  const [train, validation] = [rows("train", N), rows("validation", 200)];
  schema = fitSchema(train, {}, { columnsAs: "auto", discrete: "apart" }, "train").schema;
  // The same codes in the other table: 0 is the commonest level of lab in both.
  const settings = { blocks: 1, updates: 60 };
  model = (await fit(engine, { train, validation, schema }, { settings })).model;
  open = openTable(engine, model);
});
afterAll(() => {
  open.dispose();
  engine.dispose();
});

describe("a model with cells", () => {
  it("integrates to one over cells and numbers", () => {
    // x by the trapezoid rule on a grid that holds all but 1e-6 of the mass; claim: a gap, the atom, or a grid in ln claim.
    const [m, k] = [60, 60];
    const [xs, steps] = [Array.from({ length: m }, (_, i) => -8 + (18 * i) / (m - 1)), 18 / (m - 1)];
    const logs = Array.from({ length: k }, (_, i) => -6 + (10 * i) / (k - 1));
    let mass = 0;
    for (const lab of [0, 1]) {
      for (const claim of [Number.NaN, 0]) {
        const grid = createTable(Float32Array.from(xs.flatMap((x) => [lab, claim, x])), ["lab", "claim", "x"]);
        // A bound for the filled dimension: the mean over draws approaches it from below.
        mass += open.logProb(grid, { draws: 64 }).reduce((sum, value) => sum + exp(value) * steps, 0);
      }
      const grid = createTable(Float32Array.from(logs.flatMap((l) => xs.flatMap((x) => [lab, exp(l), x]))), [
        ...["lab", "claim", "x"],
      ]);
      const cell = (steps * 10) / (k - 1);
      mass += open.logProb(grid).reduce((sum, value, i) => sum + exp(value + logs[Math.floor(i / m)]) * cell, 0);
    }
    expect(mass).toBeGreaterThan(0.985);
    expect(mass).toBeLessThan(1.01);
  });

  it("is drawn in the rates of the data, nothing impossible", () => {
    const n = 20_000;
    const { table, given } = open.sample(createKey(5), n);
    expect(given).toBeUndefined();
    const train = rows("train", N);
    const share = ({ values, rows: count }: Table, test: (lab: number, claim: number) => boolean): number => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += test(values[3 * i], values[3 * i + 1]) ? 1 : 0;
      return sum / count;
    };
    for (const test of [
      (lab: number) => lab === 1,
      (_: number, claim: number) => Number.isNaN(claim),
      (_: number, claim: number) => claim === 0,
    ]) {
      const [p, q] = [share(train, test), share(table, test)];
      expect(Math.abs(p - q)).toBeLessThan(3 * Math.sqrt((p * (1 - p)) / N));
    }
    expect(share(table, (lab, claim) => (lab !== 0 && lab !== 1) || claim < 0)).toBe(0);
  });

  it("knows what its cells say of the numbers: a class has its own mean", () => {
    const mean = (lab: string): number => {
      const { table } = open.sample(createKey(6), 4000, { lab });
      let sum = 0;
      for (let i = 0; i < table.rows; i++) {
        expect(table.values[3 * i]).toBe(Number(lab));
        sum += table.values[3 * i + 2] / table.rows;
      }
      return sum;
    };
    // 18 training rows of the class: a standard error of 0.25 about 4 + 0.2.
    expect(mean("1") - mean("0")).toBeGreaterThan(2.5);
    expect(() => open.sample(createKey(6), 1, { lab: "2" })).toThrow('"2", expected one of 0, 1');
    expect(() => open.sample(createKey(6), 1, { x: 2 })).toThrow('no column "x"');
  });

  it("scores the same from its file, and refuses one without the distribution", () => {
    const bytes = encodeModel(model);
    const again = openTable(engine, decodeModel(bytes));
    const test = rows("test", 50);
    expect(again.logProb(test)).toEqual(open.logProb(test));
    expect(again.sample(createKey(1), 40)).toEqual(open.sample(createKey(1), 40));
    again.dispose();
    const { cells: _, ...without } = model.schema!;
    expect(() => decodeModel(encodeModel({ ...model, schema: without }))).toThrow("no distribution of its cells");
    const other = model.schema!.columns.map(({ apart: _apart, ...column }) => column);
    expect(() => decodeModel(encodeModel({ ...model, schema: { columns: other } }))).toThrow("schema");
  });

  it("is ln P(cells) + ln p(numbers | cells), as its parts say", () => {
    const test = rows("test", 50);
    const key = createKey(2);
    const { table, logWeight, cells } = encodeTable(model.schema!, test, key);
    const parts = open.open
      .logProb(table, { given: joinConditions(undefined, cells) })
      .map((value, i) => value + logWeight![i]);
    expect(decodeTable(model.schema!, table, cells)).toEqual(test);
    const whole = open.logProb(test, { key });
    // Another draw of what is filled: equal where nothing is.
    for (let i = 0; i < 50; i++) if (test.values[3 * i + 1] > 0) expect(whole[i]).toBeCloseTo(parts[i], 12);
  });
});
