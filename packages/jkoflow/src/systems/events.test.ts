/** One shape of events: what it tells is what blocks and stages told, and each of its states is one to go on from. */
import { afterAll, describe, expect, it } from "vitest";
import { createFlow } from "../chain/index.ts";
import { createEngine } from "../engine/index.ts";
import { sha256 } from "../io/index.ts";
import { encodeModel } from "../model/index.ts";
import { createKey } from "../random/index.ts";
import type { Event } from "../train/index.ts";
import { systems } from "./index.ts";
import { moons } from "./small.testing.ts";
import { startTraining } from "./startTraining.ts";
import type { Trained, TrainingState } from "./system.ts";

// Not the reference executor: it computes in float64, of which a state keeps float32.
const engine = await createEngine({ threads: 1 });
afterAll(() => engine.dispose());

const settings = {
  ...{ blocks: 2, hidden: [6], updates: 6, batchSize: 32, evaluateEvery: 3, acceptance: "any", solverSteps: 1 },
  ...{ stages: "reparameterise,joint", rounds: 1, roundUpdates: 3, jointUpdates: 3 },
};
const key = createKey(5);
const training = startTraining(systems["jko-iflow"], moons, { settings, key });

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;

async function collect<E>(events: AsyncGenerator<E, Trained>): Promise<{ events: E[]; hash: string }> {
  const all: E[] = [];
  let next = await events.next();
  for (; !next.done; next = await events.next()) all.push(next.value);
  return { events: all, hash: sha256(encodeModel(next.value.model)) };
}

const told = await collect(training.run(engine));

describe("events of a training", () => {
  it("tell where each is, in values that are numbers or words, and of a step what its state reports", () => {
    expect(told.events[0]).toMatchObject({ type: "start", place: [], values: { blocks: 2 } });
    const steps = told.events.filter(({ type }) => type === "step");
    expect(steps.map(({ place }) => place.join(", "))).toEqual([
      ...["block 1", "block 2", "reparameterise round 1", "joint round 1"],
    ]);
    for (const { type, place, values, state } of told.events) {
      expect(place.every((word) => typeof word === "string")).toBe(true);
      expect(Object.values(values).every((value) => ["number", "string"].includes(typeof value))).toBe(true);
      if (type === "start") continue;
      const { stage, round, block } = values;
      const outer = stage === undefined ? `block ${block}` : `${stage} round ${round}`;
      const inner = type === "step" || stage === undefined ? [] : [block === 0 ? "all blocks" : `block ${block}`];
      expect(place).toEqual([outer, ...inner]);
      if (type === "update") expect(Object.keys(values)).toEqual(expect.arrayContaining(["update", "loss", "forward"]));
      if (type === "update" || stage !== undefined) continue;
      const { validationEnergy, accepted, ...report } = state().reports.at(-1)!;
      expect(values).toEqual({ ...report, accepted: accepted ? 1 : 0, score: validationEnergy });
    }
    const reports = steps.at(-1)!.state().improvement!.reports;
    for (const [i, { stepSizes, arcLengths, energyBefore, validationEnergy, place, ...report }] of reports.entries()) {
      const { values } = steps[2 + i];
      const lists = [values.stepSizes, values.arcLengths].map((list) => String(list).split(" ").map(Number));
      expect(lists).toEqual([stepSizes, arcLengths]);
      expect(values).toMatchObject({ ...report, blocks: stepSizes.length, scoreBefore: energyBefore });
      expect(values.score).toBe(validationEnergy);
      expect(values.accepted).toBe(report.verdict.startsWith("kept") ? 1 : 0);
      expect(place).toBe(i + 1);
    }
  });

  it("say at the start what makes a held-out energy an NLL in the units of the table", async () => {
    // One step of the solver in training and in the model: a held-out energy after growth is the NLL of the same flow.
    const grown = startTraining(systems["jko-iflow"], moons, {
      settings: { ...settings, stages: "none", scoringSteps: 1 },
      key,
    });
    const events = grown.run(engine);
    let [offset, score] = [Number.NaN, Number.NaN];
    let next = await events.next();
    for (; !next.done; next = await events.next()) {
      const { type, values } = next.value;
      if (type === "start") offset = Number(values.energyToNll);
      if (type === "step") score = Number(values.score);
    }
    const { model } = next.value;
    const flow = createFlow(engine, model.flow);
    const z = model.standardizer.forward(moons.validation);
    const logDet = model.standardizer.logAbsDet(moons.validation);
    const nll = -mean(flow.logProb(z, 1).map((value, i) => value + logDet[i]));
    flow.dispose();
    expect(score + offset).toBeCloseTo(nll, 4); // sums of float32
  });

  it.each([
    ["the start", (event: Event) => event.type === "start"],
    ["an update", ({ values }: Event) => values.update === 2 && values.block === 2 && values.stage === undefined],
    ["a round after growth", ({ values }: Event) => values.stage === "joint" && values.update === 1],
  ] as const)("%s has a state from which training goes on to the same bits", async (_, isThere) => {
    let state: TrainingState | undefined;
    for await (const event of training.run(engine)) {
      if (!isThere(event)) continue;
      state = structuredClone(event.state());
      break;
    }
    expect(state).toBeDefined();
    const again = await collect(training.run(engine, state));
    expect(again.hash).toBe(told.hash);
  });

  it("of a resumed training have states of their own, before the next look too: killed again, it goes on from there", async () => {
    const place = ({ values }: Event): string => `${values.block}/${values.attempt}/${values.update}/${values.loss}`;
    const updates = told.events.filter(({ type, values }) => type === "update" && values.stage === undefined);
    let state: TrainingState | undefined;
    // Every process lives for a single update.
    for (const expected of updates) {
      const left = training.run(engine, state);
      for await (const event of left) {
        if (event.type !== "update") continue;
        expect(place(event)).toBe(place(expected));
        state = structuredClone(event.state());
        break;
      }
    }
    expect((await collect(training.run(engine, state))).hash).toBe(told.hash);
  });
});
