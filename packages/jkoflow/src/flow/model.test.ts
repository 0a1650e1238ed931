import { describe, expect, it } from "vitest";
import { createTable, fitStandardizer } from "../data/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, fold, integers, normal } from "../random/index.ts";
import { decodeModel, encodeModel, type Model, openModel, scoreQuantiles, scoreThreshold } from "./index.ts";

const field: MlpConfig = { dimension: 2, hidden: [5, 4], activation: { kind: "softplus", beta: 5 }, time: "concat" };
const rows = createTable(
  normal(createKey(1), 400).map((z, i) => (i % 2 === 0 ? 3 + 2 * z : 100 * z)),
  ["height", "weight"],
);

const model = (): Model => ({
  system: "jko-iflow",
  standardizer: fitStandardizer(rows, { kind: "whiten" }),
  flow: {
    block: { field, divergence: "exact" },
    blocks: [
      { weights: initMlp(field, createKey(2)), stepSize: 1 },
      { weights: initMlp(field, createKey(3)), stepSize: Infinity },
    ],
    steps: 4,
  },
  settings: { seed: 1, hidden: [5, 4] },
  scores: scoreQuantiles(Float64Array.from(normal(createKey(4), 300))),
});

describe("model file", () => {
  it("gives back the same model, and the same bytes for the same model", () => {
    const bytes = encodeModel(model());
    expect(encodeModel(model())).toEqual(bytes);
    const read = decodeModel(bytes);
    expect(encodeModel(read)).toEqual(bytes);
    expect(read.flow.blocks[1].stepSize).toBe(Infinity);
    const engine = createReferenceEngine();
    const [a, b] = [openModel(engine, model()), openModel(engine, read)];
    expect(b.logProb(rows)).toEqual(a.logProb(rows));
    expect(b.sample(createKey(1), 3)).toEqual(a.sample(createKey(1), 3));
  });

  it("keeps kernels, and refuses ones that do not fit", () => {
    const kernels = { rows: normal(createKey(5), 20), width: 0.3 };
    const bytes = encodeModel({ ...model(), kernels });
    expect(decodeModel(bytes).kernels).toEqual(kernels);
    expect(encodeModel(decodeModel(bytes))).toEqual(bytes);
    const refuse = (other: typeof kernels) => () => decodeModel(encodeModel({ ...model(), kernels: other }));
    expect(refuse({ ...kernels, width: 0 })).toThrow("kernelWidth");
    expect(refuse({ ...kernels, rows: new Float32Array(0) })).toThrow("kernels.rows");
    expect(refuse({ ...kernels, rows: Float32Array.of(1, Number.NaN) })).toThrow("kernels.rows");
  });

  it("never loads a damaged file: 200 flipped bytes, 50 truncations", () => {
    const bytes = encodeModel(model());
    const key = createKey("damage");
    const places = integers(fold(key, "flip"), 200, 0, bytes.length);
    for (let i = 0; i < 200; i++) {
      const damaged = bytes.slice();
      damaged[places[i]] ^= 1 << (i % 8);
      expect(() => decodeModel(damaged)).toThrow(InputError);
    }
    const ends = integers(fold(key, "cut"), 50, 0, bytes.length);
    for (let i = 0; i < 50; i++) expect(() => decodeModel(bytes.slice(0, ends[i]))).toThrow(InputError);
  });
});

describe("an open model", () => {
  it("ranks rows by log p, or by its mean with the kernels' log-density in the same units", () => {
    const engine = createReferenceEngine();
    const plain = openModel(engine, model());
    const logProb = plain.logProb(rows);
    expect(plain.score(rows, logProb)).toEqual(logProb);

    // One kernel of width 1 at the mean of z-scored columns is the Gaussian of the columns.
    const standardizer = fitStandardizer(rows, { kind: "zscore" });
    const gaussian: Model = { ...model(), standardizer, flow: { ...model().flow, blocks: [] } };
    const expected = openModel(engine, gaussian).logProb(rows);
    const open = openModel(engine, { ...gaussian, kernels: { rows: new Float32Array(2), width: 1 } });
    for (const [i, value] of open.score(rows, new Float64Array(rows.rows)).entries())
      expect(value).toBeCloseTo(expected[i] / 2, 5);
  });

  it("scores in the units of the data: an identity flow of a z-score is the Gaussian of the columns", () => {
    const zero: Model = {
      ...model(),
      standardizer: fitStandardizer(rows, { kind: "zscore" }),
      flow: { ...model().flow, blocks: [] },
    };
    const open = openModel(createReferenceEngine(), zero);
    const { mean, sd } = zero.standardizer.toJSON();
    const x = rows.values.subarray(0, 2);
    const expected = [0, 1].reduce(
      (s, j) => s - 0.5 * ((x[j] - mean[j]) / sd[j]) ** 2 - Math.log(sd[j]) - 0.5 * Math.log(2 * Math.PI),
      0,
    );
    expect(open.logProb(x)[0]).toBeCloseTo(expected, 5);
  });

  it("matches columns by name", () => {
    const open = openModel(createReferenceEngine(), model());
    const swapped = createTable(
      rows.values.map((_, i) => rows.values[i ^ 1]),
      ["weight", "height"],
    );
    expect(open.logProb(swapped)).toEqual(open.logProb(rows));
    expect(() => open.logProb(createTable(rows.values, ["height", "age"]))).toThrow(InputError);
  });

  it("finds thresholds between the stored scores", () => {
    const m = model();
    expect(scoreThreshold(m, 0.01)).toBeLessThan(scoreThreshold(m, 0.5));
    expect(() => scoreThreshold(m, 1.5)).toThrow(InputError);
  });
});
