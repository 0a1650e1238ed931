/** The stages after growth: exactness of what they start from, and runs that end in the same bits wherever they were cut. */
import { describe, expect, it } from "vitest";
import { createFlow, type FlowBlock } from "../chain/index.ts";
import { createEngine } from "../engine/index.ts";
import { createBlockRunner, type FieldConfig, initField } from "../maps/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import {
  assess,
  type BlockStack,
  createStageWorkspace,
  createStopwatch,
  type ImproveState,
  improve,
  pairedChange,
  refine,
  remove,
  reparameterise,
  type StageEvent,
  type StageSettings,
  type TimeLimit,
  unevenness,
  unlimited,
} from "./index.ts";

const field: FieldConfig = {
  kind: "mlp",
  dimension: 2,
  hidden: [8, 8],
  activation: { kind: "softplus", beta: 5 },
  time: "concat",
};
const exact = { field, divergence: "exact" } as const;

const block = (seed: number, scale = 1): FlowBlock => ({
  weights: initField(field, fold(createKey(seed), "block")).map((w) => w * scale),
  stepSize: seed,
});
const stackOf = (blocks: readonly FlowBlock[]): BlockStack => ({ blocks, solverSteps: 2, scoringSteps: 8 });

const step = {
  updates: 30,
  batchSize: 64,
  learningRate: 5e-3,
  learningRateFloor: 0.02,
  weightDecay: 0.1,
  clip: 2,
  jitter: 0.02,
  solverSteps: 2,
  scoringSteps: 4,
  evaluateEvery: 5,
  patience: 3,
  validationRows: 200,
};
const settings: StageSettings = {
  stages: ["reparameterise", "remove", "refine", "joint"],
  rounds: 2,
  damping: 0.5,
  largestStepSize: 10,
  roundUpdates: 12,
  roundRate: 2e-3,
  jointUpdates: 10,
  jointRate: 1e-3,
  jointJitter: 0.01,
  jointTransport: 0.1,
  jointAveraging: 0.9,
  leastGain: 0,
  initialNoise: 0,
  largestGap: 0.02,
  step,
};
const noLimit: TimeLimit = unlimited;

/** Bent rows: x2 depends on x1 squared. */
function rows() {
  const bend = (v: Float32Array) => v.map((x, i) => (i % 2 === 1 ? x * 0.3 + v[i - 1] ** 2 : x));
  return { train: bend(normal(createKey(5), 2 * 300)), validation: bend(normal(createKey(6), 2 * 150)) };
}

describe("reparameterise", () => {
  it("meets the damped update by hand, guards included", () => {
    // mean S = 2 over the two bound blocks; h_1 = 1 + 0.5 (2 / 3 - 1) = 5/6, h_2 = 4 + 0.5 (2 * 4 / 1 - 4) = 6
    const stack = stackOf([1, 4, Infinity].map((stepSize) => ({ weights: new Float32Array(0), stepSize })));
    const sizes = (assessed: { stack: BlockStack; arcLengths: number[] }, largest = 10) =>
      reparameterise(assessed, { damping: 0.5, largestStepSize: largest }).stack.blocks.map(({ stepSize }) => stepSize);
    expect(sizes({ stack, arcLengths: [3, 1, 50] })).toEqual([1 + 0.5 * (2 / 3 - 1), 6, Infinity]);
    expect(sizes({ stack, arcLengths: [3, 1, 50] }, 5)[1]).toBe(5);
    expect(sizes({ stack, arcLengths: [2, 0, 0] }, 1e9)[1]).toBe(4 + 0.5 * (1 / 1e-3 - 1) * 4); // S_2 at its floor
    const tiny = { ...stack, blocks: stack.blocks.map((b) => ({ ...b, stepSize: 1e-3 })) };
    expect(sizes({ stack: tiny, arcLengths: [3, 1, 1] })[0]).toBe(1e-3);
    expect(unevenness({ stack, arcLengths: [3, 1, 50] })).toBeCloseTo(0.5, 12);
    const { arcs } = reparameterise({ stack, arcLengths: [3, 1, 50] }, { damping: 0.5, largestStepSize: 10 });
    expect(arcs).toEqual([{ target: 2, smallestStepSize: 1e-3, largestStepSize: 10 }, null, null]); // the last bound one is free
  });

  it("changes no map: the same bits for other step sizes", async () => {
    const engine = await createEngine({ threads: 1 });
    const stack = stackOf([block(1), block(2)]);
    const other = reparameterise({ stack, arcLengths: [3, 1] }, { damping: 0.5, largestStepSize: 10 }).stack;
    expect(other.blocks.map(({ stepSize }) => stepSize)).not.toEqual([1, 2]);
    const x = rows().validation;
    const pushed = [stack, other].map(({ blocks }) => {
      const flow = createFlow(engine, { block: exact, blocks, steps: 8 });
      const { z, logDet } = flow.push(x);
      flow.dispose();
      return [...new Uint32Array(z.buffer), ...new Uint32Array(logDet.buffer)];
    });
    expect(pushed[1]).toEqual(pushed[0]);
    engine.dispose();
  });
});

describe("refine", () => {
  it("makes three even children of each block, with h / 3 and a third of the steps", () => {
    const { blocks, solverSteps, scoringSteps } = refine(field, stackOf([block(1), block(6)]), 3);
    expect(blocks.map(({ stepSize }) => stepSize)).toEqual([1, 1, 1, 6, 6, 6].map((h) => h / 3));
    expect([solverSteps, scoringSteps]).toEqual([1, 3]);
  });

  it("is the identity before training: log p to 1e-6 relative", async () => {
    const engine = await createEngine({ threads: 1 });
    const stack = stackOf([block(1), block(2)]);
    const x = rows().validation;
    const logProb = ({ blocks, scoringSteps }: BlockStack) => {
      const flow = createFlow(engine, { block: exact, blocks, steps: scoringSteps });
      const values = flow.logProb(x);
      flow.dispose();
      return values;
    };
    const [before, after] = [logProb(stack), logProb(refine(field, stack))];
    // float32 rows; the two differ in the rounding of the biases only
    before.forEach((value, i) => {
      expect(Math.abs(after[i] - value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
    });
    engine.dispose();
  });
});

describe("assess", () => {
  it("sums in the engine what float64 sums by hand give, and compares flows row by row", async () => {
    const engine = await createEngine({ threads: 2 });
    const data = rows();
    const workspace = createStageWorkspace(
      createBlockRunner(engine, exact),
      data,
      { jitter: 0, batchSize: 10 },
      createKey(0),
    );
    const stacks = [stackOf([block(1), block(2)]), stackOf([block(3)])];
    const [one, other] = stacks.map((stack) => assess(workspace, stack, 100));
    const byHand = ({ blocks, solverSteps, scoringSteps }: BlockStack) => {
      const of = (steps: number) => createFlow(engine, { block: exact, blocks, steps });
      const positions = of(solverSteps).trajectory(data.train);
      const arcs = blocks.map((_, k) => {
        const [from, to] = [positions[k], positions[k + 1]];
        return Math.sqrt((2 * from.reduce((sum, x, i) => sum + (x - to[i]) ** 2, 0)) / from.length);
      });
      const energies = (steps: number) =>
        of(steps)
          .logProb(data.validation)
          .map((l) => -l - Math.log(2 * Math.PI));
      const [coarse, fine] = [energies(scoringSteps), energies(2 * scoringSteps)];
      const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
      const gap = Math.abs(mean(fine.subarray(0, 100)) - mean(coarse.subarray(0, 100)));
      return { arcs, energies: coarse, energy: mean(coarse), gap };
    };
    // Sums of 150 and 300 numbers in float32; the gap is a difference of numbers of size 1.
    [one, other].forEach((found, k) => {
      const { arcs, energy, gap } = byHand(stacks[k]);
      arcs.forEach((arc, i) => {
        expect(Math.abs(found.arcLengths[i] / arc - 1)).toBeLessThan(1e-6);
      });
      expect(Math.abs(found.energy - energy)).toBeLessThan(1e-6 * Math.abs(energy));
      expect(Math.abs(found.solverGap - gap)).toBeLessThan(1e-6);
    });
    const [a, b] = stacks.map((stack) => byHand(stack).energies);
    const delta = b.map((value, i) => value - a[i]);
    const change = delta.reduce((sum, x) => sum + x, 0) / delta.length;
    const spread = delta.reduce((sum, x) => sum + (x - change) ** 2, 0) / (delta.length - 1);
    const found = pairedChange(workspace, one, other);
    expect(Math.abs(found.change / change - 1)).toBeLessThan(1e-5);
    expect(Math.abs(found.changeError / Math.sqrt(spread / delta.length) - 1)).toBeLessThan(1e-5);
    expect(pairedChange(workspace, one, one)).toEqual({ change: 0, changeError: 0 });
    for (const { end } of [one, other]) workspace.release(end);
    workspace.dispose();
    engine.dispose();
  });
});

describe("remove", () => {
  it("drops a block that is the identity and one that does harm, and keeps one that helps", async () => {
    const engine = await createEngine({ threads: 1 });
    const data = { train: normal(createKey(1), 400), validation: normal(createKey(2), 400) };
    // Rows are standard normal already: any block that moves them does harm, and the identity does nothing.
    const workspace = createStageWorkspace(
      createBlockRunner(engine, exact),
      data,
      { jitter: 0, batchSize: 10 },
      createKey(0),
    );
    const stack = stackOf([block(1), block(2, 0)]);
    const kept = remove(workspace, assess(workspace, stack, 100), 100);
    expect(kept?.blocks.length).toBe(1); // the last one stays, whatever it does
    const helpful = assess(workspace, stackOf([block(2, 0)]), 100);
    expect(remove(workspace, helpful, 100)).toBeUndefined();
    workspace.dispose();
  });
});

/** Of the stages alone. */
const same = (state: ImproveState): ImproveState => state;

/** The stages on one engine: most of the time goes into lowering programs. */
async function laboratory() {
  const engine = await createEngine({ threads: 1 });
  const runner = createBlockRunner(engine, exact);
  const start = stackOf([block(1, 0.2), block(4, 0.2)]);
  /** All events, and the state at each of them. */
  const run = async (resume?: ImproveState, time = noLimit, changes: Partial<StageSettings> = {}) => {
    const events: StageEvent[] = [];
    const states: ImproveState[] = [];
    const stages = improve(runner, rows(), start, { ...settings, ...changes }, createKey(3), same, resume, time);
    for (;;) {
      const next = await stages.next();
      if (next.done) return { ...next.value, events, states };
      events.push(next.value);
      states.push(structuredClone(next.value.state()));
    }
  };
  return { engine, runner, start, run };
}

describe("improve", () => {
  const bits = ({ stack }: { stack: BlockStack }) =>
    stack.blocks.map(({ weights }) => [...new Uint32Array(weights.buffer)]);

  it("never ends above the held-out NLL it began with, tells each round, and goes on from any event to the same bits", async () => {
    const { engine, runner, start, run } = await laboratory();
    const whole = await run();
    const { events, states, reports, stack } = whole;
    expect(reports.map(({ stage }) => stage)).toEqual(expect.arrayContaining([...settings.stages]));
    for (const [k, report] of reports.entries()) {
      // equal arcs are held against the flow that the stage began with
      const before =
        report.verdict === "kept: equal arcs" ? reports.find(({ place }) => place === report.place) : report;
      expect(report.validationEnergy).toBeLessThanOrEqual(before!.energyBefore);
      if (k > 0) expect(report.energyBefore).toBe(reports[k - 1].validationEnergy);
    }
    const workspace = createStageWorkspace(runner, rows(), step, createKey(0));
    const [first, last] = [start, stack].map((flow) => assess(workspace, flow, 200));
    expect(pairedChange(workspace, first, last).change).toBeLessThan(0);
    workspace.dispose();

    const ends = events.flatMap(({ type }, i) => (type === "step" ? [i] : []));
    const joint = events.findIndex((event) => event.type === "update" && event.values.stage === "joint");
    for (const at of [11, joint + 4, ends[1], states.length - 1]) {
      const resumed = await run(states[at]);
      expect(bits(resumed), `from event ${at}`).toEqual(bits(whole));
      expect(resumed.reports).toEqual(reports);
    }
    engine.dispose();
  });

  it("begins nothing for which there is no time, and does not ask again about what was decided", async () => {
    const { engine, run } = await laboratory();
    const { reports, stack, states } = await run(undefined, { ...noLimit, allows: () => false });
    expect(reports.map(({ verdict }) => verdict)).toEqual(settings.stages.map(() => "not begun: time is used up"));
    expect(stack.blocks.length).toBe(2);
    const resumed = await run(states[2]); // three decisions are made; the last stage has time
    expect(resumed.reports.slice(0, 3)).toEqual(reports.slice(0, 3));
    expect(resumed.reports[3].verdict).not.toBe("not begun: time is used up");
    engine.dispose();
  });
});

describe("noise on the batches", () => {
  it("is that of joint training, and for the first block that of growth, where the blocks have none", async () => {
    const { engine, run } = await laboratory();
    const quiet = { ...settings, step: { ...step, jitter: 0 }, jointJitter: 0 };
    const losses = async (changes: Partial<StageSettings>) => {
      const { events } = await run(undefined, noLimit, { ...quiet, ...changes });
      return events.flatMap((event) => (event.type === "update" ? [event.values.loss] : []));
    };
    const joint = { stages: ["joint"] } as const;
    expect(await losses({ ...joint, jointJitter: 0.5 })).not.toEqual(await losses(joint));
    const again = { stages: ["reparameterise"], rounds: 1 } as const;
    const [without, noisy] = [await losses(again), await losses({ ...again, initialNoise: 0.5 })];
    expect(noisy[0]).not.toBe(without[0]);
    expect(noisy.length).toBeGreaterThan(settings.roundUpdates);
    engine.dispose();
  });
});

describe("a stage that is repeated", () => {
  it("is begun as long as the one before brought enough, and the flow is that of the stages before", async () => {
    const { engine, run } = await laboratory();
    const all = await run(undefined, noLimit, { stages: ["joint", "joint", "joint"] });
    const gains = all.reports.map(({ energyBefore, validationEnergy }) => energyBefore - validationEnergy);
    expect(gains[0]).toBeGreaterThan(0);
    const stages: StageSettings["stages"] = ["joint", "joint", "refine"];
    const little = await run(undefined, noLimit, { stages, leastGain: gains[0] * 1.01 });
    expect(little.reports.map(({ verdict }) => verdict)[1]).toBe("not begun: the one before gained too little");
    expect(little.reports[0]).toEqual(all.reports[0]);
    expect(little.reports[2].updates).toBeGreaterThan(0); // another stage is
    const enough = await run(undefined, noLimit, { stages: ["joint", "joint"], leastGain: gains[0] * 0.99 });
    expect(enough.reports).toEqual(all.reports.slice(0, 2));
    const decided =
      little.states[little.events.findIndex(({ type }, i) => type === "step" && i > 0 && little.states[i].place === 2)];
    const resumed = await run(decided, noLimit, { stages, leastGain: gains[0] * 1.01 });
    expect(resumed.reports).toEqual(little.reports);
    engine.dispose();
  });
});

describe("stopwatch", () => {
  it("allows what the pace so far lets end in time", () => {
    let now = 5000;
    const watch = createStopwatch(() => now, 20, { seconds: 4, blockUpdates: 100 });
    watch.count(200);
    now += 2000; // 0.02 s an update, 6 s spent
    expect(watch.pace()).toEqual({ seconds: 6, blockUpdates: 300 });
    expect(watch.allows(699)).toBe(true);
    expect(watch.allows(701)).toBe(false);
    expect(createStopwatch(() => now, 20).allows(1e9)).toBe(true); // no pace is known yet
  });

  it("knows the pace in the stages too, where an update of all blocks is one of each", async () => {
    const { engine, run } = await laboratory();
    const stages: StageSettings["stages"] = ["joint", "joint", "refine"];
    // Growth took 100 s for 100 updates. Each update of a block takes a second, one of both blocks two.
    let now = 0;
    const watch = createStopwatch(() => now, 170, { seconds: 100, blockUpdates: 100 });
    const clock = {
      ...watch,
      count: (blockUpdates: number) => {
        now += 1000 * blockUpdates;
        watch.count(blockUpdates);
      },
    };
    const { reports } = await run(undefined, clock, { stages }); // 20 s each of the joint ones; the split up to 48
    expect(reports.map(({ updates }) => updates > 0)).toEqual([true, true, false]);
    expect(reports[2].verdict).toBe("not begun: time is used up");
    expect(watch.pace()).toEqual({ seconds: 140, blockUpdates: 140 });
    engine.dispose();
  });
});
