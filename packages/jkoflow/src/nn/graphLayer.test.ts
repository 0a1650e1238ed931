import { describe, expect, it } from "vitest";
import { createEngine, createReferenceEngine, type Engine } from "../engine/index.ts";
import { createGraph, createProgram } from "../graph/index.ts";
import { createKey, normal } from "../random/index.ts";
import { createGraphNetwork, evaluateMlp, type GraphConfig, graphSize, initGraph, neighbourMask } from "./index.ts";

/** A path 0 - 1 - 2 - 3 with two columns at each node. */
const config: GraphConfig = {
  kind: "graph",
  dimension: 8,
  nodes: 4,
  edges: [0, 1, 1, 2, 3, 2],
  channels: 3,
  hidden: [6],
  activation: { kind: "tanh" },
  time: "concat",
};
const rows = 5;
const x = normal(createKey(1), rows * config.dimension);
const weights = initGraph(config, createKey(2));

function velocity(engine: Engine): Float32Array {
  const graph = createGraph();
  const network = createGraphNetwork(graph, config);
  const { velocity: v } = evaluateMlp(network, graph.rows("x", config.dimension), 0.3);
  const program = engine.load(createProgram({ name: "v", parameters: network.parameters, outputs: { v } }));
  const [input, output] = [engine.table(rows, 8, x), engine.table(rows, 8)];
  program.run({ parameters: engine.parameters(weights), inputs: { x: input }, outputs: { v: output } });
  return output.read();
}

/** The layer as its formula says, node by node, then two dense layers; float64. */
function byHand(row: Float32Array): number[] {
  const [v, c, g, h] = [4, 2, 3, 6];
  let at = 0;
  const take = (n: number, m: number): number[][] =>
    Array.from({ length: n }, () => Array.from({ length: m }, () => weights[at++]));
  const u = Array.from({ length: v }, () => new Array<number>(g).fill(0));
  for (const order of [1, 2]) {
    const [theta, mixing, mask] = [take(v, v), take(c, g), neighbourMask(config, order)];
    for (let i = 0; i < v; i++) {
      for (let j = 0; j < v; j++) {
        for (let a = 0; a < c; a++) {
          for (let b = 0; b < g; b++) u[j][b] += mask[i * v + j] * theta[i][j] * row[i * c + a] * mixing[a][b];
        }
      }
    }
  }
  const affine = (inputs: number[], n: number): number[] => {
    const matrix = inputs.length === 0 ? [] : take(inputs.length, n);
    const [[time], [bias]] = [[take(1, n)[0]], [take(1, n)[0]]];
    return bias.map((b, k) => b + 0.3 * time[k] + inputs.reduce((sum, value, i) => sum + value * matrix[i][k], 0));
  };
  const shift = affine([], v * g);
  const first = shift.map((s, k) => Math.tanh(s + u[Math.floor(k / g)][k % g]));
  return affine(affine(first, h).map(Math.tanh), 8);
}

describe("the graph layer", () => {
  it("sees nodes within so many edges, itself among them", () => {
    // prettier-ignore
    expect([...neighbourMask(config, 1)]).toEqual([1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1]);
    expect([...neighbourMask(config, 2)]).toEqual([1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1]);
    expect([...neighbourMask(config, 3)]).toEqual(new Array(16).fill(1));
  });

  it("is its formula, computed node by node in float64", () => {
    expect(weights.length).toBe(graphSize(config));
    const ours = velocity(createReferenceEngine());
    for (let i = 0; i < rows; i++) {
      byHand(x.subarray(8 * i, 8 * i + 8)).forEach((value, j) => {
        expect(Math.abs(ours[8 * i + j] - value)).toBeLessThan(1e-6); // outputs are float32 of size 1
      });
    }
  });

  it("is the same on the kernel, where the matrix is formed in the prologue", async () => {
    const engine = await createEngine({ kind: "wasm" });
    const [a, b] = [velocity(engine), velocity(createReferenceEngine())];
    engine.dispose();
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i])).toBeLessThan(1e-5); // float32 sums of some 30 terms
    });
  });
});
