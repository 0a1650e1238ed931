/** Models of bounded columns and of tables with a schema: densities, samples, files. */
import { describe, expect, it } from "vitest";
import { type Bounds, createTable, fitStandardizer, type Schema } from "../data/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import { decodeModel, encodeModel, type Model, openModel } from "./index.ts";

const field: MlpConfig = { dimension: 1, hidden: [6], activation: { kind: "softplus", beta: 5 }, time: "concat" };
/** exp of a normal: above 0, and below 1 when divided by 1 + itself. */
const positive = normal(createKey(1), 400).map((z) => Math.exp(0.7 * z));

function modelOf(bounds: Bounds, values: Float32Array, schema?: Schema): Model {
  return {
    system: "jko-iflow",
    standardizer: fitStandardizer(createTable(values, ["x"]), { bounds: { x: bounds } }),
    ...(schema ? { schema } : {}),
    flow: {
      block: { field, divergence: "exact" },
      blocks: [{ weights: initMlp(field, createKey(2)), stepSize: 1 }],
      steps: 8,
    },
    settings: {},
    scores: new Float64Array(1001),
  };
}

const cases: readonly (readonly [name: string, bounds: Bounds, values: Float32Array])[] = [
  ["below", [0, null], positive],
  ["above", [null, 2], positive.map((x) => 2 - x)],
  ["on both sides", [-1, 3], positive.map((x) => -1 + (4 * x) / (1 + x))],
];

describe.each(cases)("a column bounded %s", (_, bounds, values) => {
  const open = openModel(createReferenceEngine(), modelOf(bounds, values));
  const [low, high] = bounds;

  it("has a density that integrates to 1 over what is inside, and none outside", () => {
    // Midpoints of a grid in u, x = low + exp(u): the density falls off at both ends, so the sum converges fast.
    const standardizer = open.model.standardizer.toJSON();
    const n = 2000;
    const [from, to] = [standardizer.mean[0] - 9 * standardizer.sd[0], standardizer.mean[0] + 9 * standardizer.sd[0]];
    const width = (to - from) / n;
    const place = (u: number): { x: number; slope: number } => {
      if (low === null) return { x: high! - Math.exp(-u), slope: Math.exp(-u) };
      if (high === null) return { x: low + Math.exp(u), slope: Math.exp(u) };
      const share = 1 / (1 + Math.exp(-u));
      return { x: low + (high - low) * share, slope: (high - low) * share * (1 - share) };
    };
    const points = Array.from({ length: n }, (_, i) => place(from + (i + 0.5) * width));
    const inside = points.filter(
      ({ x }) => (low === null || Math.fround(x) > low) && (high === null || Math.fround(x) < high),
    );
    const p = open.logProb(Float32Array.from(inside, ({ x }) => x));
    const sum = p.reduce((all, value, i) => all + Math.exp(value) * inside[i].slope * width, 0);
    expect(sum).toBeCloseTo(1, 3); // x is rounded to float32 near its bounds
    const outside = [low === null ? high! : low, low === null ? high! + 1 : low - 1];
    expect([...open.logProb(Float32Array.from(outside))]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  });

  it("has samples strictly inside, each of which has a density", () => {
    const { values: x } = open.sample(createKey(3), 2000);
    expect(x.every((value) => (low === null || value > low) && (high === null || value < high))).toBe(true);
    expect(open.logProb(x).every(Number.isFinite)).toBe(true);
    // Far out in the tails float32 has no number left between the value and its bound.
    const far = open.model.standardizer.inverse(Float32Array.of(-80, 80)).values;
    expect(far.every((value) => (low === null || value > low) && (high === null || value < high))).toBe(true);
  });
});

describe("model file with a schema", () => {
  const schema: Schema = { columns: [{ name: "x", kind: "integer", bounds: [0, null] }] };
  it("has format 2 and gives the schema back; without one it has format 1", () => {
    const read = decodeModel(encodeModel(modelOf([0, null], positive, schema)));
    expect(read.schema).toEqual(schema);
    const formatOf = (model: Model): string => /"format":"(\d)"/.exec(new TextDecoder().decode(encodeModel(model)))![1];
    expect(formatOf(read)).toBe("2");
    expect(formatOf(modelOf([0, null], positive))).toBe("1");
    expect(decodeModel(encodeModel(modelOf([0, null], positive))).schema).toBeUndefined();
  });
  it("is refused when the schema is not one of its columns", () => {
    const other: Schema = { columns: [{ name: "y", kind: "integer" }] };
    expect(() => decodeModel(encodeModel(modelOf([0, null], positive, other)))).toThrow("schema");
  });
});
