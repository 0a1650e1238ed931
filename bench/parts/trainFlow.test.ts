/** A figure of a benchmark can be had again by the command: with the same rows, settings and seed the model is the same to the bit. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, hashOf, jko, resultOf } from "../../packages/cli/test/command.testing.ts";
import { createTable, toys } from "../../packages/jkoflow/src/data/index.ts";
import { createEngine } from "../../packages/jkoflow/src/engine/index.ts";
import { sha256 } from "../../packages/jkoflow/src/io/index.ts";
import { encodeModel } from "../../packages/jkoflow/src/model/index.ts";
import { createKey } from "../../packages/jkoflow/src/random/index.ts";
import type { Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { readProblem, writeProblem } from "./problem.ts";
import { trainFlow } from "./trainFlow.ts";

const home = folder();
const rows = (name: string, n: number) => createTable(toys.moons.sample(createKey(name), n), ["x1", "x2"]);
const files = writeProblem(home, {
  train: rows("train", 200),
  validation: rows("validation", 100),
  test: rows("test", 60),
});

const cases: readonly (readonly [system: string, seed: number, settings: Settings])[] = [
  ["jko-iflow", 0, { blocks: 2, hidden: [8], updates: 12, batchSize: 32, evaluateEvery: 6 }],
  ["jko-iflow", 7, { blocks: 2, hidden: [8], updates: 12, batchSize: 32, evaluateEvery: 6 }],
  ["ot-flow", 7, { width: 8, updates: 12, batchSize: 32, evaluateEvery: 6 }],
  ["ffjord", 7, { hidden: [8], updates: 12, batchSize: 32, evaluateEvery: 6 }],
  ["rnode", 7, { hidden: [8], updates: 12, batchSize: 32, evaluateEvery: 6 }],
];

it.each(cases)("%s, seed %i", async (system, seed, settings) => {
  const engine = await createEngine({ threads: 1 });
  const { trained } = await trainFlow(engine, await readProblem(files), { system, seed, settings });
  engine.dispose();
  const run = join(home, `${system}-${seed}`);
  const set = Object.entries(settings).flatMap(([name, value]) => ["--set", `${name}=${JSON.stringify(value)}`]);
  const words = ["fit", files.train, "--validation", files.validation, "--test", files.test, "--columns-as", "numbers"];
  const outcome = await jko([
    ...words,
    "--system",
    system,
    "--seed",
    String(seed),
    ...set,
    "--json",
    "--threads",
    "1",
    "--report",
    "none",
    "--out",
    run,
  ]);
  expect(outcome.code).toBe(0);
  const hash = sha256(encodeModel(trained.model));
  expect(hashOf(join(run, "model.safetensors"))).toBe(hash);
  expect(resultOf(outcome)).toMatchObject({ modelHash: hash, solverGap: trained.solverGap, stop: trained.stop });
});
