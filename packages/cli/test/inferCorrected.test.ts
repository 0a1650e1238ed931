/** `jko infer --system neural-jko-ic`: a sampler with rejection steps; what every run directory can do, this one can. */
import fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, start } from "./command.testing.ts";

const home = folder();
const SMALL =
  "--system neural-jko-ic --set population=640 --set hidden=[8,8] --set updates=12 --set batchSize=128 --set pool=1000 --set rejectionFlows=1 --set judgedRows=500";
const files = ["model.safetensors", "events.jsonl"];
const bitsOf = (run: string): string[] => files.map((file) => hashOf(join(run, file)));

const alone = join(home, "alone");
const outcome = await jko(`infer banana --out ${alone} ${SMALL} --threads 1 --json`);

describe("a run", () => {
  it("says all its figures by name in the last line, and those of SMC beside", () => {
    expect([outcome.code, outcome.err]).toEqual([0, ""]);
    const result = resultOf(outcome);
    const names = ["logZ", "logZError", "meanLogRatio", "ess", "energyDistance", "energyDistanceError", "solverGap"];
    for (const name of [...names, "gauge", "carriedGap", "passes", "gradients", "seconds"])
      expect(Number.isFinite(result[name]), name).toBe(true);
    expect(Math.abs(Number(result.logZ))).toBeLessThan(5 * Number(result.logZError) + 0.05);
    const rival = result.rival as Record<string, number>;
    // Both bounds are means over rows, of 500 and 640.
    const error = Math.hypot(rival.upperLogZError, Number(result.logZError));
    expect(rival.upperLogZ).toBeGreaterThan(Number(result.meanLogRatio) - 4 * error);
    expect(Math.abs(rival.logZ)).toBeLessThan(5 * rival.logZError + 0.02);
    expect((result.parts as { kind: string }[]).map(({ kind }) => kind)).toEqual([
      ...["flow", "flow", "rejection", "rejection", "rejection"],
    ]);
  });

  it("tells the cost before it trains", () => {
    expect(outcome.out.split("\n").slice(0, 3).join("\n")).toMatch(/a row of the sampler will take 3\.4\d* passes/);
  });

  it("has a page, rows and normalised log-densities that agree with what rows carry", async () => {
    const page = fs.readFileSync(join(alone, "report.html"), "utf8");
    expect(page).toContain("tempered SMC");
    expect(page).toContain("<svg");
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    const draws = join(home, "draws.json");
    expect((await jko(`sample ${alone} -n 20 --seed 3 -o ${draws}`)).code).toBe(0);
    const sampled = await jko(`sample ${alone} -n 20 --seed 3`);
    fs.writeFileSync(join(home, "points.csv"), sampled.out);
    const scored = await jko(`logprob ${alone} ${join(home, "points.csv")}`);
    const scores = scored.out.trim().split("\n").slice(1).map(Number);
    const carried = JSON.parse(fs.readFileSync(draws, "utf8")).sample_stats.lp as number[][];
    expect(scores.length).toBe(20);
    scores.forEach((score, i) => {
      expect(Math.abs(score - carried[0][i])).toBeLessThan(1e-3);
    });
    expect((await jko(`info ${alone}`)).out).toContain("importance-corrected neural JKO");
  });

  it("that is complete is read again", async () => {
    const again = await jko(`infer banana --out ${alone} ${SMALL}`);
    expect(again.err).toContain("is complete already");
    expect(again.out).toContain("by importance-corrected neural JKO: 2 columns");
  });

  it("killed in a part, or stopped after one, ends in the same bits by two threads", async () => {
    for (const [i, sign] of ['"update","place":["part 2"],"update":5,', '"step","place":["part 4"]'].entries()) {
      const run = join(home, `killed-${i}`);
      const { child, done } = start(`infer banana --out ${run} ${SMALL} --json --threads 1 --checkpoint-every 0.01`);
      child.stdout?.on("data", (bytes: Buffer) => String(bytes).includes(sign) && child.kill("SIGKILL"));
      expect((await done).signal).toBe("SIGKILL");
      expect((await jko(`resume ${run} --quiet --threads 2`)).code).toBe(0);
      expect(bitsOf(run)).toEqual(bitsOf(alone));
    }
  });
});

describe("refused in one line, and nothing written", () => {
  it.each([
    ["evolve ou:2 --system neural-jko-ic", "neural-jko-ic samples a target: jko infer TARGET --system neural-jko-ic"],
    ["infer banana --system neural-jko-ic --accuracy", "--accuracy: it for neural-jko-ic"],
    [
      "infer banana --system neural-jko-ic --set rejectionRate=1",
      "rejectionRate: 1, expected a number above 0 and below 1",
    ],
    [`sample ${alone} -n 3 --at 1`, "--at: 1, expected no --at: a sampler has no times"],
    [`sample ${join(alone, "model.safetensors")} -n 3`, "a sampler without its target"],
    [`plot ${alone}`, "a sampler, expected a flow in time"],
    [`evaluate ${alone} ${join(home, "points.csv")}`, "a run of jko infer, expected a model of a table"],
  ])("%s", async (words, says) => {
    const run = join(home, "refused");
    const { code, err } = await jko(
      words.startsWith("infer") || words.startsWith("evolve") ? `${words} --out ${run}` : words,
    );
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(err).toContain(says);
    expect(fs.existsSync(run)).toBe(false);
  });
});
