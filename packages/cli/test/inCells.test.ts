/** Columns that repeat values on a grid: what a flow is trained on, and what comes of it. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, data } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import type { Measures } from "../src/report/measures.ts";
import { inCells } from "../src/run/inCells.ts";
import type { RunProblem } from "../src/run/problem.ts";
import { folder, jko, resultOf } from "./command.testing.ts";

const N = 400;
/** Twelve designs of five uneven numbers, each tried at many speeds; the last column is a reading. */
const STEPS = [0, 1, 3, 4, 8, 9, 11, 15, 16, 20, 22, 23];
const noise = normal(createKey("designs"), N);
const designs = Array.from({ length: N }, (_, i) => {
  const k = i % 12;
  const speed = 0.1 + 0.05 * ((i * 7) % 14);
  const form = [0, 1, 2, 3].map((j) => 2 + STEPS[(k * (2 * j + 1) + j) % 12] / 50 + j);
  return [...form, speed, Math.exp(4 * speed) + form[0] + noise[i] / 20];
});
const columns = ["a", "b", "c", "d", "speed", "drag"];

const problemOf = (rows: readonly (readonly number[])[], schema?: data.Schema): RunProblem => {
  const table = data.createTable(Float32Array.from(rows.flat()), columns);
  return {
    train: table,
    validation: data.takeRows(table, [0, 1, 2]),
    test: undefined,
    trainRows: table.rows,
    columns,
    weights: {},
    onMoved: () => {},
    origins: { train: { path: "", sha256: "" }, validation: null, test: null },
    notes: [],
    ...(schema ? { schema } : {}),
  } as unknown as RunProblem; // of its origin nothing is looked at
};

describe("the rows that a flow is trained on", () => {
  it("lie in the cells of the values, nearer to these than to any other value of the column", () => {
    const values = [...new Set(designs.map(([a]) => Math.fround(a)))].sort((x, y) => x - y);
    const schema: data.Schema = {
      columns: columns.map((name) => (name === "a" ? { name, kind: "number", values } : { name, kind: "number" })),
    };
    const problem = problemOf(designs, schema);
    const { train, validation } = inCells(problem, 3);
    let moved = 0;
    for (let i = 0; i < N; i++) {
      const [before, after] = [problem.train.values[6 * i], train.values[6 * i]];
      const nearest = values.reduce((best, v) => (Math.abs(v - after) < Math.abs(best - after) ? v : best));
      const tie = values.some((v) => v !== before && Math.abs(Math.abs(v - after) - Math.abs(before - after)) < 1e-6);
      if (!tie) expect(nearest).toBe(before);
      if (after !== before) moved++;
      expect(train.values[6 * i + 5]).toBe(problem.train.values[6 * i + 5]); // readings recur nowhere
    }
    expect(moved).toBeGreaterThan(0.9 * N);
    expect(validation.rows).toBe(3);
    expect(inCells(problem, 3).train.values).toEqual(train.values);
    expect(inCells(problem, 4).train.values).not.toEqual(train.values);
  });

  it("are those of the file where no value recurs, or none on a grid", () => {
    const free = Array.from({ length: N }, (_, i) =>
      columns.map((_, k) => Math.fround(noise[(i * 5 + k * 31) % N] * (k + 1) + i)),
    );
    const problem = problemOf(free);
    expect(inCells(problem, 0)).toBe(problem);
  });

  it("are let go with those of the file", () => {
    let gone = 0;
    const rows = inCells({ ...problemOf(designs), onMoved: () => gone++ }, 0);
    expect(rows.train.rows).toBe(N);
    rows.onMoved();
    expect(gone).toBe(1);
    expect(() => rows.train).toThrow("let go");
  });
});

it("a flow of designs that recur stays by the likelihood of their cells within a few nats of the baselines", async () => {
  const home = folder();
  const table = join(home, "designs.csv");
  const lines = designs.map((row) => row.map((x, k) => Number(x.toFixed(k < 5 ? 3 : 6))).join(","));
  fs.writeFileSync(table, `${columns.join(",")}\n${lines.join("\n")}\n`);
  const short = "--set blocks=2 --set updates=150 --set hidden=[32,32] --report none --threads 1 --keep best";
  const { flowLess, ties, baselines } = resultOf(
    await jko(`fit ${table} --seed 1 --out ${join(home, "run")} --json ${short}`),
  ) as unknown as Measures;
  expect(ties.grids.map(({ name }) => name)).toEqual(columns.slice(0, 5));
  expect(baselines).toHaveLength(3);
  // Trained on the values themselves it is more than 20 nats behind: it says little of the cells beyond these.
  for (const { trimmed } of flowLess) expect(trimmed.mean).toBeLessThan(10);
});
