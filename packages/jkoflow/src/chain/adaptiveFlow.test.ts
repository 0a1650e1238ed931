import { describe, expect, it } from "vitest";
import { best, reference, requireKernels } from "../engine/engines.testing.ts";
import type { Table } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createBlockRunner, createParticles } from "../maps/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { SolverError, type SolveStats, tableaus } from "../ode/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { createAdaptiveFlow, createFlow, type FlowConfig } from "./index.ts";

const flowOf = (field: MlpConfig, blocks = 2): FlowConfig => ({
  block: { field, divergence: "exact", tableau: tableaus.dopri5 },
  blocks: Array.from({ length: blocks }, (_, k) => ({
    weights: initMlp(field, fold(createKey(3), k)).map((w) => w * 1.5),
    stepSize: 1,
  })),
  steps: 8,
});

const fields: readonly [string, MlpConfig][] = [
  ["concat", { dimension: 3, hidden: [9], activation: { kind: "softplus", beta: 3 }, time: "concat" }],
  ["two layers", { dimension: 6, hidden: [9, 7], activation: { kind: "tanh" }, time: "concat" }],
  ["no time", { dimension: 2, hidden: [8, 8], activation: { kind: "softplus", beta: 5 }, time: "none" }],
  ["unit vectors", { dimension: 2, hidden: [8, 6, 5], activation: { kind: "tanh" }, time: "concat" }],
];
const n = 12;
const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);

requireKernels();

describe.each(fields)("adaptive flow, %s", (_, field) => {
  const config = flowOf(field);
  const d = field.dimension;
  const x = normal(createKey(1), n * d);

  it("meets a fine fixed grid to 1e-8 in float64, and comes back", async () => {
    const engine = await reference.create();
    const parameters = config.blocks.map(({ weights }) => engine.parameters(weights));
    const adaptive = createAdaptiveFlow(engine, config.block, parameters);
    const tolerance = { rtol: 1e-9, atol: 1e-10 };
    const { z, logDet } = adaptive.push(x, tolerance);

    const runner = createBlockRunner(engine, config.block);
    const particles = createParticles(engine, x, d);
    for (const block of parameters) runner.push(block, particles, particles, { steps: 24 });
    // The reference engine holds float64 behind a table.
    const wide = (table: Table): Float64Array => (table as Table & { data(): Float64Array }).data();
    expect(largest(z, wide(particles.x))).toBeLessThan(1e-8);
    expect(largest(logDet, wide(particles.logDet))).toBeLessThan(1e-8);
    expect(largest(adaptive.invert(z, tolerance), x)).toBeLessThan(1e-8);
  });

  it("meets a fine fixed grid to 1e-4 on a float32 kernel, and comes back to 1e-5", async () => {
    const engine = await best.create();
    const flow = createFlow(engine, config);
    const tolerance = { rtol: 1e-6, atol: 1e-6 };
    const adaptive = flow.push(x, tolerance);
    const fixed = flow.push(x, 24);
    expect(largest(adaptive.z, fixed.z)).toBeLessThan(1e-4);
    expect(largest(adaptive.logDet, fixed.logDet)).toBeLessThan(1e-4);
    expect(largest(flow.logProb(x, tolerance), flow.logProb(x, 24))).toBeLessThan(1e-4);
    expect(largest(flow.invert(adaptive.z, tolerance), x)).toBeLessThan(1e-5 * Math.max(1, ...x));
    flow.dispose();
    engine.dispose();
  });
});

describe("adaptive flow", () => {
  const [, field] = fields[0];
  const d = field.dimension;

  it("tells what each block cost, and a looser tolerance costs less", async () => {
    const flow = createFlow(await reference.create(), flowOf(field, 3));
    const x = normal(createKey(2), n * d);
    const cost = (rtol: number): number => {
      const blocks: [number, SolveStats][] = [];
      const onBlock = (block: number, stats: SolveStats): void => void blocks.push([block, stats]);
      flow.push(x, { rtol, atol: rtol, onBlock });
      flow.invert(x, { rtol, atol: rtol, onBlock });
      expect(blocks.map(([block]) => block)).toEqual([0, 1, 2, 2, 1, 0]);
      return blocks.reduce((sum, [, { nfe }]) => sum + nfe, 0);
    };
    expect(cost(1e-4)).toBeLessThan(cost(1e-8));
  });

  it("carries more rows than share their steps", async () => {
    const engine = await best.create();
    const flow = createFlow(engine, flowOf(field));
    const rows = 8192 + 77;
    const x = normal(createKey(4), rows * d);
    const tolerance = { rtol: 1e-5, atol: 1e-5 };
    const all = flow.push(x, tolerance);
    expect(all.logDet).toHaveLength(rows);
    const tail = flow.push(x.subarray(8192 * d), tolerance);
    expect(largest(tail.z, all.z.subarray(8192 * d))).toBe(0);
    expect(largest(all.z, flow.push(x, 30).z)).toBeLessThan(1e-4);
    engine.dispose();
  });

  it("names the row where a block fails, and what is wrong with an argument", async () => {
    const config = flowOf(field);
    const flow = createFlow(await reference.create(), config);
    const x = normal(createKey(5), n * d);
    expect(() => flow.push(x.subarray(1), { rtol: 1e-4, atol: 1e-4 })).toThrow(InputError);
    expect(() => flow.push(x, { rtol: 0, atol: 1e-4 })).toThrow(/rtol/);
    expect(() => flow.push(x, { rtol: 1e-6, atol: 1e-6, maxSteps: 1 })).toThrow(/maxSteps = 1/);
    const engine = await best.create();
    const fast = createFlow(engine, config);
    expect(() => fast.push(x, { rtol: 1e-9, atol: 1e-9 })).toThrow(/float32/);
    engine.dispose();

    const [block] = config.blocks;
    const broken = block.weights.map((w, i) => (i === 0 ? Number.NaN : w));
    const sick = createFlow(await reference.create(), { ...config, blocks: [{ ...block, weights: broken }] });
    expect(() => sick.push(x, { rtol: 1e-6, atol: 1e-6 })).toThrow(SolverError);
    expect(() => sick.push(x, { rtol: 1e-6, atol: 1e-6 })).toThrow(/NaN at t = 0, row 0/);
  });
});
