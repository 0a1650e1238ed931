/** A run that is killed or interrupted, again and again, ends in the same bits as one that was left alone. */
import fs from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf, smallTable, start } from "./command.testing.ts";

const SETTINGS =
  "--set blocks=3 --set hidden=[16,16] --set updates=500 --set batchSize=64 --set patience=100 --set evaluateEvery=50 --keep flow";
const KILLS = 20;

const home = folder();
const table = smallTable(join(home, "table.csv"), 400);
const alone = join(home, "alone");
const fit = (out: string, more = ""): string => `fit ${table} --out ${out} --quiet --threads 1 ${SETTINGS} ${more}`;
/** What has to be equal: the model and the log without times. */
const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));

beforeAll(async () => {
  const { code, err } = await start(fit(alone)).done;
  expect(err).toBe("");
  expect(code).toBe(0);
});

describe("kill -9 and resume", () => {
  it(`${KILLS} kills at random moments: same model, same events`, async () => {
    const started = performance.now();
    await start(fit(join(home, "timed"))).done;
    const whole = performance.now() - started;
    let kills = 0;
    let runs = 0;
    while (kills < KILLS) {
      const run = join(home, `killed-${runs++}`);
      for (let ended = false; !ended; ) {
        const words = fs.existsSync(join(run, "config.json")) ? `resume ${run} --quiet --threads 1` : fit(run);
        const { child, done } = start(`${words} --checkpoint-every 0.02`);
        // Random on purpose: over many test runs every moment is met.
        const timer =
          kills < KILLS ? setTimeout(() => child.kill("SIGKILL"), 100 + Math.random() * 0.7 * whole) : undefined;
        const { code, signal, err } = await done;
        clearTimeout(timer);
        if (signal === "SIGKILL") kills++;
        else expect([code, err]).toEqual([0, ""]);
        ended = code === 0;
      }
      expect(bits(run)).toEqual(bits(alone));
      expect(fs.readdirSync(run).filter((name) => /tmp|^lock$/.test(name))).toEqual([]);
    }
  });
});

describe("signals", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGUSR2"] as const) {
    it(`${signal}: checkpoint, the command that goes on, 130; resumed to the same bits`, async () => {
      const run = join(home, signal);
      const { child, done } = start(`${fit(run)} --json`.replace("--quiet ", ""));
      child.stdout?.on("data", (text: Buffer) => {
        if (text.includes('"update":40,')) child.kill(signal);
      });
      const { code, err, out } = await done;
      expect(code).toBe(130);
      expect(err).toBe(
        `${signal}: saved ${fs
          .readdirSync(run)
          .filter((name) => name.startsWith("ckpt"))
          .at(-1)}; go on with: jko resume ${run}\n`,
      );
      expect(JSON.parse(out.trim().split("\n").at(-1)!)).toMatchObject({ event: "interrupted", code: 130 });
      expect(fs.existsSync(join(run, "complete.json"))).toBe(false);
      expect((await jko(`resume ${run} --quiet --threads 1`)).code).toBe(0);
      expect(bits(run)).toEqual(bits(alone));
    });
  }
});

describe("resume", () => {
  it("says that a complete run is complete, and changes nothing", async () => {
    const before = bits(alone);
    const again = await jko(`resume ${alone} --json`);
    expect(again.code).toBe(0);
    expect(resultOf(again)).toMatchObject({ event: "result", modelHash: before[0] });
    expect((await jko(fit(alone))).code).toBe(0);
    expect(bits(alone)).toEqual(before);
  });

  it("refuses data that changed since the run began", async () => {
    const other = join(home, "changed.csv");
    fs.copyFileSync(table, other);
    const run = join(home, "of-changed");
    const interrupted = await jko(`fit ${other} --out ${run} --json --threads 1 ${SETTINGS}`, {
      onOut: (text, interrupt) => text.includes('"update":3,') && interrupt("SIGINT"),
    });
    expect(interrupted.code).toBe(130);
    fs.appendFileSync(other, "1,2,3\n");
    const resumed = await jko(`resume ${run}`);
    expect(resumed.code).toBe(2);
    expect(resumed.err).toMatch(
      /^error: .*changed\.csv: other bytes than when the run began, expected SHA-256 \w+; .*\n$/,
    );
  });
});

describe("threads", () => {
  it("1, 2 and 4 give the same model", async () => {
    const [model] = bits(alone);
    for (const threads of [2, 4]) {
      const run = join(home, `threads-${threads}`);
      const { code } = await jko(fit(run).replace("--threads 1", `--threads ${threads}`));
      expect(code).toBe(0);
      expect(bits(run)[0]).toBe(model);
    }
  });
});
