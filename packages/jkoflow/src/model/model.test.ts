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
  /** For calls as plain JavaScript can make them. */
  type Loose = Record<string, (...given: unknown[]) => unknown>;
  const loose = (): Loose => openModel(createReferenceEngine(), model()) as unknown as Loose;

  it("samples by a key and a whole number, nothing else", () => {
    const open = loose();
    expect(() => open.sample(1, 2)).toThrow("key: 1, expected a key; make one: createKey(1)");
    expect(() => open.conditions("a", 2)).toThrow('key: "a", expected a key; make one: createKey("a")');
    expect(() => (open.flow as unknown as Loose).sample(1, 2)).toThrow("key: 1, expected a key");
    for (const call of [open.sample, open.conditions, (open.flow as unknown as Loose).sample]) {
      expect(() => call(undefined, 2)).toThrow("key: nothing, expected a key");
      expect(() => call(createKey(1), -1)).toThrow("n: -1, expected a whole number of at least 0");
      expect(() => call(createKey(1), 1.5)).toThrow("n: 1.5, expected");
      expect(() => call(createKey(1))).toThrow("n: nothing, expected");
    }
    expect(() => open.sample(5)).toThrow(InputError);
    expect(open.sample(createKey(1), 0)).toMatchObject({ rows: 0, columns: ["height", "weight"] });
  });

  it("refuses what are not rows, given columns or scores", () => {
    const open = loose();
    const table = "expected a table; make one: data.createTable(values, columns)";
    for (const method of ["logProb", "inversionError", "score"]) {
      expect(() => open[method](undefined)).toThrow(`rows: nothing, ${table}`);
      expect(() => open[method]({ train: rows })).toThrow(`rows: { train }, ${table}`);
      expect(() => open[method]([[1, 2]])).toThrow(
        "rows: an array of 1, expected a table or a Float32Array; make a table: data.tableOf(rows)",
      );
      expect(() => open[method](new Float64Array(2))).toThrow("Float32Array.from(rows)");
    }
    expect(() => open.score(rows)).toThrow("logProb: nothing, expected a Float64Array of 200, one number for each row");
    expect(() => open.score(rows, new Float64Array(3))).toThrow("logProb: 3 numbers, expected");
    for (const y of [3, null, "a", rows, { rows: 200, columns: [{ name: "a" }] }]) {
      expect(() => open.logProb(rows, { given: y })).toThrow(/^condition: .*, expected rows of given columns/);
    }
    expect(() => open.conditions(createKey(1), 2, "a=1")).toThrow('given: "a=1", expected values by column');
    expect(() => open.conditions(createKey(1), 2, null)).toThrow("given: null, expected");
    const flow = open.flow as unknown as Loose;
    for (const method of ["push", "invert", "logProb", "trajectory"]) {
      expect(() => flow[method]([1, 2])).toThrow(
        "rows: an array of 2, expected a Float32Array; convert it: Float32Array.from(values)",
      );
      expect(() => flow[method](rows)).toThrow("rows: { values, rows, columns }, expected");
    }
    expect(() => flow.push(new Float32Array(2), 4, [])).toThrow("covariates: an array of 0, expected a Float32Array");
  });

  it("is opened from a model on an engine, nothing else", () => {
    const open = openModel as (...given: unknown[]) => unknown;
    const engine = createReferenceEngine();
    const refused = (other: unknown) => () => open(engine, other);
    expect(refused({})).toThrow("model: {}, expected a model, as of fit or decodeModel");
    expect(refused(undefined)).toThrow("model: nothing, expected a model");
    expect(refused(encodeModel(model()))).toThrow(
      "model: a Uint8Array, expected a model, as of fit or decodeModel; for the bytes",
    );
    expect(refused({ model: model(), stop: "" })).toThrow("take the model of it: .model");
    expect(refused(Promise.resolve(model()))).toThrow(
      "model: a promise, expected a model, as of fit or decodeModel; await it",
    );
    expect(refused(JSON.parse(JSON.stringify(model())))).toThrow(/^model:standardizer: .*encodeModel, decodeModel/);
    expect(refused({ ...model(), flow: { steps: 4 } })).toThrow("model:flow: { steps }, expected");
    for (const other of [null, "model.jko", 3, []]) expect(refused(other)).toThrow(InputError);
    expect(() => open()).toThrow("engine: nothing, expected an engine; make one: await createEngine()");
    expect(() => open(Promise.resolve(engine), model())).toThrow("engine: a promise, expected an engine; await it");
    expect(() => open(model(), engine)).toThrow("engine: { system, standardizer, flow, settings, scores }, expected");
  });

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
