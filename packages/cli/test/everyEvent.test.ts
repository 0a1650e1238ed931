/** A run that is stopped after any one of its events, block ends and last looks included, is resumed to the same bits. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, hashOf, jko, smallTable } from "./command.testing.ts";

// Short of patience, so that blocks end early, are dropped, tried again, and growth ends before the largest number.
const SETTINGS =
  "--set blocks=5 --set hidden=[8,8] --set updates=40 --set batchSize=32 --set evaluateEvery=2 --set patience=2 --threads 1";

it("the moment does not matter", { timeout: 120_000 }, async () => {
  const home = folder();
  const table = smallTable(join(home, "table.csv"), 150);
  const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));
  const alone = join(home, "alone");
  expect((await jko(`fit ${table} --out ${alone} --quiet ${SETTINGS}`)).code).toBe(0);
  const events = fs.readFileSync(join(alone, "events.jsonl"), "utf8").trim().split("\n").length;
  for (let at = 1; at < events - 1; at++) {
    const run = join(home, `stopped-${at}`);
    let seen = 0;
    const stopped = await jko(`fit ${table} --out ${run} --json ${SETTINGS}`, {
      onOut: (text, interrupt) => {
        if (/^\{"event":"(start|update|block)"/.test(text) && seen++ === at) interrupt("SIGINT");
      },
    });
    expect(stopped.code).toBe(130);
    expect((await jko(`resume ${run} --quiet --threads 1`)).code).toBe(0);
    expect(bits(run), `stopped after event ${at}`).toEqual(bits(alone));
    fs.rmSync(run, { recursive: true });
  }
});
