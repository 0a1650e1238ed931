import { expect, it } from "vitest";
import { createReferenceEngine } from "../engine/index.ts";
import { broadcast, createGraph, createProgram, rowDot, square } from "../graph/index.ts";
import { adamStep } from "./adam.ts";

it("takes the steps of the engines", () => {
  const engine = createReferenceEngine();
  const graph = createGraph();
  const w = graph.parameter("w", 1, 3);
  const loss = rowDot(square(graph.rows("x", 3)), square(broadcast(w, "B", 3)));
  const program = engine.load(createProgram({ name: "quartic", parameters: [w], loss }));
  const parameters = engine.parameters(Float32Array.of(1, -2, 0.5));
  const batch = { parameters, inputs: { x: engine.table(1, 3, Float32Array.of(1, 0.7, 2)) } };
  const optimiser = { learningRate: 0.1, weightDecay: 0.2, clip: 1.5 };
  let state = parameters.state();
  for (let i = 0; i < 5; i++) {
    const { gradient } = program.gradient(batch);
    const ours = adamStep(state, gradient, optimiser);
    const { gradientNorm } = program.step(batch, optimiser);
    expect(Math.abs(ours.gradientNorm - gradientNorm)).toBeLessThan(1e-6 * gradientNorm);
    state = ours.state;
    // float32 state against float64
    state.values.forEach((v, k) => {
      expect(Math.abs(v - parameters.read()[k])).toBeLessThan(1e-6);
    });
  }
});
