import { describe, expect, it } from "vitest";
import {
  conditionPool,
  createStandardizer,
  createTable,
  fitCondition,
  fitKernelMargin,
  takeConditions,
} from "../data/index.ts";
import type { MixtureBase } from "../distributions/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { decodeModel, encodeModel, mixtureModel, openModel } from "./index.ts";

const n = 400;
const plain = (columns: readonly string[]) =>
  createStandardizer({
    kind: "none",
    columns: [...columns],
    transforms: columns.map(() => ({ kind: "none" })),
    mean: columns.map(() => 0),
    sd: columns.map(() => 1),
  });

describe("a mixture behind kernel margins", () => {
  // Half of the values within a hundredth, half of them spread: a plain Gaussian base knows nothing of either.
  const values = (part: string, rows: number): Float64Array =>
    Float64Array.from(normal(fold(createKey(1), part), rows), (z, i) => (i % 2 === 0 ? z / 100 : 3 + z));
  const [margin] = fitKernelMargin(values("train", 2000), values("held", 500), ["normal"]);
  const mixture: MixtureBase = {
    weights: Float64Array.of(0.25, 0.75),
    means: Float64Array.of(-0.5, 0.2),
    factors: Float64Array.of(1.5, 0.9),
    margins: [margin],
  };
  const rows = createTable(Float32Array.from(values("rows", n)), 1);
  const model = mixtureModel("mixture", plain(rows.columns), { mixture }, rows);
  const open = openModel(createReferenceEngine(), model);

  it("integrates to one", () => {
    const [from, step, cells] = [-30, 1e-3, 66_000];
    const grid = Float32Array.from({ length: cells }, (_, i) => from + (i + 0.5) * step);
    const mass = open.logProb(grid).reduce((sum, value) => sum + Math.exp(value) * step, 0);
    expect(Math.abs(mass - 1)).toBeLessThan(2e-3); // pieces of T within a cell of the grid
  });

  it("is sampled by its own density: P(x < t) of samples is the integral up to t", () => {
    const draws = 20_000;
    const x = open.sample(createKey(5), draws).values;
    for (const t of [-0.02, 0, 0.03, 2, 4]) {
      let mass = 0;
      const step = 5e-4;
      for (let at = -20; at < t - step / 2; at += 50 * step) {
        const cells = Math.min(50, Math.round((t - at) / step));
        const grid = Float32Array.from({ length: cells }, (_, i) => at + (i + 0.5) * step);
        mass += open.logProb(grid).reduce((sum, value) => sum + Math.exp(value) * step, 0);
      }
      const share = x.filter((value) => value < t).length / draws;
      expect(Math.abs(share - mass)).toBeLessThan(4 * Math.sqrt(0.25 / draws) + 2e-3);
    }
  });

  it("comes back from its file, and a file with other margins is refused", () => {
    const bytes = encodeModel(model);
    const read = decodeModel(bytes);
    expect(encodeModel(read)).toEqual(bytes);
    expect(openModel(createReferenceEngine(), read).logProb(rows)).toEqual(open.logProb(rows));
    const broken = (margins: MixtureBase["margins"]) => () =>
      decodeModel(encodeModel({ ...model, flow: { ...model.flow, baseMixture: { ...mixture, margins } } }));
    expect(broken([margin, margin])).toThrow("margins");
    expect(broken([{ ...margin, step: -1 }])).toThrow("margins");
    expect(broken([{ ...margin, values: margin.values.toReversed() }])).toThrow("margins");
  });
});

describe("a mixture of what a regression leaves", () => {
  const y = normal(createKey(2), n);
  const words = Array.from({ length: n }, (_, i) => ["ant", "bee"][i % 2]);
  const given = {
    rows: n,
    columns: [
      { name: "y", kind: "number" as const, values: Float64Array.from(y) },
      { name: "word", kind: "category" as const, values: words },
    ],
  };
  const encoder = fitCondition(given);
  const [number] = encoder.columns;
  // E[x | y, word] = 1 + 2 y of the standardised y, and 3 more for bees, by construction; two clusters around that.
  const opening = {
    slopes: Float64Array.of(2, 0, 3),
    centre: Float64Array.of(1),
    eigenvalues: Float64Array.of(1),
    eigenvectors: Float64Array.of(1),
  };
  const mixture: MixtureBase = {
    weights: Float64Array.of(0.5, 0.5),
    means: Float64Array.of(-2, 2),
    factors: Float64Array.of(1, 4),
  };
  const x = Float32Array.from(uniform(createKey(4), n), (u) => 10 * u - 3);
  const rows = createTable(x, ["x"]);
  const condition = { encoder, pool: conditionPool(encoder, given) };
  const model = mixtureModel("mixture around that", plain(["x"]), { mixture, opening }, rows, {
    condition,
    heldOut: given,
  });
  const open = openModel(createReferenceEngine(), model);
  const bell = (r: number, sd: number): number => Math.exp(-((r / sd) ** 2) / 2) / (sd * Math.sqrt(2 * Math.PI));

  it("has the density of the textbook's formula, for each row what it is given", () => {
    open.logProb(rows, { given }).forEach((value, i) => {
      const z = number.kind === "number" ? (y[i] - number.mean) / number.sd : Number.NaN;
      const r = x[i] - (1 + 2 * z + (words[i] === "bee" ? 3 : 0));
      expect(value).toBeCloseTo(Math.log(bell(r + 2, 1) / 2 + bell(r - 2, 1 / 4) / 2), 4);
    });
    expect(open.inversionError(rows, { given })).toBeLessThan(1e-5);
  });

  it("is sampled around what is given, and draws that itself where nothing is", () => {
    const bees = takeConditions(given, new Int32Array(4000).fill(1));
    const z = number.kind === "number" ? (y[1] - number.mean) / number.sd : Number.NaN;
    const drawn = open.sample(createKey(6), 4000, { given: bees }).values;
    const mean = drawn.reduce((sum, value) => sum + value / drawn.length, 0);
    expect(Math.abs(mean - (4 + 2 * z))).toBeLessThan((4 * 2.2) / Math.sqrt(4000)); // variance 4 + (1 + 1/16) / 2
    expect(open.sample(createKey(6), 10).rows).toBe(10);
  });

  it("comes back from its file", () => {
    const bytes = encodeModel(model);
    const read = decodeModel(bytes);
    expect(encodeModel(read)).toEqual(bytes);
    expect(openModel(createReferenceEngine(), read).logProb(rows, { given })).toEqual(open.logProb(rows, { given }));
  });

  it("wants the opening together with what is given", () => {
    expect(() => mixtureModel("", plain(["x"]), { mixture, opening }, rows)).toThrow(
      "an opening without given columns",
    );
    const both = { condition, heldOut: given };
    expect(() => mixtureModel("", plain(["x"]), { mixture }, rows, both)).toThrow("given columns without an opening");
  });
});
