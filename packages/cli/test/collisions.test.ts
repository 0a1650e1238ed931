/** `jko evolve --collisions`: Landau's equation from a start of one's own; how far batches went, in the table and in words. */
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { folder, jko, resultOf } from "./command.testing.ts";

const home = folder();
const SMALL =
  "--set hidden=[8] --set startUpdates=100 --set updates=5 --set particles=400 --set heldOutParticles=400 --set storedParticles=60 --threads 1";

it("the table and the verdict say lambda and what would have folded; H falls towards that of the Gaussian", async () => {
  const run = join(home, "coulomb");
  const words = `evolve --start normal:2:1:1,0 --collisions gamma=-3,C=0.1 --time 0.2 --step 0.1 --report quick`;
  const outcome = await jko(`${words} ${SMALL} --out ${run} --json`);
  expect([outcome.code, outcome.err]).toEqual([0, ""]);
  const { system, collisions, table, leastEnergy } = resultOf(outcome) as Record<string, never>;
  expect(system).toBe("landau");
  // Of a standard normal in the plane: -ln(2 pi e).
  expect(Number(leastEnergy)).toBeCloseTo(-Math.log(2 * Math.PI * Math.E), 9);
  const steps = (table as Record<string, number>[]).slice(1);
  expect(collisions).toEqual({
    lambda: Math.min(...steps.map(({ lambda }) => lambda)),
    determinant: Math.min(...steps.map(({ determinant }) => determinant)),
    folded: steps.reduce((sum, { folded }) => sum + folded, 0),
  });
  const record = JSON.parse(fs.readFileSync(join(run, "config.json"), "utf8"));
  expect(record.problem.collisions).toBe("gamma=-3,C=0.1");
  const page = fs.readFileSync(join(run, "report.html"), "utf8");
  expect(page).toMatch(/Batches of particles went at least [\d.]+ of the step that was trained \(lambda\)/);
});

it("bad input is one line, code 2, and writes nothing", async () => {
  const cases: readonly (readonly [words: string, message: string])[] = [
    ["--start normal:2 --collisions coulomb", '--collisions: "coulomb", expected gamma=NUMBER'],
    ["--start normal:2 --collisions C=1", "expected gamma=NUMBER or gamma=NUMBER,C=NUMBER, such as gamma=-3"],
    ["--start normal:2 --collisions gamma=0,gamma=1", "expected gamma=NUMBER"],
    ["--start normal:2 --collisions gamma=-9", "gamma: -9, expected a power from -4 to 1"],
    ["--start normal:2 --collisions gamma=0,C=-1", "constant: -1, expected C above 0"],
    ["--start normal:4 --collisions gamma=0", "collisions: 4 columns, expected 2 or 3"],
    ["--start normal:2 --collisions gamma=0 --potential x1^2", "--potential: it beside collisions"],
    ["--start normal:2 --collisions gamma=0 --diffusion 1", "--diffusion: it beside collisions"],
    ["--start normal:2 --collisions gamma=0 --system jko-icnn", "the system for it is landau"],
    ["landau:bkw2 --collisions gamma=0", '--collisions: it beside "landau:bkw2", which has its own'],
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
