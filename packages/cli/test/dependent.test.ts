/** Columns that others determine are refused by name, and what is nearly so is told; baselines that rows do not allow are left out. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, data, fold } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { conditionalBaselines, plainBaselines } from "../src/report/baselineModels.ts";
import type { RunProblem } from "../src/run/problem.ts";
import { dependenceWarnings } from "../src/run/problemChecks.ts";
import { folder, jko, TINY } from "./command.testing.ts";

const home = folder();
const rows = 200;
const [x, y] = ["x", "y"].map((name) => normal(fold(createKey(1), name), rows));

function write(name: string, third: (i: number) => number | string): string {
  const path = join(home, name);
  const lines = Array.from({ length: rows }, (_, i) => `${x[i]},${y[i]},${third(i)}`);
  fs.writeFileSync(path, `x,y,z\n${lines.join("\n")}\n`);
  return path;
}

describe("fit", () => {
  it.each([
    ["copy.csv", (i: number) => y[i], /column "z": determined by "y" in all training rows, .* --drop z$/],
    ["sum.csv", (i: number) => x[i] + 2 * y[i], /column "z": a linear combination of "y", "x" in all .* --drop z$/],
  ])("refuses %s and says which column to drop", async (name, third, message) => {
    const out = join(home, `run-${name}`);
    const { code, err } = await jko(`fit ${write(name, third)} --out ${out} ${TINY}`);
    expect(code).toBe(2);
    expect(err.trim()).toMatch(message);
    expect(fs.existsSync(out)).toBe(false);
  });

  it("tells of a sum that is rounded to decimals, and fits it", async () => {
    const path = write("rounded.csv", (i) => (x[i] + 2 * y[i]).toFixed(3));
    const { code, err } = await jko(`fit ${path} --out ${join(home, "rounded")} ${TINY}`);
    expect(code).toBe(0);
    expect(err).toMatch(/column "z" is a linear combination of "y", "x", but for 0\.0001\d* of its deviation/);
  });
});

describe("dependenceWarnings", () => {
  it("names six columns of many", () => {
    const d = 12;
    const values = normal(createKey(2), 500 * d);
    const shares = values.map((_, at) => {
      const from = at - (at % d);
      return Math.exp(values[at]) / values.subarray(from, from + d).reduce((sum, value) => sum + Math.exp(value), 0);
    });
    expect(() => dependenceWarnings(data.createTable(shares, d), "shares.csv")).toThrow(
      /column "x12": a linear combination of ("x\d+", ){5}"x\d+" and 5 more/,
    );
  });
});

describe("baselines", () => {
  const problemOf = (rows: number, d: number): RunProblem => {
    const part = (name: string, n: number): data.Table => data.createTable(normal(fold(createKey(3), name), n * d), d);
    return { train: part("train", rows), validation: part("validation", 40) } as unknown as RunProblem;
  };

  it("are a shrunk Gaussian and no mixture where there are more columns than rows", () => {
    const [gaussian, ...mixtures] = plainBaselines(problemOf(80, 100), createKey(0)).models.map(({ fit }) => fit());
    expect(gaussian).toMatchObject({ note: expect.stringMatching(/drawn towards 0 by \d\d % \(Ledoit-Wolf\)/) });
    expect(mixtures.map((one) => "refused" in one && one.refused)).toEqual([
      "80 training rows of 100 columns: components would need at least 200",
      "80 training rows of 100 columns: components would need at least 200",
    ]);
  });

  it("score and draw rows by key, and say where a mixture is the Gaussian", () => {
    const problem = problemOf(300, 2);
    const fitted = plainBaselines(problem, createKey(0)).models.map(({ name, fit }) => ({ name, model: fit() }));
    expect(fitted.map(({ name }) => name)).toEqual([
      "Gaussian",
      "Gaussian mixture",
      "Gaussian mixture with kernel margins",
    ]);
    for (const { name, model } of fitted) {
      if ("refused" in model) throw new Error(model.refused);
      expect(model.name).toBe(name);
      expect(model.logProb(problem.validation)).toHaveLength(40);
      if (name !== "Gaussian") expect(model.sample!(createKey(1), 5)).toEqual(model.sample!(createKey(1), 5));
    }
    expect(fitted[1].model).toMatchObject({ note: expect.stringMatching(/^one component/) });
  });

  it("are given what the flow is given", () => {
    const labels = (n: number): string[] => Array.from({ length: n }, (_, i) => (i % 2 === 0 ? "a" : "b"));
    const given = (n: number): data.ConditionRows => ({
      rows: n,
      columns: [{ name: "kind", kind: "category", values: labels(n) }],
    });
    const problem = problemOf(400, 2);
    problem.train.values.forEach((value, at) => {
      problem.train.values[at] = value + ((at >> 1) % 2 === 0 ? 3 : -3);
    });
    const conditions = { train: given(400), validation: given(40) };
    const models = conditionalBaselines({ ...problem, conditions } as RunProblem, createKey(0)).models;
    expect(models.map(({ fit }) => fit()).map(({ name }) => name)).toEqual([
      "Gaussian, linear in what is given",
      "Gaussian mixture of each label",
      "Gaussian mixture with kernel margins of each label",
    ]);
  });
});
