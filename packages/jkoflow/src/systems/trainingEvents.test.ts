/** One shape of events: what it tells is what blocks and stages told, and each of its states is one to go on from. */
import { afterAll, describe, expect, it } from "vitest";
import { createFlow } from "../chain/index.ts";
import { createEngine } from "../engine/index.ts";
import { sha256 } from "../io/index.ts";
import { encodeModel } from "../model/index.ts";
import { createKey, fold } from "../random/index.ts";
import type { Event } from "../train/index.ts";
import { systems } from "./index.ts";
import { moons } from "./small.testing.ts";
import { startTraining } from "./startTraining.ts";
import type { Trained, TrainingEvent, TrainingState } from "./system.ts";

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
const raw = await collect<TrainingEvent>(training.system.train(engine, moons, training.settings, fold(key, "train")));

describe("events of a training", () => {
  it("are one for each of blocks and stages, with the same figures", () => {
    expect(told.hash).toBe(raw.hash);
    expect(told.events).toHaveLength(raw.events.length);
    const kinds = { start: "start", update: "update", "round update": "update", block: "step", stage: "step" } as const;
    for (const [i, event] of raw.events.entries()) {
      const { type, place, values } = told.events[i];
      expect(type).toBe(kinds[event.type]);
      expect(place.every((word) => typeof word === "string")).toBe(true);
      expect(Object.values(values).every((value) => ["number", "string"].includes(typeof value))).toBe(true);
      if (event.type === "update") expect(values).toMatchObject({ loss: event.progress.loss, block: event.block });
      if (event.type === "round update")
        expect(place).toEqual([`${event.stage} round ${event.round}`, expect.any(String)]);
      if (event.type === "block")
        expect(values).toMatchObject({ verdict: event.report.verdict, score: event.report.validationEnergy });
      if (event.type === "stage") {
        const lengths = String(values.arcLengths).split(" ").map(Number);
        expect(lengths).toEqual(event.report.arcLengths);
        expect(values).toMatchObject({ scoreBefore: event.report.energyBefore, change: event.report.change });
      }
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
