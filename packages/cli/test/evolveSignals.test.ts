/** Ctrl-C inside a step of a flow: the command ends between two events, and what goes on comes to the same bits. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, hashOf, jko, start } from "./command.testing.ts";

const home = folder();
const evolve = (run: string): string =>
  `evolve ou:2 --time 0.05 --step 0.05 --out ${run} --json --threads 1 --report none --set width=32 --set batchSize=8192 --set identityUpdates=20 --set updates=60 --set poolRows=8192 --set heldOutRows=500`;
const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));

it("SIGINT in a step: the last event is kept, 130; resumed to the same bits", async () => {
  const alone = join(home, "alone");
  expect((await start(evolve(alone)).done).code).toBe(0);
  const run = join(home, "interrupted");
  const { child, done } = start(evolve(run));
  child.stdout?.on("data", (text: Buffer) => {
    if (text.includes('"step","update 20"]')) child.kill("SIGINT");
  });
  const { code, err, out } = await done;
  expect([code, err]).toEqual([
    130,
    expect.stringMatching(/^SIGINT: saved ckpt-\d+\.safetensors; go on with: jko resume /),
  ]);
  const log = fs.readFileSync(join(run, "events.jsonl"), "utf8").trim().split("\n");
  // Twenty updates of 8,192 rows take many times the 50 ms between two looks: the next event never comes.
  expect(JSON.parse(log.at(-1)!).place).toEqual(["step 1", "step", "update 20"]);
  expect(JSON.parse(out.trim().split("\n").at(-1)!)).toMatchObject({ event: "interrupted", code: 130 });
  expect((await jko(`resume ${run} --quiet --threads 1`)).code).toBe(0);
  expect(bits(run)).toEqual(bits(alone));
});

it("SIGINT before the first event: nothing is kept, and a run that goes on begins anew", async () => {
  const run = join(home, "early");
  let asked = false;
  const outcome = await jko(evolve(run), {
    onOut: (text, interrupt) => {
      if (asked || !text.includes('"event":"start"')) return;
      asked = true;
      interrupt("SIGINT");
    },
  });
  expect([outcome.code, outcome.err]).toEqual([130, `SIGINT: nothing is trained yet; go on with: jko resume ${run}\n`]);
  expect((await jko(`resume ${run} --quiet --threads 1`)).code).toBe(0);
  expect(bits(run)).toEqual(bits(join(home, "alone")));
});
