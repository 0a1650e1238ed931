import { describe, expect, it } from "vitest";
import { createReferenceEngine } from "../engine/index.ts";
import { createProgram, slice, vjp } from "../graph/index.ts";
import { pushProgram } from "../maps/index.ts";
import { initMlp, type MlpConfig, mlpSize } from "../nn/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { createFlow, type FlowConfig } from "./index.ts";

const config = (field: MlpConfig, blocks: number, scale = 1): FlowConfig => ({
  block: { field, divergence: "exact" },
  blocks: Array.from({ length: blocks }, (_, k) => ({
    weights: initMlp(field, fold(createKey(3), k)).map((w) => w * scale),
    stepSize: 1,
  })),
  steps: 8,
});

const fields: readonly [string, MlpConfig][] = [
  [
    "one hidden layer, softplus 3",
    { dimension: 3, hidden: [9], activation: { kind: "softplus", beta: 3 }, time: "concat" },
  ],
  ["two hidden layers, tanh", { dimension: 3, hidden: [9, 7], activation: { kind: "tanh" }, time: "concat" }],
  [
    "two hidden layers, softplus 20, no time",
    { dimension: 2, hidden: [8, 8], activation: { kind: "softplus", beta: 20 }, time: "none" },
  ],
  [
    "three hidden layers, softplus 1",
    { dimension: 2, hidden: [8, 6, 5], activation: { kind: "softplus", beta: 1 }, time: "concat" },
  ],
];

/** log |det| by Gaussian elimination. */
function logAbsDet(matrix: number[][]): number {
  const m = matrix.map((row) => [...row]);
  let total = 0;
  for (let k = 0; k < m.length; k++) {
    const pivot = m.reduce((best, row, i) => (i >= k && Math.abs(row[k]) > Math.abs(m[best][k]) ? i : best), k);
    [m[k], m[pivot]] = [m[pivot], m[k]];
    total += Math.log(Math.abs(m[k][k]));
    for (let i = k + 1; i < m.length; i++) {
      const factor = m[i][k] / m[k][k];
      for (let j = k; j < m.length; j++) m[i][j] -= factor * m[k][j];
    }
  }
  return total;
}

describe.each(fields)("flow, %s", (_, field) => {
  const d = field.dimension;
  const engine = createReferenceEngine();
  const flow = createFlow(engine, config(field, 2));
  const x = normal(createKey(1), 6 * d);

  it("has as many parameters as its size says", () => {
    const sizes = [d, ...field.hidden, d];
    const extra = field.time === "concat" ? 2 : 1;
    const count = sizes.slice(1).reduce((n, out, l) => n + (sizes[l] + extra) * out, 0);
    expect(mlpSize(field)).toBe(count);
    expect(flow.config.blocks[0].weights.length).toBe(count);
  });

  it("gathers the log-determinant of its Jacobian, by automatic differentiation, to 1e-5", () => {
    // The integral of the divergence is that of the continuous flow: 24 steps make the difference of the two vanish.
    const block = { field, divergence: "exact" as const };
    const { outputs, parameters, graph } = pushProgram(block, 24, "forward", "positions and log-determinants");
    const [{ node: y }, { node: logDet }] = outputs;
    const input = graph.nodes.find((node) => node.op === "rows" && node.at.name === "x")!;
    const gradients = Array.from({ length: d }, (_, i) => {
      const [g] = vjp([[slice(y, i, i + 1), graph.constant(1)]], [input]);
      return [`row${i}`, g] as const;
    });
    const all = { logDet, ...Object.fromEntries(gradients) };
    const program = engine.load(createProgram({ name: "Jacobian", parameters, outputs: all }));
    const weights = engine.parameters(flow.config.blocks[0].weights);
    const rows = gradients.map(() => engine.table(6, d));
    const inputs = { x: engine.table(6, d, x), logDet: engine.table(6, 1) };
    const into = engine.table(6, 1);
    const targets = { logDet: into, ...Object.fromEntries(rows.map((table, i) => [`row${i}`, table])) };
    program.run({ parameters: weights, inputs, outputs: targets });
    for (let i = 0; i < 6; i++) {
      const jacobian = rows.map((table) => [...table.read(i, 1)]);
      expect(Math.abs(into.read()[i] - logAbsDet(jacobian))).toBeLessThan(1e-5);
    }
  });

  it("comes back", () => {
    const back = flow.invert(flow.push(x, 24).z, 24);
    back.forEach((value, i) => {
      expect(Math.abs(value - x[i])).toBeLessThan(1e-5);
    });
  });

  it("scores a row as it does among others", () => {
    const all = flow.logProb(x);
    for (let i = 0; i < 6; i++) expect(flow.logProb(x.slice(i * d, (i + 1) * d))[0]).toBe(all[i]);
  });

  it("draws the same sample for the same key", () => {
    expect(flow.sample(createKey(9), 5)).toEqual(flow.sample(createKey(9), 5));
    expect(flow.sample(createKey(9), 5)).not.toEqual(flow.sample(createKey(8), 5));
  });
});

describe("density", () => {
  it("integrates to one on a grid", () => {
    const field: MlpConfig = {
      dimension: 2,
      hidden: [8, 8],
      activation: { kind: "softplus", beta: 5 },
      time: "concat",
    };
    const flow = createFlow(createReferenceEngine(), config(field, 2, 0.8));
    const n = 100;
    const width = 14;
    const points = Float32Array.from({ length: 2 * n * n }, (_, q) => {
      const i = q >> 1;
      const cell = q % 2 === 0 ? i % n : Math.floor(i / n);
      return ((cell + 0.5) / n - 0.5) * width;
    });
    const total = flow.logProb(points).reduce((s, l) => s + Math.exp(l), 0) * (width / n) ** 2;
    expect(Math.abs(total - 1)).toBeLessThan(1e-3);
  });
});
