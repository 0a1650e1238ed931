import { describe, expect, it } from "vitest";
import { createReferenceEngine } from "../engine/index.ts";
import { createGraph, createProgram } from "../graph/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, fold, normal, rademacher } from "../random/index.ts";
import { divergenceByUnitVectors, mlpField } from "./field.ts";

const engine = createReferenceEngine();

const configs: readonly MlpConfig[] = [
  { dimension: 3, hidden: [6], activation: { kind: "tanh" }, time: "concat" },
  { dimension: 3, hidden: [6, 5], activation: { kind: "softplus", beta: 5 }, time: "concat" },
  { dimension: 3, hidden: [6, 5, 4], activation: { kind: "softplus", beta: 1 }, time: "none" },
];

describe.each(configs)("divergence of $hidden", (config) => {
  const weights = engine.parameters(initMlp(config, createKey(2)));
  const d = config.dimension;

  it("exact: equals the trace by unit vectors", () => {
    const graph = createGraph();
    const x = graph.rows("x", d);
    const field = mlpField(graph, config, { divergence: "exact" });
    const { velocity, divergence } = field.at(x, 0.3);
    const outputs = { divergence, byUnitVectors: divergenceByUnitVectors(velocity, x) };
    const program = engine.load(createProgram({ name: "trace", parameters: field.parameters, outputs }));
    const rows = engine.table(20, d, normal(createKey(3), 20 * d));
    const [a, b] = [engine.table(20, 1), engine.table(20, 1)];
    program.run({ parameters: weights, inputs: { x: rows }, outputs: { divergence: a, byUnitVectors: b } });
    a.read().forEach((value, i) => {
      expect(Math.abs(value - b.read()[i])).toBeLessThan(1e-6); // float32 tables
    });
  });

  it("hutchinson: the mean of 10,000 probes lies within 4 standard errors of the exact trace", () => {
    const n = 10_000;
    const graph = createGraph();
    const x = graph.rows("x", d);
    const estimate = mlpField(graph, config, { divergence: "hutchinson", probe: graph.rows("probe", d) });
    const exact = mlpField(graph, config, { divergence: "exact" });
    const outputs = { estimate: estimate.at(x, 0.3).divergence, exact: exact.at(x, 0.3).divergence };
    const program = engine.load(createProgram({ name: "probes", parameters: exact.parameters, outputs }));
    const row = normal(fold(createKey(4), "row"), d);
    const rows = engine.table(
      n,
      d,
      Float32Array.from({ length: n * d }, (_, i) => row[i % d]),
    );
    const probes = engine.table(n, d, rademacher(createKey(5), n * d));
    const [a, b] = [engine.table(n, 1), engine.table(n, 1)];
    program.run({ parameters: weights, inputs: { x: rows, probe: probes }, outputs: { estimate: a, exact: b } });
    const values = a.read();
    const mean = values.reduce((s, v) => s + v / n, 0);
    const error = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (n * (n - 1)));
    expect(error).toBeGreaterThan(0);
    expect(Math.abs(mean - b.read()[0])).toBeLessThan(4 * error);
  });
});
