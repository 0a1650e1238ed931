import { describe, expect, it } from "vitest";
import { createFlow } from "../chain/index.ts";
import type { Engine } from "../engine/index.ts";
import { createEngine } from "../engine/index.ts";
import { diagonalJkoSequence, generalJkoStep } from "../evaluate/index.ts";
import { createBlockRunner } from "../maps/index.ts";
import type { MlpConfig } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import { type Growth, type GrowthEvent, type GrowthSettings, type GrowthState, grow } from "./index.ts";

const field = (dimension: number): MlpConfig => ({
  dimension,
  hidden: [32],
  activation: { kind: "softplus", beta: 1 },
  time: "concat",
});

const settings = (changes: Partial<GrowthSettings>, step: Partial<GrowthSettings["step"]> = {}): GrowthSettings => ({
  stepSizes: { kind: "list", values: [1] },
  largestBlocks: 1,
  retries: 0,
  largestGap: 0.02,
  movementRatio: 0,
  freeBlock: false,
  initialNoise: 0,
  outputScale: 0.1,
  step: {
    updates: 300,
    batchSize: 1000,
    learningRate: 1e-2,
    learningRateFloor: 0.01,
    weightDecay: 0,
    clip: 10,
    jitter: 0,
    solverSteps: 3,
    scoringSteps: 8,
    evaluateEvery: 25,
    patience: 100,
    validationRows: 4000,
    ...step,
  },
  ...changes,
});

/** n rows of N(mean, L L^T), moments adjusted to be exact, so that the sample does not blur the comparison. */
function gaussianRows(
  seed: number,
  n: number,
  mean: readonly number[],
  root: readonly (readonly number[])[],
): Float32Array {
  const d = mean.length;
  const z = Float64Array.from(normal(createKey(seed), n * d));
  for (let j = 0; j < d; j++) {
    let m = 0;
    for (let i = 0; i < n; i++) m += z[i * d + j] / n;
    for (let i = 0; i < n; i++) z[i * d + j] -= m;
  }
  for (let j = 0; j < d; j++) {
    for (let k = 0; k < j; k++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += (z[i * d + j] * z[i * d + k]) / n;
      for (let i = 0; i < n; i++) z[i * d + j] -= dot * z[i * d + k];
    }
    let s = 0;
    for (let i = 0; i < n; i++) s += z[i * d + j] ** 2 / n;
    for (let i = 0; i < n; i++) z[i * d + j] /= Math.sqrt(s);
  }
  return Float32Array.from({ length: n * d }, (_, q) => {
    const [i, j] = [Math.floor(q / d), q % d];
    return mean[j] + root[j].reduce((s, r, k) => s + r * z[i * d + k], 0);
  });
}

async function run(
  engine: Engine,
  rows: { train: Float32Array; validation: Float32Array },
  config: GrowthSettings,
  d: number,
  watch: (event: GrowthEvent) => void = () => {},
  resume?: GrowthState,
  network: MlpConfig = field(d),
): Promise<Growth> {
  const runner = createBlockRunner(engine, { field: network, divergence: "exact" });
  const events = grow(runner, rows, config, createKey(7), resume);
  for (;;) {
    const next = await events.next();
    if (next.done) {
      runner.dispose();
      return next.value;
    }
    watch(next.value);
  }
}

const momentsOf = (x: Float32Array, d: number) => {
  const n = x.length / d;
  const mean = Array.from({ length: d }, (_, j) => x.reduce((s, v, q) => (q % d === j ? s + v / n : s), 0));
  const covariance = (j: number, k: number): number => {
    let s = 0;
    for (let i = 0; i < n; i++) s += ((x[i * d + j] - mean[j]) * (x[i * d + k] - mean[k])) / n;
    return s;
  };
  return { mean, covariance };
};

describe("one JKO step on a Gaussian", () => {
  it("meets the closed form: N(0, [[7,5],[5,7]]), h = 10", async () => {
    const engine = await createEngine({ threads: 1 });
    const root = [
      [Math.sqrt(7), 0],
      [5 / Math.sqrt(7), Math.sqrt(7 - 25 / 7)],
    ];
    const rows = { train: gaussianRows(1, 2000, [0, 0], root), validation: gaussianRows(2, 2000, [0, 0], root) };
    const growth = await run(
      engine,
      rows,
      settings({ stepSizes: { kind: "list", values: [10] } }, { updates: 500 }),
      2,
    );
    const exact = generalJkoStep(Float64Array.of(0, 0), Float64Array.of(7, 5, 5, 7), 10);
    const flow = createFlow(engine, {
      block: { field: field(2), divergence: "exact" },
      blocks: growth.blocks,
      steps: 16,
    });
    const { z, logDet } = flow.push(rows.validation);
    const n = logDet.length;
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const [a, b] = [z[2 * i], z[2 * i + 1]];
      const [x, y] = [rows.validation[2 * i], rows.validation[2 * i + 1]];
      loss += ((a * a + b * b) / 2 - logDet[i] + ((a - x) ** 2 + (b - y) ** 2) / 20) / n;
    }
    expect(exact.loss.total).toBeCloseTo(2.885793, 5);
    expect(Math.abs(loss - exact.loss.total)).toBeLessThan(0.01);
    const { covariance } = momentsOf(z, 2);
    const [p, q, r] = [covariance(0, 0), covariance(0, 1), covariance(1, 1)];
    const spread = Math.sqrt(((p - r) / 2) ** 2 + q * q);
    expect(Math.abs((p + r) / 2 + spread - 1.263007) / 1.263007).toBeLessThan(0.02);
    expect(Math.abs((p + r) / 2 - spread - 1.040215) / 1.040215).toBeLessThan(0.02);
    engine.dispose();
  });

  it("follows the closed-form sequence of eight steps in variance and mean", async () => {
    const engine = await createEngine({ threads: 1 });
    const schedule = [0.25, 0.35, 0.49, 0.69, 0.96, 1.34, 1.88, 2.64];
    // three independent columns: variances 4 and 1/4 with mean 0, and mean 3 with variance 1
    const root = [
      [2, 0, 0],
      [0, 0.5, 0],
      [0, 0, 1],
    ];
    const rows = {
      train: gaussianRows(3, 20_000, [0, 0, 3], root),
      validation: gaussianRows(4, 4000, [0, 0, 3], root),
    };
    const config = settings(
      { stepSizes: { kind: "list", values: schedule }, largestBlocks: 8 },
      { updates: 200, batchSize: 2000, learningRate: 2e-2 },
    );
    const growth = await run(engine, rows, config, 3);
    const exact = diagonalJkoSequence(Float64Array.of(0, 0, 3), Float64Array.of(4, 0.25, 1), schedule);
    const flow = createFlow(engine, {
      block: { field: field(3), divergence: "exact" },
      blocks: growth.blocks,
      steps: 8,
    });
    const path = flow.trajectory(rows.validation);
    expect(growth.blocks.length).toBeGreaterThanOrEqual(6); // the last ones change next to nothing and may be dropped
    for (let k = 0; k < growth.blocks.length; k++) {
      const { mean, covariance } = momentsOf(path[k + 1], 3);
      expect(Math.abs(covariance(0, 0) / exact[k].variance[0] - 1)).toBeLessThan(0.02);
      expect(Math.abs(covariance(1, 1) / exact[k].variance[1] - 1)).toBeLessThan(0.02);
      expect(Math.abs(mean[2] - exact[k].mean[2])).toBeLessThan(0.02 * 3);
    }
    engine.dispose();
  });
});

describe("growth", () => {
  const rows = () => {
    const z = normal(createKey(5), 2 * 3000);
    const bend = (v: Float32Array) => v.map((x, i) => (i % 2 === 1 ? x * 0.3 + v[i - 1] ** 2 : x));
    return { train: bend(z.slice(0, 4000)), validation: bend(z.slice(4000)) };
  };
  const small = settings(
    { largestBlocks: 2, stepSizes: { kind: "list", values: [1, 2] } },
    { updates: 30, batchSize: 100, evaluateEvery: 10, jitter: 0.01, weightDecay: 0.1 },
  );

  it("agrees with the book-keeping identity: loss change = NLL change + movement / (2 h)", async () => {
    const engine = await createEngine({ threads: 1 });
    const data = rows();
    const growth = await run(engine, data, small, 2);
    const [first] = growth.reports;
    // L(theta) - E|x|^2 / 2 = (NLL_1 - NLL_0) + E|x_1 - x_0|^2 / (2 h)
    const flow = createFlow(engine, {
      block: { field: field(2), divergence: "exact" },
      blocks: growth.blocks.slice(0, 1),
      steps: first.steps + 5,
    });
    const { z, logDet } = flow.push(data.validation);
    const n = logDet.length;
    let left = 0;
    for (let i = 0; i < n; i++) {
      const x = data.validation.subarray(2 * i, 2 * i + 2);
      const y = z.subarray(2 * i, 2 * i + 2);
      const move = (y[0] - x[0]) ** 2 + (y[1] - x[1]) ** 2;
      left += ((y[0] ** 2 + y[1] ** 2) / 2 - logDet[i] + move / 2 - (x[0] ** 2 + x[1] ** 2) / 2) / n;
    }
    expect(left).toBeCloseTo(first.change + first.arcLength ** 2 / 2, 4);
    engine.dispose();
  });

  it("resumes from any event to the same bits", async () => {
    const engine = await createEngine({ threads: 1 });
    const data = rows();
    const states: GrowthState[] = [];
    const whole = await run(engine, data, small, 2, (event) => states.push(structuredClone(event.state())));
    const bits = (growth: Growth) => growth.blocks.map(({ weights }) => [...new Uint32Array(weights.buffer)]);
    for (const at of [0, 7, 29, 30, 31, 45, states.length - 2]) {
      const resumed = await run(engine, data, small, 2, () => {}, states[at]);
      expect(bits(resumed)).toEqual(bits(whole));
      expect(resumed.reports).toEqual(whole.reports);
    }
    engine.dispose();
  });

  it("refuses step sizes that are not above 0 before it trains", async () => {
    const engine = await createEngine({ threads: 1 });
    for (const values of [[], [1, 0], [1, Number.NaN]]) {
      const wrong = { ...small, stepSizes: { kind: "list" as const, values } };
      const updates: GrowthEvent[] = [];
      await expect(run(engine, rows(), wrong, 2, (event) => updates.push(event))).rejects.toThrow("stepSizes");
      expect(updates).toEqual([]);
    }
    engine.dispose();
  });

  it("ends with a usable flow when a block is not finite", async () => {
    const engine = await createEngine({ threads: 1 });
    const wild = settings({ largestBlocks: 2, retries: 1 }, { updates: 40, learningRate: 1e30, clip: 1e30 });
    const growth = await run(engine, rows(), wild, 2);
    expect(growth.stop).toBe("block rejected");
    expect(growth.reports.every(({ accepted }) => !accepted)).toBe(true);
    engine.dispose();
  });
});

/** Discretisation cheating: the fake needs a coarse grid for training and for scoring, and a weak movement term. */
describe("no likelihood from the grid", () => {
  const checkerboard = (seed: number, n: number): Float32Array => {
    const u = normal(createKey(seed), 4 * n);
    return Float32Array.from({ length: 2 * n }, (_, q) => {
      const i = Math.floor(q / 2);
      const uniform = (j: number): number => 0.5 * (1 + Math.tanh(0.8 * u[4 * i + j])); // spread over (0, 1)
      const x = 4 * uniform(0) - 2;
      const parity = ((Math.floor(x) % 2) + 2) % 2;
      const y = uniform(1) - (u[4 * i + 2] > 0 ? 2 : 0) + parity;
      return q % 2 === 0 ? x : y;
    });
  };

  it("refuses a block whose likelihood changes when the steps are doubled", async () => {
    const engine = await createEngine({ threads: 1 });
    const rows = { train: checkerboard(1, 4000), validation: checkerboard(2, 2000) };
    const reckless = settings(
      { stepSizes: { kind: "list", values: [100] }, largestBlocks: 1 },
      { solverSteps: 1, scoringSteps: 1, updates: 400, batchSize: 500, learningRate: 3e-2 },
    );
    const stiff: MlpConfig = { dimension: 2, hidden: [32, 32], activation: { kind: "tanh" }, time: "concat" };
    const growth = await run(engine, rows, reckless, 2, () => {}, undefined, stiff);
    const [report] = growth.reports;
    expect(report.verdict).toBe("refused: solver gap");
    expect(report.solverGap).toBeGreaterThan(0.02);
    expect(report.change).toBeLessThan(0); // on its own grid the held-out check would have been content
    expect(growth.blocks).toHaveLength(0);
    engine.dispose();
  });
});
