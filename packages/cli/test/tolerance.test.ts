/** `jko evolve --tolerance`: step sizes that are chosen on the way, in the files of a run and in what is done with it. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, hashOf, jko, resultOf } from "./command.testing.ts";

const home = folder();
const run = join(home, "run");
const TINY =
  "--set width=8 --set rank=2 --set updates=80 --set identityUpdates=40 --set batchSize=128 --set poolRows=1000 --set heldOutRows=1000 --threads 1";
const evolve = (out: string, more = ""): string =>
  `evolve --start normal:1 --potential 20*x^2 --time 0.4 --step 0.1 --tolerance 0.02 --out ${out} --report quick ${TINY} ${more}`;

it("the times of a run are those of its steps, and only those are taken", async () => {
  const outcome = await jko(evolve(run, "--json"));
  expect([outcome.code, outcome.err]).toEqual([0, ""]);
  const result = resultOf(outcome) as { steps: number; floor: unknown; table: Record<string, number>[] };
  const times = result.table.map(({ time }) => time);
  const lengths = times.slice(1).map((time, k) => Number((time - times[k]).toPrecision(12)));
  expect(times.at(-1)).toBe(0.4);
  expect(lengths[0]).toBeLessThan(lengths.at(-1)!);
  // F falls at the rate of each step's own length.
  result.table.slice(1).forEach((row, k) => {
    expect(row.dissipation).toBeCloseTo((result.table[k].F - row.F) / lengths[k], 9);
  });
  const rows = join(home, "rows.csv");
  expect((await jko(`sample ${run} -n 20 --at ${times[1]} -o ${rows}`)).code).toBe(0);
  const scores = join(home, "scores.csv");
  expect((await jko(`logprob ${run} ${rows} --at ${times[1]} -o ${scores}`)).code).toBe(0);
  expect(
    fs
      .readFileSync(scores, "utf8")
      .trimEnd()
      .split("\n")
      .slice(1)
      .every((line) => Number.isFinite(Number(line))),
  ).toBe(true);
  const between = await jko(`sample ${run} -n 1 --at ${(times[1] + times[2]) / 2 + 1e-3} -o ${join(home, "none.csv")}`);
  expect(between.code).toBe(2);
  expect(between.err).toContain(
    `expected a time of the scheme, those of steps.csv, to 0.4; the nearest is ${times[2]}`,
  );
  expect((await jko(`info ${run}`)).out).toContain(`in ${result.steps} steps of`);
});

it("is the same for two threads", async () => {
  const two = join(home, "two");
  expect((await jko(`${evolve(two, "--quiet")} --threads 2`)).code).toBe(0);
  for (const name of ["model.safetensors", "events.jsonl"])
    expect(hashOf(join(two, name))).toBe(hashOf(join(run, name)));
});

it("is refused in one line where steps have to be equal", async () => {
  const none = join(home, "none");
  const accurate = await jko(evolve(none, "--accuracy"));
  expect([accurate.code, accurate.err.trim()]).toEqual([
    2,
    "error: --accuracy: it beside a tolerance, expected equal steps, of which there are halves; leave one of the two out",
  ]);
  const other = await jko(`evolve ou:1 --system variational --tolerance 0.01 --out ${none}`);
  expect(other.code).toBe(2);
  expect(other.err).toContain("--tolerance: it for variational, whose steps are equal, expected jko-icnn");
  expect((await jko(`evolve ou:1 --tolerance 0 --out ${none}`)).code).toBe(2);
  expect(fs.existsSync(none)).toBe(false);
});
