/** The average of a block's weights, against the recursion by hand in float64; evaluations of it leave the training as it was. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createBlockRunner, initField } from "../maps/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { createStageWorkspace, trainBlock } from "./index.ts";
import type { StepSettings, StepState } from "./step.ts";

const d = 2;
const field = {
  kind: "mlp",
  dimension: d,
  hidden: [8],
  activation: { kind: "softplus", beta: 1 },
  time: "concat",
} as const;
const updates = 40;
const decay = 0.9;

describe("averaging", () => {
  it("keeps the average of all updates, and trains as without it", async () => {
    const engine = await createEngine({ threads: 1 });
    const runner = createBlockRunner(engine, { field, divergence: "exact" });
    const rows = (seed: number) => normal(createKey(seed), 1000 * d).map((x) => 0.3 * x);
    const data = { train: rows(1), validation: rows(2) };
    const train = async (averaging?: number): Promise<StepState[]> => {
      const settings: StepSettings = {
        ...{
          stepSize: 4,
          updates,
          batchSize: 100,
          learningRate: 1e-2,
          learningRateFloor: 0.02,
          weightDecay: 0,
          clip: 10,
        },
        ...{ jitter: 0, solverSteps: 2, scoringSteps: 4, evaluateEvery: 5, patience: Infinity, validationRows: 1000 },
        ...(averaging === undefined ? {} : { averaging }),
      };
      const workspace = createStageWorkspace(runner, data, settings, createKey(3));
      workspace.parameters.write(initField(field, fold(createKey(4), "init"), 0.1));
      const states: StepState[] = [];
      const training = trainBlock(workspace, settings, createKey(5), undefined, (_, state) => structuredClone(state()));
      for await (const state of training) states.push(state);
      workspace.dispose();
      return states;
    };
    const plain = await train();
    const averaged = await train(decay);
    const start = initField(field, fold(createKey(4), "init"), 0.1);
    let byHand = Float64Array.from(start);
    for (const [update, { parameters, average }] of averaged.entries()) {
      expect([...parameters.values]).toEqual([...plain[update].parameters.values]);
      const keep = Math.min(decay, (1 + update) / (10 + update));
      byHand = byHand.map((x, i) => keep * x + (1 - keep) * parameters.values[i]);
      average!.forEach((x, i) => {
        expect(Math.abs(x - byHand[i])).toBeLessThan(1e-5 * (1 + Math.abs(byHand[i])));
      });
    }
    const { best } = averaged[updates - 1];
    expect(best.weights).toEqual(averaged[best.update - 1].average);
    engine.dispose();
  });
});
