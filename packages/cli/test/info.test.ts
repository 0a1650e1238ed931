/** `jko info`: what matters on one screen, everything where it is asked for. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey } from "jkoflow";
import { normal } from "jkoflow/random";
import { beforeAll, expect, it } from "vitest";
import { settingsInUse } from "../src/report/settingsInUse.ts";
import { folder, jko, resultOf, TINY } from "./command.testing.ts";

const home = folder();
const COLUMNS = 14;
const run = join(home, "run");

beforeAll(async () => {
  const table = join(home, "t.csv");
  const noise = normal(createKey(2), 120 * COLUMNS);
  const names = Array.from({ length: COLUMNS }, (_, k) => `x${k + 1}`);
  const lines = Array.from({ length: 120 }, (_, i) =>
    [...noise.subarray(i * COLUMNS, (i + 1) * COLUMNS), ["ant", "bee"][i % 2], i % 30, i % 7].join(","),
  );
  fs.writeFileSync(table, `${names},kind,age,size\n${lines.join("\n")}\n`);
  const declared = "--categorical kind --integer age,size --bounds age=0:";
  const { code, err } = await jko(`fit ${table} --out ${run} ${declared} ${TINY}`);
  expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
});

it("is one screen: columns alike in one line, rows and likelihood, settings with an effect, what to do", async () => {
  const { out } = await jko(`info ${run}`);
  expect(out.trim().split("\n").length).toBeLessThan(34); // three baselines and their verdict among them
  expect(out).toContain("17 in all");
  expect(out).toContain("x1, x2, x3, x4, x5, x6, x7, x8 and 6 more: numbers\n");
  expect(out).toMatch(/ age: whole numbers, from 0\n/);
  expect(out).toMatch(/ kind: categories ant and bee\n/);
  expect(out).toContain("96 training, 12 validation, 12 test");
  expect(out).toMatch(/test NLL +-?\d+\.\d+ \+- \d+\.\d+ nats, flow\n/);
  expect(out).toMatch(/updates 12,/);
  expect(out).not.toContain("jointRate");
  expect(out).toContain(`jko sample ${run} -n 10000`);
  const all = (await jko(`info ${run} --all`)).out;
  expect(all).toContain("x14: numbers");
  expect(all).toContain("jointRate");
});

it("of a model file tells what the file knows, and --json is complete", async () => {
  const model = join(run, "model.safetensors");
  expect((await jko(`info ${model}`)).out).not.toContain("training,");
  const { settings, columns, schema } = resultOf(await jko(`info ${model} --json`)) as {
    settings: object;
    columns: string[];
    schema: unknown[];
  };
  expect(settings).toHaveProperty("jointRate");
  expect([columns.length, schema.length]).toEqual([17, 17]);
});

it("knows which settings have no effect", () => {
  const settings = {
    stages: "none",
    rounds: 3,
    jointRate: 1,
    beta: 5,
    activation: "tanh",
    jitter: 0,
    clip: 2,
    list: [],
  };
  expect(settingsInUse(settings)).toEqual({ activation: "tanh", clip: 2 });
  expect(settingsInUse({ ...settings, stages: "joint", activation: "softplus" })).toEqual({
    stages: "joint",
    rounds: 3,
    jointRate: 1,
    beta: 5,
    activation: "softplus",
    clip: 2,
  });
});
