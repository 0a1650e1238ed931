/** A run that is stopped after any one of its events, block ends and last looks included, is resumed to the same bits. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, hashOf, jko, smallTable } from "./command.testing.ts";

// Short of patience, so that blocks end early, are dropped, tried again, and growth ends before the largest number.
const SETTINGS =
  "--set blocks=5 --set hidden=[8,8] --set updates=40 --set batchSize=32 --set evaluateEvery=2 --set patience=2 --threads 1 --keep flow";

/** Interrupt a run after its events number `every`, 2 `every`, ..., resume it, and compare it with one that was left alone. */
async function stopEverywhere(settings: string, every: number): Promise<readonly string[]> {
  const home = folder();
  const table = smallTable(join(home, "table.csv"), 150);
  const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));
  const alone = join(home, "alone");
  expect((await jko(`fit ${table} --out ${alone} --quiet ${settings}`)).code).toBe(0);
  const events = fs.readFileSync(join(alone, "events.jsonl"), "utf8").trim().split("\n");
  for (let at = every; at < events.length - 1; at += every) {
    const run = join(home, `stopped-${at}`);
    let seen = 0;
    const stopped = await jko(`fit ${table} --out ${run} --json ${settings}`, {
      onOut: (text, interrupt) => {
        if (/^\{"event":"(start|update|step)"/.test(text) && seen++ === at) interrupt("SIGINT");
      },
    });
    expect(stopped.code).toBe(130);
    expect((await jko(`resume ${run} --quiet --threads 1`)).code).toBe(0);
    expect(bits(run), `stopped after event ${at}`).toEqual(bits(alone));
    fs.rmSync(run, { recursive: true });
  }
  return events;
}

it("the moment does not matter", async () => {
  await stopEverywhere(SETTINGS, 1);
});

it("nor does it in the stages after growth", async () => {
  const settings =
    "--effort best --set stages=reparameterise,refine,remove,joint,refine-joint --set blocks=2 --set hidden=[6] --set updates=6 --set batchSize=32 --set evaluateEvery=3 --set rounds=1 " +
    "--set roundUpdates=3 --set jointUpdates=3 --set solverSteps=1 --threads 1 --keep flow";
  const events = await stopEverywhere(settings, 7);
  const stages = events.flatMap((line) => /^\{"event":"step",.*"stage":"([\w-]+)"/.exec(line)?.[1] ?? []);
  expect(stages).toEqual(["reparameterise", "refine", "remove", "joint", "refine-joint"]);
});
