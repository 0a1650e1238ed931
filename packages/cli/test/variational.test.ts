/** `jko evolve --system variational`: the gap in every file of the report, kill and resume, refusals. */
import fs from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, start } from "./command.testing.ts";

const home = folder();
const alone = join(home, "alone");
const SMALL =
  "--set hidden=[8] --set criticHidden=[8] --set updates=40 --set batchSize=64 --set poolRows=500 --set heldOutRows=400 --threads 1";
const evolve = (out: string): string =>
  `evolve ou:2 --system variational --time 0.15 --step 0.05 --seed 3 --out ${out} ${SMALL} --report quick --json`;
const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));

let result: Record<string, unknown> = {};
beforeAll(async () => {
  const outcome = await jko(evolve(alone));
  expect([outcome.code, outcome.err]).toEqual([0, ""]);
  result = resultOf(outcome);
});

it("the gap of every step is in --json, steps.csv and the report, as the log has it", () => {
  const told = fs
    .readFileSync(join(alone, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "step")
    .map(({ gap }) => gap as number);
  expect(told.length).toBe(3);
  expect(result.gap).toBe(Math.max(...told.map(Math.abs)));
  expect((result.table as Record<string, number>[]).slice(1).map(({ gap }) => gap)).toEqual(told);
  const [head, ...lines] = fs.readFileSync(join(alone, "steps.csv"), "utf8").trimEnd().split("\n");
  const column = head.split(",").indexOf("gap");
  expect(lines.slice(1).map((line) => Number(line.split(",")[column]))).toEqual(told);
  const page = fs.readFileSync(join(alone, "report.html"), "utf8");
  expect(page).toContain("largest duality gap of a step");
  expect(page).toContain("The duality gap of a step, F less the critic&#39;s bound on held-out rows, is at most");
});

it("a killed process goes on to the same bits", async () => {
  const run = join(home, "killed");
  const { child, done } = start(`${evolve(run)} --checkpoint-every 0.001`);
  child.stdout?.on("data", (text: Buffer) => {
    if (text.includes('"step 2"')) child.kill("SIGKILL");
  });
  expect((await done).signal).toBe("SIGKILL");
  expect(fs.existsSync(join(run, "model.safetensors"))).toBe(false);
  const { code, err } = await start(`resume ${run} --quiet`).done;
  expect([code, err]).toEqual([0, ""]);
  expect(bits(run)).toEqual(bits(alone));
});

it("bad input is one line, code 2, and writes nothing", async () => {
  const cases: readonly (readonly [words: string, message: string])[] = [
    ["ou:2 --set map=icnn", 'variational:map: "icnn", expected'],
    [
      "ou:13 --set map=convex",
      'variational:map: "convex", expected residual, where F in training is by a second critic',
    ],
    ["ou:2 --set criticTurns=0", "variational:criticTurns: 0, expected a whole number of at least 1"],
    ["ou:2 --set hidden=[]", "variational:hidden"],
    [
      "--start normal:2 --internal rho^2 --diffusion 1",
      "functional: 2 terms that need the density, expected one, which the critic is for",
    ],
    ["landau:bkw2", "the system for it is landau"],
  ];
  const before = fs.readdirSync(home);
  for (const [words, message] of cases) {
    const { code, err, out } = await jko(`evolve ${words} --system variational --out ${join(home, "nothing")}`);
    expect([code, out], words).toEqual([2, ""]);
    expect(err, words).toMatch(/^error: [^\n]+\n$/);
    expect(err, words).toContain(message);
  }
  expect(fs.readdirSync(home)).toEqual(before);
});
