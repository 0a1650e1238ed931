import { describe, expect, it } from "vitest";
import { createRandom, normalOf, report } from "../graph/values.testing.ts";
import type { Engine, OptimiserStep } from "./engine.ts";
import { executors, kernels, normError, reference, requireKernels } from "./engines.testing.ts";
import { workload } from "./workload.testing.ts";

const program = workload({ d: 2, H: 16, steps: 1 });
const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);
const random = createRandom(23);
const draw = (n: number, s = 1): Float32Array => Float32Array.from({ length: n }, () => s * normalOf(random));
const data = { x: draw(400), eps: draw(400) };
const start = draw(size, 0.3);
const options: OptimiserStep = {
  learningRate: 3e-3,
  weightDecay: 0.1,
  clip: 0.5,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-7,
};

function trainer(engine: Engine) {
  const executable = engine.load(program);
  const parameters = engine.parameters(start);
  const inputs = { x: engine.table(200, 2, data.x), eps: engine.table(200, 2, data.eps) };
  const batch = (k: number) => ({
    parameters,
    inputs,
    indices: Int32Array.from({ length: 50 }, (_, i) => (i * 7 + 13 * k) % 200),
  });
  return {
    parameters,
    gradient: (k: number) => executable.gradient(batch(k)).gradient,
    step: (k: number, o: OptimiserStep = options) => executable.step(batch(k), o),
  };
}

describe("Adam", () => {
  requireKernels();

  it("50 steps with weight decay and clipping equal the reference", async () => {
    const truth = trainer(await reference.create());
    const norms = Array.from({ length: 50 }, (_, k) => truth.step(k).gradientNorm);
    expect(norms.filter((n) => n > options.clip!).length, "steps that are clipped").toBeGreaterThan(5);
    for (const { name, create } of kernels) {
      const engine = await create();
      const ours = trainer(engine);
      // float32 gradients are good to 1e-7; Adam divides by their size, so small entries lose digits: 1e-4 is asked for.
      norms.forEach((norm, k) => {
        expect(Math.abs(ours.step(k).gradientNorm / norm - 1), `${name}, step ${k}`).toBeLessThan(1e-4);
      });
      const [state, expected] = [ours.parameters.state(), truth.parameters.state()];
      const moved = normError(
        state.values.map((w, i) => w - start[i]),
        expected.values.map((w, i) => w - start[i]),
      );
      report(`50 steps of Adam, ${name}`, [normError(state.values, expected.values), moved]);
      expect(normError(state.values, expected.values)).toBeLessThanOrEqual(1e-4);
      expect(moved).toBeLessThanOrEqual(1e-4);
      expect(normError(state.firstMoment, expected.firstMoment)).toBeLessThanOrEqual(1e-4);
      expect(normError(state.secondMoment, expected.secondMoment)).toBeLessThanOrEqual(1e-4);
      expect(state.updates).toBe(50);
      engine.dispose();
    }
  });

  // arXiv:1711.05101, algorithm 2, after clipping by the global norm; written out once more, here in float64.
  it.each(executors)("$name: single steps equal the formula", async ({ create }) => {
    const engine = await create();
    const { parameters, gradient, step } = trainer(engine);
    const { learningRate, weightDecay, clip, beta1, beta2, epsilon } = options as Required<OptimiserStep>;
    const w = Float64Array.from(start);
    const m = new Float64Array(size);
    const v = new Float64Array(size);
    for (let t = 1; t <= 5; t++) {
      const g = gradient(t);
      const norm = Math.hypot(...g);
      const factor = Math.min(1, clip / norm);
      for (let i = 0; i < size; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * factor * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * (factor * g[i]) ** 2;
        const move = m[i] / (1 - beta1 ** t) / (Math.sqrt(v[i] / (1 - beta2 ** t)) + epsilon);
        w[i] -= learningRate * (move + weightDecay * w[i]);
      }
      const result = step(t);
      expect(Math.abs(result.gradientNorm / norm - 1)).toBeLessThan(1e-6);
      const moved = parameters.read().map((x, i) => x - start[i]);
      // weights of order 0.3 rounded to 2e-8 five times, moved by about 3e-3 each time
      expect(
        normError(
          moved,
          Float32Array.from(w, (x, i) => x - start[i]),
        ),
      ).toBeLessThan(2e-5);
    }
    engine.dispose();
  });

  it.each(executors)("$name: the first step moves every weight by the learning rate", async ({ create }) => {
    const engine = await create();
    const { parameters, step } = trainer(engine);
    step(0, { learningRate: 0.5, epsilon: 0 });
    // m / sqrt(v) = sign(g) exactly, whatever the betas: corrections that do not match the betas show here. Weights below 2
    // are rounded by 6e-8, the moments' quotient by about four times 6e-8.
    const moved = parameters.read().map((x, i) => Math.abs(x - start[i]) / 0.5);
    for (const x of moved) expect(Math.abs(x - 1)).toBeLessThan(1e-6);
    engine.dispose();
  });

  it.each(executors)("$name: rates are inputs: 1e-3 then 0 then 1e-3 without loading again", async ({ create }) => {
    const engine = await create();
    const { parameters, step } = trainer(engine);
    step(0, { learningRate: 1e-3 });
    const after = parameters.read();
    step(1, { learningRate: 0 });
    expect(parameters.read()).toEqual(after);
    step(2, { learningRate: 1e-3 });
    expect(parameters.read()).not.toEqual(after);
    expect(parameters.state().updates).toBe(3);
    engine.dispose();
  });

  it.each(kernels)(
    "$name: state and restore resume to the same bits, in another engine as well",
    async ({ create }) => {
      const [first, second] = [await create(), await create({ threads: 2 })];
      const [whole, resumed] = [trainer(first), trainer(second)];
      for (let k = 0; k < 5; k++) whole.step(k);
      const saved = whole.parameters.state();
      for (let k = 5; k < 10; k++) whole.step(k);
      resumed.step(99);
      resumed.parameters.restore(saved);
      for (let k = 5; k < 10; k++) resumed.step(k);
      expect(resumed.parameters.state()).toEqual(whole.parameters.state());
      whole.parameters.resetMoments();
      const reset = whole.parameters.state();
      expect([reset.updates, new Set([...reset.firstMoment, ...reset.secondMoment])]).toEqual([0, new Set([0])]);
      first.dispose();
      second.dispose();
    },
  );
});
