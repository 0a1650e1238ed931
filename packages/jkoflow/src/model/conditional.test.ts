import { describe, expect, it } from "vitest";
import { createFlow, type FlowConfig } from "../chain/index.ts";
import { createTable, fitCondition, fitStandardizer } from "../data/index.ts";
import { createEngine, createReferenceEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { decodeModel, encodeModel, type Model, openModel } from "./index.ts";

const engine = createReferenceEngine();
const activation = { kind: "softplus", beta: 3 } as const;
const mlp: MlpConfig = { kind: "mlp", dimension: 2, hidden: [8, 8], activation, time: "concat" };
const blocksOf = (field: MlpConfig) =>
  [1, 2].map((k) => ({ weights: initMlp(field, fold(createKey(3), k)).map((w) => 1.5 * w), stepSize: 1 }));

/** Either construction, with three covariates: the place of one label of three. */
const constructions: readonly [string, FlowConfig][] = [
  [
    "a conditional field",
    {
      block: { field: { ...mlp, condition: 3 }, divergence: "exact" },
      blocks: blocksOf({ ...mlp, condition: 3 }),
      steps: 8,
    },
  ],
  [
    "a label-dependent base",
    {
      block: { field: mlp, divergence: "exact", base: "labels" },
      blocks: blocksOf(mlp),
      steps: 8,
      baseMeans: Float32Array.from([0, 0, 2, -1, -1, 3]),
    },
  ],
];

/** n copies of the place of a label. */
const label = (k: number, n: number): Float32Array => Float32Array.from({ length: 3 * n }, (_, at) => +(at % 3 === k));

describe.each(constructions)("%s", (name, config) => {
  const flow = createFlow(engine, config);

  it("has a density that integrates to one for each label", async () => {
    const quick = await createEngine({ threads: 1 }); // the reference takes seconds
    const many = createFlow(quick, config);
    const [n, half] = [60, 10];
    const step = (2 * half) / n;
    const grid = Float32Array.from(
      { length: 2 * n * n },
      (_, at) => -half + step * (0.5 + (at % 2 === 0 ? (at >> 1) % n : Math.floor((at >> 1) / n))),
    );
    for (const k of [0, 2]) {
      const mass = many.logProb(grid, 4, label(k, n * n)).reduce((sum, l) => sum + Math.exp(l) * step * step, 0);
      expect(Math.abs(mass - 1)).toBeLessThan(1e-3); // a smooth density on a grid of 1/3
    }
    quick.dispose();
  });

  it("differs between labels, comes back, and agrees with adaptive steps", () => {
    const x = normal(createKey(5), 20);
    const densities = [0, 1, 2].map((k) => flow.logProb(x, undefined, label(k, 10)));
    expect(Math.abs(densities[0][0] - densities[1][0])).toBeGreaterThan(0.01);
    const y = Float32Array.from({ length: 30 }, (_, at) => +(at % 3 === Math.floor(at / 3) % 3));
    const mixed = flow.logProb(x, undefined, y);
    mixed.forEach((value, i) => {
      expect(value).toBe(densities[i % 3][i]); // a row alone is scored as among others
    });
    const how = { rtol: 1e-9, atol: 1e-9 };
    // Runge-Kutta of order 4 with 8 steps against a tolerance of 1e-9.
    flow.logProb(x, how, y).forEach((value, i) => {
      expect(Math.abs(value - mixed[i])).toBeLessThan(1e-4);
    });
    flow.invert(flow.push(x, how, y).z, how, y).forEach((value, at) => {
      expect(Math.abs(value - x[at])).toBeLessThan(1e-5);
    });
    const path = flow.trajectory(x, y);
    path[2].forEach((value, at) => {
      expect(value).toBeCloseTo(flow.push(x, undefined, y).z[at], 5);
    });
  });

  it("samples from the base of the label", () => {
    const y = label(1, 500);
    const samples = flow.sample(createKey(9), 500, y);
    const back = flow.push(samples, undefined, y).z;
    const mean = [0, 1].map((j) => back.filter((_, at) => at % 2 === j).reduce((sum, z) => sum + z / 500, 0));
    const wanted = config.baseMeans ? [2, -1] : [0, 0]; // mu of label 1
    mean.forEach((value, j) => {
      expect(Math.abs(value - wanted[j])).toBeLessThan(4 / Math.sqrt(500));
    });
  });

  it("refuses covariates that do not fit", () => {
    const x = normal(createKey(5), 20);
    expect(() => flow.logProb(x)).toThrow(/covariates: none, expected \[10, 3\]/);
    expect(() => flow.sample(createKey(1), 4, label(0, 3))).toThrow(InputError);
    const plain = createFlow(engine, { block: { field: mlp, divergence: "exact" }, blocks: [], steps: 1 });
    expect(() => plain.logProb(x, undefined, label(0, 10))).toThrow(/no condition/);
    plain.dispose();
  });

  it("is stored with its condition", () => {
    const words = ["b", "a", "c", "a"];
    const given = { rows: 4, columns: [{ name: "kind", kind: "category" as const, values: words }] };
    const rows = createTable(normal(createKey(1), 40), ["height", "weight"]);
    const model: Model = {
      system: "jko-iflow",
      standardizer: fitStandardizer(rows, { kind: "zscore" }),
      flow: config,
      condition: { encoder: fitCondition(given), pool: Float64Array.of(1, 0, 2, 0) },
      settings: {},
      scores: Float64Array.of(-3, -2),
    };
    const bytes = encodeModel(model);
    const read = decodeModel(bytes);
    expect(encodeModel(read)).toEqual(bytes);
    expect(read.condition!.encoder.columns).toEqual([
      { name: "kind", kind: "category", categories: ["a", "b", "c"], frequencies: [0.5, 0.25, 0.25] },
    ]);
    const [a, b] = [openModel(engine, model), openModel(engine, read)];
    const four = createTable(rows.values.slice(0, 8), rows.columns);
    expect(b.logProb(four, { given })).toEqual(a.logProb(four, { given }));
    expect(b.sample(createKey(1), 3)).toEqual(a.sample(createKey(1), 3)); // labels drawn as in the pool
    expect(a.inversionError(four, { given })).toBeLessThan(1e-3);
    expect(() => a.logProb(four)).toThrow(/condition: none, expected values of kind/);
    const other = { rows: 4, columns: [{ name: "kind", kind: "category" as const, values: ["a", "b", "d", "a"] }] };
    expect(() => a.logProb(four, { given: other })).toThrow(/"d", expected one of a, b, c/);
    // A file whose field and condition disagree.
    const lost = { ...model, flow: { ...config, blocks: [] }, condition: undefined } as unknown as Model;
    if (name === "a conditional field") expect(() => decodeModel(encodeModel(lost))).toThrow(/covariates of the field/);
    const wide = { ...model, condition: { encoder: fitCondition(other), pool: Float64Array.of(7) } };
    expect(() => decodeModel(encodeModel(wide))).toThrow(InputError);
  });
});
