/** A model of a table and the chain it is: the same numbers, and a refusal where it is none. */
import { afterAll, describe, expect, it } from "vitest";
import { decodeChain, encodeChain, openChain } from "../chain/index.ts";
import { createTable, fitCondition, fitStandardizer } from "../data/index.ts";
import { createEngine } from "../engine/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import { chainOf, type Model, openModel } from "./index.ts";

const field: MlpConfig = { dimension: 2, hidden: [5, 4], activation: { kind: "softplus", beta: 5 }, time: "concat" };
const values = normal(createKey(1), 400).map((z, i) => (i % 2 === 0 ? 3 + 2 * z : Math.exp(0.7 * z)));
const rows = createTable(values, ["height", "weight"]);
const engine = await createEngine({ threads: 1 });
afterAll(engine.dispose);

const modelOf = (standardizer: Model["standardizer"]): Model => ({
  system: "jko-iflow",
  standardizer,
  flow: {
    block: { field, divergence: "exact" },
    blocks: [2, 3].map((seed) => ({ weights: initMlp(field, createKey(seed)), stepSize: 1 })),
    steps: 4,
  },
  settings: {},
  scores: new Float64Array(1001),
});

describe.each([
  ["z-scores", fitStandardizer(rows, { kind: "zscore" })],
  ["whitened", fitStandardizer(rows, { kind: "whiten" })],
  ["a bounded column", fitStandardizer(rows, { bounds: { weight: [0, null] } })],
] as const)("%s", (_, standardizer) => {
  const model = modelOf(standardizer);
  const stored = decodeChain(encodeChain(chainOf(model)));
  const [chain, table] = [openChain(stored, { engine }), openModel(engine, model)];

  it("scores and samples like the model, from its file, by name of column", () => {
    const scores = table.logProb(rows);
    chain.logProb!(rows).forEach((score, i) => {
      // Sums of the same float32 numbers: the model adds the log-determinants of its blocks in float32.
      expect(Math.abs(score - scores[i])).toBeLessThan(2e-6 * Math.max(1, Math.abs(scores[i])));
    });
    const drawn = chain.sample!(createKey(4), 50);
    expect(drawn.columns).toEqual(table.columns);
    expect(Array.from(table.fromBase(normal(createKey(5), 100)))).toEqual([
      ...chain.fromBase!(normal(createKey(5), 100)),
    ]);
    expect(chain.inversionError!(rows)).toBeLessThan(1e-3);
    expect([chain.lacks, table.lacks]).toEqual([{}, {}]);
  });

  it("agrees on rows without a density", () => {
    const outside = createTable(Float32Array.of(1, -2), ["height", "weight"]);
    const [score] = chain.logProb!(outside);
    expect(Number.isFinite(score)).toBe(Number.isFinite(table.logProb(outside)[0]));
    if (!Number.isFinite(score)) expect([score, table.logProb(outside)[0]]).toEqual([-Infinity, -Infinity]);
  });
});

it("says what is in the way", () => {
  const model = modelOf(fitStandardizer(rows));
  const given = { rows: 2, columns: [{ name: "kind", kind: "category" as const, values: ["a", "b"] }] };
  const condition = { encoder: fitCondition(given), pool: Float64Array.of(0) };
  const schema = { columns: [{ name: "height", kind: "number" as const }] };
  expect(() => chainOf({ ...model, condition, schema })).toThrow(
    "chain: a model with given columns, encoded columns, expected numbers, a standardiser, and blocks to N(0, I)",
  );
  const mixture = { weights: Float64Array.of(1), means: new Float64Array(2), factors: Float64Array.of(1, 0, 1) };
  expect(() => chainOf({ ...model, flow: { ...model.flow, baseMixture: mixture } })).toThrow("a mixture as its base");
});

it("a part whose numbers are no standardiser is refused", () => {
  const chain = chainOf(modelOf(fitStandardizer(rows)));
  const broken = { ...chain, parts: [{ config: { kind: "standardizer", state: {} }, weights: new Float32Array(0) }] };
  expect(() => decodeChain(encodeChain(broken))).toThrow(
    "map.state:kind: another value, expected zscore, whiten, radial or none",
  );
});
