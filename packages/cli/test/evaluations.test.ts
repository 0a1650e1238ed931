/** Field evaluations (NFE) in what a run reports: every system, and the same after an interruption. */
import fs from "node:fs";
import { join } from "node:path";
import { createEngine, createKey, data, type Settings, startTraining, systems } from "jkoflow";
import { afterAll, describe, expect, it } from "vitest";
import { eventLine } from "../src/progress/eventLine.ts";
import { densityEvaluations, perUpdate, trainingEvaluations } from "../src/report/evaluations.ts";
import { eventsOf, folder, jko, resultOf, smallTable } from "./command.testing.ts";

const engine = await createEngine({ threads: 1 });
afterAll(() => engine.dispose());

const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), ["x", "y"]);
const problem = { train: rows("train", 200), validation: rows("validation", 100) };
const tiny = { updates: 10, batchSize: 32, evaluateEvery: 5 };

describe("of training and of a density", () => {
  // rk4 has 4 stages, of each step of each field.
  const known: Readonly<Record<string, readonly [settings: Settings, update: number, block: number]>> = {
    "ot-flow": [{ width: 8, substeps: "fixed", solverSteps: 6, scoringSteps: 12 }, 4 * 6, 4 * 12],
    rnode: [{ hidden: [8], substeps: "fixed", solverSteps: 3, scoringSteps: 5 }, 4 * 3, 4 * 5],
    ffjord: [{ hidden: [8], chain: 2, substeps: "fixed", solverSteps: 2, scoringSteps: 4 }, 2 * 4 * 2, 4 * 4],
    "jko-iflow": [{ hidden: [8], blocks: 2, solverSteps: 1, scoringSteps: 4 }, 0, 4 * 4],
  };

  it("knows every system", () => {
    expect(Object.keys(known).sort()).toEqual(Object.keys(systems).sort());
  });

  for (const [name, [settings, update, block]] of Object.entries(known)) {
    it(name, async () => {
      const lines: ReturnType<typeof eventLine>[] = [];
      const options = { settings: { ...tiny, ...settings }, key: createKey(2) };
      const training = startTraining(systems[name], problem, options).run(engine);
      let next = await training.next();
      for (; !next.done; next = await training.next()) lines.push(eventLine(next.value));
      const found = trainingEvaluations(lines);
      const tries = lines.filter(({ event }) => event === "step");
      expect(found.updates).toBe(tries.reduce((sum, { updates }) => sum + Number(updates), 0));
      if (update > 0) {
        expect(found).toMatchObject({ forward: update * found.updates, backward: update * found.updates });
        expect(perUpdate(found)).toBe(`${update} / ${update}`);
      } else {
        // One or two steps, drawn: all of one kind in so many updates has a chance below 1e-3 in either case.
        expect(found.forward).toBeGreaterThan(4 * found.updates);
        expect(found.forward).toBeLessThan(8 * found.updates);
      }
      const { model } = next.value;
      expect(densityEvaluations(model)).toBe(block * model.flow.blocks.length);
    });
  }

  it("adaptive steps: six products with the Jacobian for each accepted step, no fewer evaluations", async () => {
    const { ffjord } = systems;
    const settings = { ...tiny, hidden: [8], solver: "dopri5", rtol: 1e-3, atol: 1e-3 };
    const lines: ReturnType<typeof eventLine>[] = [];
    const training = startTraining(ffjord, problem, { settings, key: createKey(2) });
    for await (const event of training.run(engine)) lines.push(eventLine(event));
    const found = trainingEvaluations(lines);
    expect(found.backward % 6).toBe(0);
    expect(found.backward).toBeGreaterThan(0);
    expect(found.forward).toBeGreaterThanOrEqual(found.backward + 2 * found.updates);
  });
});

it("the report and --json have them, of rounds after growth too, and the same after an interruption", async () => {
  const home = folder();
  const words =
    `${smallTable(join(home, "table.csv"), 150)} --json --threads 1 --effort best --set hidden=[8] --set blocks=2 ` +
    "--set acceptance=any --set updates=8 --set batchSize=32 --set evaluateEvery=4 --set stages=reparameterise,joint --set rounds=1 " +
    "--set roundUpdates=3 --set jointUpdates=4 --keep flow";
  const alone = join(home, "alone");
  const whole = await jko(`fit ${words} --out ${alone}`);
  expect(whole.code).toBe(0);
  const found = resultOf(whole).evaluations as Record<"updates" | "forward" | "backward" | "density", number>;

  // The stream of a run that was never interrupted has each update once.
  const stream = eventsOf(whole).filter(({ event }) => event === "update");
  expect(stream.map(({ stage }) => stage)).toContain("joint");
  const sum = (way: string): number => stream.reduce((total, line) => total + Number(line[way]), 0);
  expect(found).toMatchObject({ updates: stream.length, forward: sum("forward"), backward: sum("backward") });

  const read = (name: string): string => fs.readFileSync(join(alone, name), "utf8");
  expect(JSON.parse(read("report.json")).result.evaluations).toEqual(found);
  const { forward, backward, updates, density } = found;
  expect(read("report.html")).toContain(
    `${forward} forward and ${backward} backward in ${updates} updates; ${density} for a density`,
  );

  const run = join(home, "interrupted");
  const middle = JSON.stringify(stream[Math.floor(stream.length / 2)]);
  const stopped = await jko(`fit ${words} --out ${run}`, {
    onOut: (text, interrupt) => text.trim() === middle && interrupt("SIGINT"),
  });
  expect(stopped.code).toBe(130);
  fs.appendFileSync(join(run, "events.jsonl"), `${middle}\n`); // an update that no checkpoint has
  expect(resultOf(await jko(`resume ${run} --json --threads 1`)).evaluations).toEqual(found);
});
