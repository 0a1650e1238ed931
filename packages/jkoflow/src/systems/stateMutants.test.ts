/** States to go on from in which somebody changed something: they train, or are refused by name; nothing else happens. */
import { afterAll, describe, expect, it } from "vitest";
import { createTable, type Problem, toys } from "../data/index.ts";
import { createEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { trainingState } from "../jko/index.ts";
import { createKey, createWords, drawBelow } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import { systems } from "./index.ts";
import type { Trained, TrainingEvent, TrainingState } from "./system.ts";

const engine = await createEngine({ threads: 1 });
afterAll(() => engine.dispose());

const rows = (name: string, n: number) => createTable(toys.moons.sample(createKey(name), n), ["x", "y"]);
const problem: Problem = { train: rows("train", 200), validation: rows("validation", 100) };
const key = createKey("state");

const budget = { batchSize: 50, validationRows: 100, evaluateEvery: 5, solverSteps: 1, scoringSteps: 2 };
const settingsOf: Readonly<Record<string, Settings>> = {
  "jko-iflow": {
    ...budget,
    hidden: [4],
    updates: 20,
    blocks: 2,
    stages: "reparameterise,joint",
    ...{ rounds: 2, roundUpdates: 10, jointUpdates: 10 },
  },
  "ot-flow": { ...budget, width: 4, blocks: 2, updates: 20 },
  ffjord: { ...budget, hidden: [4], updates: 20 },
};

function trainingOf(name: string, resume?: TrainingState): AsyncIterator<TrainingEvent, Trained> {
  const system = systems[name];
  const settings = system.check({ ...system.defaults(problem, key), ...settingsOf[name] });
  return system.train(engine, problem, settings, key, resume);
}

/** States of a whole training, some of each kind of event. */
async function statesOf(name: string): Promise<readonly TrainingState[]> {
  const found: TrainingState[] = [];
  let count = 0;
  const training = trainingOf(name);
  for (;;) {
    const next = await training.next();
    if (next.done) return found;
    if (next.value.type === "start") continue;
    if (next.value.type !== "update" || count++ % 7 === 3) found.push(structuredClone(next.value.state()));
  }
}

/** Up to the second event; how it ended. */
async function goOn(name: string, state: unknown): Promise<"trains" | InputError> {
  const training = trainingOf(name, state as TrainingState);
  try {
    for (let i = 0; i < 2; i++) if ((await training.next()).done) break;
    await training.return?.();
    return "trains";
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

type Place = { readonly holder: Record<string, unknown>; readonly key: string; readonly path: string };

/** Every place in a state but the numbers inside of typed arrays. */
function placesOf(value: unknown, path: string = ""): Place[] {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    { holder: value as Record<string, unknown>, key: name, path: `${path}.${name}` },
    ...placesOf(item, `${path}.${name}`),
  ]);
}

const others: readonly ((before: unknown) => unknown)[] = [
  () => undefined,
  () => null,
  () => "other",
  () => true,
  () => -1,
  () => 1e9,
  () => Number.NaN,
  () => [],
  () => ({}),
  () => [null],
  (x) => (typeof x === "number" ? x + 1 : [x]),
  (x) => (x instanceof Float32Array ? Float64Array.from(x) : Array.isArray(x) ? [...x, ...x.slice(0, 1)] : { more: x }),
  (x) => (x instanceof Float32Array ? x.slice(1) : Array.isArray(x) ? x.slice(1) : 0.5),
];

describe.each(Object.keys(settingsOf))("changed states: %s", (name) => {
  it("a state as it was goes on; each of 100 changed ones goes on or is refused in one line", async () => {
    const states = await statesOf(name);
    expect(states.length).toBeGreaterThan(3);
    for (const state of states) expect(await goOn(name, state)).toBe("trains");
    const words = createWords(createKey(`mutants of ${name}`));
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      const state = structuredClone(states[drawBelow(words, states.length)]);
      const places = placesOf(state);
      const { holder, key: at } = places[drawBelow(words, places.length)];
      const value = others[drawBelow(words, others.length)](holder[at]);
      if (value === undefined) delete holder[at];
      else holder[at] = value;
      const outcome = await goOn(name, state);
      if (outcome === "trains") continue;
      refused++;
      expect(outcome.problem.where).toBe(trainingState);
      expect(outcome.message).toMatch(/^training state:[^\n]+, expected [^\n]+$/);
    }
    expect(refused).toBeGreaterThan(60);
  });

  it("what follows from the settings cannot be another number", async () => {
    const states = await statesOf(name);
    const grown = states.find(({ reports, stop }) => reports.length > 0 && stop === undefined)!;
    const changes: readonly [
      string,
      (state: { reports: Record<string, unknown>[] } & Record<string, unknown>) => void,
    ][] = [
      ["reports.0.steps", ({ reports }) => (reports[0].steps = 3)],
      ["reports.0.stepSize", ({ reports }) => (reports[0].stepSize = 0.123)],
      ["reports.0.block", ({ reports }) => (reports[0].block = 2)],
      ["reports.0.accepted", ({ reports }) => (reports[0].accepted = !reports[0].accepted)],
      ["attempt", (state) => (state.attempt = (state.attempt as number) + 1)],
      ["extraSteps", (state) => (state.extraSteps = 2)],
      ["state", (state) => (state.solverSteps = 9)],
    ];
    for (const [place, change] of changes) {
      const state = structuredClone(grown) as never;
      change(state);
      const outcome = await goOn(name, state);
      expect(outcome, place).toBeInstanceOf(InputError);
      expect((outcome as InputError).problem.place).toBe(place);
    }
  });
});
