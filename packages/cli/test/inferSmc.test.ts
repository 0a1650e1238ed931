/** `jko infer --system smc`: a target is sampled without training; what every run directory can do, this one can. */
import fs from "node:fs";
import { join } from "node:path";
import { io } from "jkoflow";
import { describe, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, start } from "./command.testing.ts";

const home = folder();
const SMALL = "--system smc --set population=800 --set leaps=4 --threads 1";
const files = ["model.safetensors", "draws.npy", "events.jsonl"];
const bitsOf = (run: string): string[] => files.map((file) => hashOf(join(run, file)));

const alone = join(home, "alone");
const outcome = await jko(`infer banana --out ${alone} ${SMALL} --json`);

describe("a run", () => {
  it("says all its figures by name in the last line", () => {
    expect(outcome.code).toBe(0);
    const result = resultOf(outcome);
    for (const name of [
      "logZ",
      "logZError",
      "meanLogRatio",
      "ess",
      "paretoK",
      "energyDistance",
      "gradients",
      "seconds",
    ])
      expect(Number.isFinite(result[name]), name).toBe(true);
    expect(result.rival).toBeNull();
    expect(Math.abs(Number(result.logZ))).toBeLessThan(4 * Number(result.logZError) + 0.02);
    expect(result.exactLogZ).toBe(0);
  });

  it("has rows, a page with a corner plot, and a model that gives rows and log-densities", async () => {
    const { values, rows, columns } = await io.readNpy(fs.readFileSync(join(alone, "draws.npy")));
    expect([rows, columns.length, values.every(Number.isFinite)]).toEqual([800, 2, true]);
    const page = fs.readFileSync(join(alone, "report.html"), "utf8");
    expect(page).toContain("ln Z");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    const sampled = await jko(`sample ${alone} -n 5 --seed 3`);
    expect(sampled.out.split("\n")).toHaveLength(7);
    fs.writeFileSync(join(home, "points.csv"), sampled.out);
    const scored = await jko(`logprob ${alone} ${join(home, "points.csv")}`);
    expect(scored.out.trim().split("\n").slice(1).map(Number).every(Number.isFinite)).toBe(true);
    expect((await jko(`info ${alone}`)).out).toMatch(/system +smc/);
  });

  it("that is complete is read again", async () => {
    const again = await jko(`infer banana --out ${alone} ${SMALL}`);
    expect(again.err).toContain("is complete already");
    expect(again.out).toContain("by tempered SMC: 2 columns");
  });

  it("stopped at a base or a temperature ends in the same bits", async () => {
    for (const [i, stop] of ["base 2", "temperature 2", "temperature 5"].entries()) {
      const run = join(home, `stopped-${i}`);
      let seen = false;
      const stopped = await jko(`infer banana --out ${run} ${SMALL} --json`, {
        onOut: (text, interrupt) => {
          if (seen || !text.includes(`"${stop}"`)) return;
          seen = true;
          interrupt("SIGINT");
        },
      });
      expect([stop, stopped.code]).toEqual([stop, 130]);
      expect((await jko(`resume ${run} --quiet --threads 2`)).code).toBe(0);
      expect(bitsOf(run)).toEqual(bitsOf(alone));
    }
  });

  it("killed ends in the same bits", async () => {
    const run = join(home, "killed");
    const { child, done } = start(`infer banana --out ${run} ${SMALL} --json --checkpoint-every 0.01`);
    child.stdout?.on("data", (bytes: Buffer) => String(bytes).includes('"temperature 3"') && child.kill("SIGKILL"));
    await done;
    expect((await jko(`resume ${run} --quiet --threads 1`)).code).toBe(0);
    expect(bitsOf(run)).toEqual(bitsOf(alone));
  });
});

it("takes a log-density by a formula, whose constant is its ln Z", async () => {
  // 7 exp(-x^2 / 2): ln Z = ln 7 + ln(2 pi) / 2.
  const run = join(home, "formula");
  const found = resultOf(
    await jko([
      "infer",
      "--log-density",
      "1.9459101490553132 - x^2/2",
      "--columns",
      "x",
      "--out",
      run,
      "--json",
      ...SMALL.split(" "),
    ]),
  );
  const exact = Math.log(7) + Math.log(2 * Math.PI) / 2;
  expect(Math.abs(Number(found.logZ) - exact)).toBeLessThan(4 * Number(found.logZError) + 0.01);
  expect(found.energyDistance).toBeNull();
});

it("is printed beside a flow to the same target", async () => {
  const run = join(home, "flow");
  const TINY =
    "--set updates=10 --set poolRows=400 --set heldOutRows=400 --set width=8 --set identityUpdates=10 --set batchSize=64";
  const target = ["--columns", "a,b,c", "--log-density", "-(a^2 + b^2 + c^2)/2"];
  const flags = `--out ${run} --time 0.4 --step 0.2 --report quick ${TINY} --threads 1`.split(" ");
  const { code, out } = await jko(["infer", ...target, ...flags]);
  expect(code).toBe(0);
  expect(out).toMatch(/tempered SMC +-[\d.]+/); // F is KL less ln Z
  expect(fs.readFileSync(join(run, "report.json"), "utf8")).toMatch(/on its rows ln Z by the flow is at most/);
});

describe("refused in one line, and nothing written", () => {
  it.each([
    ["evolve ou:2 --system smc", "smc samples a target: jko infer TARGET --system smc"],
    ["fit t.csv --system smc", "smc samples a target"],
    ["infer banana --system smc --accuracy", "--accuracy: it for smc, expected a system whose maps are steps in time"],
    ["infer banana --system smc --tolerance 0.1", "--tolerance: it for smc"],
    ["infer banana --system smc --set population=3", "population: 3, expected a whole number of at least 100"],
    ["infer banana --system smc --set particles=300", "particles"],
    ["infer banana --system smcc", "did you mean smc?"],
    [`sample ${alone} -n 3 --at 1`, "a model of a table has no times"],
  ])("%s", async (words, says) => {
    const run = join(home, "refused");
    const { code, err } = await jko(words.startsWith("sample") ? words : `${words} --out ${run}`);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(err).toContain(says);
    expect(fs.existsSync(run)).toBe(false);
  });
});
