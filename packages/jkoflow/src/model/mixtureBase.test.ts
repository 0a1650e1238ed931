import { describe, expect, it } from "vitest";
import { createFlow, type FlowBlock } from "../chain/index.ts";
import { createStandardizer } from "../data/index.ts";
import { type MixtureBase, mixtureLogDensity } from "../distributions/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import { decodeModel, encodeModel, type Model, openModel } from "./index.ts";

const field: MlpConfig = { dimension: 2, hidden: [4], activation: { kind: "softplus", beta: 5 }, time: "concat" };
/** Covariances A^-1 A^-T: of (1, 0, 2, 0.5) [[1, -4], [-4, 20]]; of (2, 1, 1) [[0.25, -0.25], [-0.25, 1.25]]. */
const base: MixtureBase = {
  weights: Float64Array.of(0.3, 0.7),
  means: Float64Array.of(-1, 2, 1, 0),
  factors: Float64Array.of(1, 2, 0.5, 2, 1, 1),
};
const covariances = [
  [1, -4, 20],
  [0.25, -0.25, 1.25],
];

const flowOf = (blocks: readonly FlowBlock[], baseMixture?: MixtureBase) =>
  createFlow(createReferenceEngine(), {
    block: { field, divergence: "exact" },
    blocks,
    steps: 4,
    ...(baseMixture ? { baseMixture } : {}),
  });

/** Density by the inverse of the covariance, in the textbook's form. */
function exact(x: number, y: number): number {
  return Math.log(
    covariances.reduce((sum, [a, b, c], k) => {
      const [u, v] = [x - base.means[2 * k], y - base.means[2 * k + 1]];
      const det = a * c - b * b;
      const square = (c * u * u - 2 * b * u * v + a * v * v) / det;
      return sum + (base.weights[k] * Math.exp(-square / 2)) / (2 * Math.PI * Math.sqrt(det));
    }, 0),
  );
}

const model = (flow: Partial<Model["flow"]> = {}): Model => ({
  system: "Gaussian mixture",
  standardizer: createStandardizer({
    kind: "zscore",
    columns: ["a", "b"],
    transforms: [{ kind: "none" }, { kind: "none" }],
    mean: [10, -20],
    sd: [2, 0.5],
  }),
  flow: { block: { field, divergence: "exact" }, blocks: [], steps: 1, baseMixture: base, ...flow },
  settings: {},
  scores: Float64Array.of(-3, -2, -1),
});

describe("a mixture as the base of a flow", () => {
  it("has the density of the textbook's formula", () => {
    const z = normal(createKey(1), 400).map((value) => 2 * value);
    const density = mixtureLogDensity(base, z, 2);
    density.forEach((value, i) => {
      expect(value).toBeCloseTo(exact(z[2 * i], z[2 * i + 1]), 10);
    });
  });

  it("is N(0, I) where it is that", () => {
    const one = { weights: Float64Array.of(1), means: new Float64Array(2), factors: Float64Array.of(1, 0, 1) };
    const blocks = [{ weights: initMlp(field, createKey(3)), stepSize: 1 }];
    const z = normal(createKey(2), 40);
    const [mixed, plain] = [flowOf(blocks, one), flowOf(blocks)].map((flow) => flow.logProb(z));
    mixed.forEach((value, i) => {
      expect(value).toBeCloseTo(plain[i], 9);
    });
  });

  it("is sampled with its weights, means and covariances, through the blocks too", () => {
    const n = 40_000;
    const moments = (rows: Float32Array) => {
      let [mx, my, xx, xy, yy] = [0, 0, 0, 0, 0];
      for (let i = 0; i < n; i++) {
        const [x, y] = [rows[2 * i], rows[2 * i + 1]];
        [mx, my, xx, xy, yy] = [mx + x / n, my + y / n, xx + (x * x) / n, xy + (x * y) / n, yy + (y * y) / n];
      }
      return [mx, my, xx, xy, yy];
    };
    const z = flowOf([], base).sample(createKey(5), n);
    const [w, v] = base.weights;
    const expected = [
      v - w,
      2 * w,
      w * (1 + 1) + v * (0.25 + 1),
      w * (-4 - 2) + v * -0.25,
      w * (20 + 4) + v * 1.25, // E y^2 of each: variance and squared mean
    ];
    // Standard errors of these means: 0.005 to 0.1 for 40,000 rows.
    const tolerances = [0.03, 0.06, 0.05, 0.15, 0.6];
    moments(z).forEach((value, k) => {
      expect(Math.abs(value - expected[k])).toBeLessThan(tolerances[k]);
    });
    const blocks = [{ weights: initMlp(field, createKey(3)), stepSize: 1 }];
    const flow = flowOf(blocks, base);
    const rows = flow.sample(createKey(5), 100);
    const back = flow.push(rows).z;
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(z[i], 4);
    });
  });

  it("is a model in the units of the data, and comes back from its file", () => {
    const engine = createReferenceEngine();
    const open = openModel(engine, model());
    const rows = Float32Array.of(10, -20, 8, -19.5);
    const scale = Math.log(2 * 0.5);
    expect(open.logProb(rows)[0]).toBeCloseTo(exact(0, 0) - scale, 6);
    expect(open.logProb(rows)[1]).toBeCloseTo(exact(-1, 1) - scale, 6);
    const bytes = encodeModel(model());
    const read = decodeModel(bytes);
    expect(encodeModel(read)).toEqual(bytes);
    expect(openModel(engine, read).sample(createKey(7), 5)).toEqual(open.sample(createKey(7), 5));
    expect(open.inversionError(rows)).toBe(0);
  });

  it("refuses a file whose weights or scales are no mixture's", () => {
    const file = (baseMixture: MixtureBase) => () => decodeModel(encodeModel(model({ baseMixture })));
    expect(file({ ...base, weights: Float64Array.of(0.3, 0.6) })).toThrow("base.weights");
    expect(file({ ...base, weights: Float64Array.of(1.3, -0.3) })).toThrow("base.weights");
    expect(file({ ...base, factors: Float64Array.of(1, 2, 0, 2, 1, 1) })).toThrow("base.factors");
    expect(file({ ...base, means: Float64Array.of(1, 2) })).toThrow("base.means");
    expect(file({ ...base, means: Float64Array.of(1, 2, Number.NaN, 0) })).toThrow("base.means");
  });
});
