/** `jko evolve --target`: a divergence to the rows of a table, its report, kill and resume, refusals. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, start } from "./command.testing.ts";

const home = folder();
const wave = (i: number): number => Math.sin(12.9898 * i) * 43758.5453;
const share = (i: number): number => wave(i) - Math.floor(wave(i));
const table = join(home, "rows.csv");
fs.writeFileSync(
  table,
  `a,b\n${Array.from({ length: 300 }, (_, i) => `${share(i).toFixed(3)},${(share(i + 500) ** 2).toFixed(3)}`).join("\n")}\n`,
);
const SMALL =
  "--set hidden=[8] --set criticHidden=[8] --set updates=30 --set batchSize=64 --set poolRows=500 --set heldOutRows=400 --threads 1 --report quick";

it("a flow towards rows: how near it comes, beside a mixture; killed, it goes on to the same bits", async () => {
  const [alone, killed] = ["alone", "killed"].map((name) => join(home, name));
  const words = `evolve --target ${table} ${SMALL} --json`;
  const outcome = await jko(`${words} --out ${alone}`);
  expect([outcome.code, outcome.err]).toEqual([0, ""]);
  const { system, steps, towards, table: rows, certificate, comparison } = resultOf(outcome) as Record<string, never>;
  expect([system, steps, certificate]).toEqual(["variational", 8, null]);
  expect(towards).toMatchObject({ rows: 60, distance: expect.any(Number), mixtureDistance: expect.any(Number) });
  const told = fs
    .readFileSync(join(alone, "events.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "start" || event === "step");
  expect((rows as { F: number }[]).map(({ F }) => F)).toEqual(told.map(({ energy }) => energy));
  expect((comparison as { name: string }[])[1].name).toMatch(/^a mixture of \d+ Gaussians?$/);
  const page = fs.readFileSync(join(alone, "report.html"), "utf8");
  expect(page).toContain("Energy distance to 60 rows held out");
  expect(page).toContain("F is the Jensen-Shannon divergence to 240 of 300 rows, 60 held out");

  const { child, done } = start(`${words} --out ${killed} --checkpoint-every 0.001`);
  child.stdout?.on("data", (text: Buffer) => {
    if (text.includes('"step 2"')) child.kill("SIGKILL");
  });
  expect((await done).signal).toBe("SIGKILL");
  expect((await start(`resume ${killed} --quiet`).done).code).toBe(0);
  const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));
  expect(bits(killed)).toEqual(bits(alone));
});

it("Sinkhorn's divergence is followed by jko-icnn", async () => {
  const small = "--set width=8 --set updates=10 --set identityUpdates=20 --set batchSize=64 --set poolRows=300";
  const words = `evolve --target ${table} --divergence sinkhorn --blur 0.1 --step 0.5 --time 1 --report none`;
  const outcome = await jko(
    `${words} ${small} --set heldOutRows=240 --threads 1 --out ${join(home, "sinkhorn")} --json`,
  );
  expect([outcome.code, outcome.err]).toEqual([0, ""]);
  const { system, steps, rises } = resultOf(outcome);
  expect([system, steps, rises]).toEqual(["jko-icnn", 2, 0]);
});

it("bad input is one line, code 2, and writes nothing", async () => {
  const few = join(home, "few.csv");
  fs.writeFileSync(few, "a,b\n1,2\n3,4\n");
  const cases: readonly (readonly [words: string, message: string])[] = [
    [`--target ${join(home, "none.csv")}`, "no such file"],
    [`--target ${few}`, `${few}: 2 rows of 2 columns, expected at least 20`],
    [`--target ${table} --divergence tv`, '--divergence: "tv", expected js | kl | sinkhorn'],
    [`--target ${table} --blur 1`, "--blur: it for js, expected --divergence sinkhorn; leave it out"],
    ["--blur 1", "--blur: it without a target, expected --target rows.csv"],
    ["--start normal:2 --divergence kl", "--divergence: it without a target"],
    [`--target ${table} --start normal:3`, "--columns: an array of 2, expected 3 names, as the start has"],
    [`--target ${table} --columns a,c`, 'no column "c"'],
    [`--target ${table} --diffusion 1`, "functional: 2 terms that need the density"],
    [`--target ${table} --system jko-icnn`, "the system for it is variational"],
    [`--target ${table} --divergence sinkhorn --system variational`, "the system for it is jko-icnn"],
    [`--target ${table} --set map=convex`, 'variational:map: "convex", expected residual'],
    [`--target ${table} --accuracy`, "--accuracy: it for JS to rows, expected an F that is measured"],
    [`ou:2 --target ${table}`, '--target: it beside "ou:2", which has its own'],
  ];
  const before = fs.readdirSync(home);
  for (const [words, message] of cases) {
    const { code, err, out } = await jko(`evolve ${words} --out ${join(home, "nothing")}`);
    expect([code, out], words).toEqual([2, ""]);
    expect(err, words).toMatch(/^error: [^\n]+\n$/);
    expect(err, words).toContain(message);
  }
  expect(fs.readdirSync(home)).toEqual(before);
});
