/**
 * A block trained to an arc length, against the closed form of a Gaussian: for N(0, s^2 I) the best map of length S is x -> a x
 * with (a - 1) s sqrt(d) = S, and the h whose JKO step it is solves a s^2 - 1/a + (a - 1) s^2 / h = 0.
 */
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createBlockRunner, initField } from "../maps/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { followArc } from "./arcLength.ts";
import { createStageWorkspace, trainBlock } from "./index.ts";
import type { StepSettings, StepState } from "./step.ts";

const d = 2;
const field = {
  kind: "mlp",
  dimension: d,
  hidden: [16],
  activation: { kind: "softplus", beta: 1 },
  time: "none",
} as const;
const s = 0.5;
const a = 1.5;
const target = (a - 1) * s * Math.sqrt(d);
const closed = ((a - 1) * s ** 2) / (1 / a - a * s ** 2);
const arc = { target, smallestStepSize: 1e-3, largestStepSize: 10 };

describe("arc length", () => {
  it("finds the map of that length and the h it belongs to, noise on the batches or not, and resumes to the same bits", async () => {
    const engine = await createEngine({ threads: 1 });
    const runner = createBlockRunner(engine, { field, divergence: "exact" });
    const rows = (seed: number) => normal(createKey(seed), 4000 * d).map((x) => s * x);
    const data = { train: rows(1), validation: rows(2) };
    const train = async (jitter: number, resume?: StepState) => {
      const settings: StepSettings = {
        ...{ stepSize: 4, arc, updates: 400, batchSize: 500, learningRate: 1e-2, learningRateFloor: 0.02 },
        ...{ weightDecay: 0, clip: 10, jitter, solverSteps: 2, scoringSteps: 4, evaluateEvery: 20 },
        ...{ patience: Infinity, validationRows: 4000 },
      };
      const workspace = createStageWorkspace(runner, data, settings, createKey(3));
      workspace.parameters.write(initField(field, fold(createKey(4), "init"), 0.1));
      const training = trainBlock(workspace, settings, createKey(5), resume, (progress, state) => ({
        progress,
        state,
      }));
      let middle: StepState | undefined;
      for (;;) {
        const next = await training.next();
        if (next.done) {
          workspace.dispose();
          return { best: next.value.best!, middle };
        }
        if (next.value.progress.update === 210) middle = structuredClone(next.value.state());
      }
    };
    const { best, middle } = await train(0);
    // 4,000 rows: the second moment is off by sqrt(1 / 4000) = 1.6 %, h by several times that
    expect(Math.abs(best.stepSize! / closed - 1)).toBeLessThan(0.1);
    const mapped = 0.5 * s ** 2 * a ** 2 * d - d * Math.log(a); // energy of x -> a x
    expect(Math.abs(best.objective - mapped)).toBeLessThan(0.02); // no penalty is in it: the length is within 2 %
    const again = (await train(0, middle)).best;
    expect(again.stepSize).toBe(best.stepSize);
    expect([...again.weights]).toEqual([...best.weights]);
    // batches blurred by half of s move differently; what is asked for is the length of the rows as they are
    expect(Math.abs((await train(0.25)).best.objective - mapped)).toBeLessThan(0.05);
    engine.dispose();
  });

  it("goes a bounded way at an update, within the bounds of h", () => {
    const state = { stepSize: 1, excess: 0 };
    expect(followArc(state, target ** 2, arc).stepSize).toBeCloseTo(1, 12);
    expect(followArc(state, 0, arc).stepSize).toBeCloseTo(Math.exp(0.05), 12);
    expect(followArc({ ...state, stepSize: 9.9 }, 0, arc).stepSize).toBe(10);
    expect(followArc({ ...state, stepSize: 1e-3 }, 1e9, arc).stepSize).toBe(1e-3);
  });
});
