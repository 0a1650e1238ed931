/**
 * Run directories that come from anywhere: whatever is in their files a command ends in one line, or makes good what is
 * missing; nothing is written through a link; nothing is called complete that is not.
 */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, io } from "jkoflow";
import { createWords, drawBelow } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { makeInside, openInside, readInside } from "../src/files/inside.ts";
import { readComplete } from "../src/report/complete.ts";
import { readEvents, readTimes } from "../src/run/eventLog.ts";
import { openLineLog } from "../src/run/lineLog.ts";
import { takeLock } from "../src/run/lock.ts";
import { readTrained } from "../src/run/training.ts";
import { folder, hashOf, jko, type Outcome, smallTable, TINY } from "./command.testing.ts";

const home = folder();
const table = smallTable(join(home, "table.csv"), 60);
const whole = join(home, "whole");
/** Stopped in training: with checkpoints, without a model. */
const stopped = join(home, "stopped");
const model = (run: string): string => hashOf(join(run, "model.safetensors"));

beforeAll(async () => {
  expect((await jko(`fit ${table} --out ${whole} --quiet ${TINY}`)).code).toBe(0);
  let seen = 0;
  const { code } = await jko(`fit ${table} --out ${stopped} --json --checkpoint-every 0.000001 ${TINY}`, {
    onOut: (text, interrupt) => (seen += text.split('"update"').length - 1) > 15 && interrupt("SIGINT"),
  });
  expect(code).toBe(130);
});

let copies = 0;
function copyOf(run: string): string {
  const path = join(home, `copy-${copies++}`);
  fs.cpSync(run, path, { recursive: true });
  return path;
}

/** Whole, or one line and exit code 2 or 3. */
function expectTold({ code, err }: Outcome, what: string): void {
  expect([what, [0, 2, 3].includes(code!), err]).toEqual([what, true, err]);
  if (code !== 0) expect(err.trim().split("\n").slice(-1)[0]).toMatch(/^error: /);
  expect(err).not.toMatch(/\n {4}at |This is a bug/);
}

/** Values that are JSON, but not what stands there. */
const ODD = ["null", "7", '"x"', "[]", "{}", "[null]", "true", '{"__proto__":1}', "1e999", '"\\u0000"', ""];

describe("a file of a run that holds something else", () => {
  it.each(["config.json", "events.jsonl", "times.jsonl"])("%s: in place of all or of one line", async (name) => {
    for (const [i, value] of ODD.entries()) {
      const run = copyOf(i % 4 < 2 ? stopped : whole);
      const path = join(run, name);
      const lines = fs.readFileSync(path, "utf8").split("\n");
      fs.writeFileSync(path, i % 2 === 0 ? `${value}\n` : [lines[0], value, ...lines.slice(2)].join("\n"));
      for (const line of [`resume ${run} --quiet`, `evaluate ${run} ${table} --quiet`]) {
        expectTold(await jko(line), `${name} ${value}`);
      }
      fs.rmSync(run, { recursive: true });
    }
  });

  it("complete.json, report.json or the lock: none", () => {
    const run = copyOf(whole);
    const path = (name: string): string => join(run, name);
    for (const name of ["complete.json", "report.json"]) {
      for (const value of ODD) {
        fs.writeFileSync(path(name), value);
        expect(readComplete({ path })).toBeUndefined();
      }
      fs.copyFileSync(join(whole, name), path(name));
      expect(readComplete({ path })?.modelHash).toBe(model(run));
    }
    for (const value of ODD) {
      fs.writeFileSync(path("lock"), value);
      takeLock(run, false).release();
      expect(fs.existsSync(path("lock"))).toBe(false);
    }
  });

  it("complete.json or report.json: the run is finished again, and says so", async () => {
    for (const name of ["complete.json", "report.json"]) {
      const run = copyOf(whole);
      fs.writeFileSync(join(run, name), "{}");
      const { code, err } = await jko(`resume ${run}`);
      expect(code).toBe(0);
      expect(err).toContain("is not the file that complete.json speaks of: the run is finished again");
      expect(readComplete({ path: (file) => join(run, file) })?.modelHash).toBe(model(whole));
      const parts = (path: string) => {
        const { result, ...rest } = JSON.parse(fs.readFileSync(join(path, "report.json"), "utf8"));
        return { ...rest, testNll: result.testNll };
      };
      expect(parts(run)).toEqual(parts(whole));
    }
  });

  it("is told from a run that never was complete", () => {
    const notes: string[] = [];
    const read = (run: string) => readComplete({ path: (name) => join(run, name) }, (line) => notes.push(line));
    expect(read(stopped)).toBeUndefined();
    expect(notes).toEqual([]);
    expect(read(whole)).toBeDefined();
    expect(notes).toEqual([]);
  });
});

/** One to three of: cut off, flip bits, set a byte, insert, delete, double a part; or another number or word. */
function mutantOf(bytes: Uint8Array, words: () => number): Buffer {
  let text = Buffer.from(bytes);
  for (let change = 1 + drawBelow(words, 2); change > 0; change--) {
    const at = drawBelow(words, text.length + 1);
    const to = Math.min(text.length, at + 1 + drawBelow(words, 8));
    const kind = drawBelow(words, 7);
    if (kind === 0) text = text.subarray(0, at) as Buffer<ArrayBuffer>;
    else if (kind === 1 && at < text.length) text[at] ^= 1 << drawBelow(words, 8);
    else if (kind === 2 && at < text.length) text[at] = 0x20 + drawBelow(words, 0x5f);
    else if (kind === 3) text = Buffer.concat([text.subarray(0, at), text.subarray(to)]);
    else if (kind === 4) text = Buffer.concat([text.subarray(0, to), text.subarray(at)]);
    else {
      // A value of the kind that stands there, or of another: most of these are still JSON.
      const values = [...text.toString("latin1").matchAll(/-?\d+(\.\d+)?(e-?\d+)?|"[a-zA-Z]+"|true|false|null/g)];
      if (values.length === 0) continue;
      const { index, 0: old } = values[drawBelow(words, values.length)];
      const other = ["0", "-1", "1e300", '"x"', "null", "[]", "{}", "0.5", "true"][drawBelow(words, 9)];
      text = Buffer.concat([text.subarray(0, index), Buffer.from(other), text.subarray(index + old.length)]);
    }
  }
  return text;
}

describe("mutants", () => {
  it.each(["complete.json", "report.json", "events.jsonl", "times.jsonl", "lock"])(
    "of %s: read, or refused as bad input",
    (name) => {
      const words = createWords(createKey(`mutants of ${name}`));
      const run = copyOf(whole);
      const path = (file: string): string => join(run, file);
      if (name === "lock") fs.writeFileSync(path(name), JSON.stringify({ host: "h", pid: 1, start: "boot:1" }));
      const bytes = new Uint8Array(fs.readFileSync(path(name)));
      const reads: Readonly<Record<string, () => unknown>> = {
        "complete.json": () => readComplete({ path }),
        "report.json": () => readComplete({ path }),
        "events.jsonl": () => [readEvents(path(name)), readTrained({ path })],
        "times.jsonl": () => readTimes(path(name)),
        lock: () => takeLock(run, false).release(),
      };
      for (let i = 0; i < 400; i++) {
        fs.writeFileSync(path(name), mutantOf(bytes, words));
        try {
          reads[name]();
        } catch (error) {
          const { name: kind, message } = error as Error;
          expect(
            [kind, message.includes("\n")],
            `${fs.readFileSync(path(name), "utf8")}\n${(error as Error).stack}`,
          ).toEqual(["InputError", false]);
        }
      }
    },
  );

  it("of config.json and events.jsonl, through the command", async () => {
    const words = createWords(createKey("mutants of a run"));
    for (const name of ["config.json", "events.jsonl"]) {
      for (let i = 0; i < 20; i++) {
        const run = copyOf(i % 2 === 0 ? whole : stopped);
        fs.writeFileSync(join(run, name), mutantOf(new Uint8Array(fs.readFileSync(join(run, name))), words));
        for (const line of [`resume ${run} --quiet`, `evaluate ${run} --quiet`]) expectTold(await jko(line), line);
        fs.rmSync(run, { recursive: true });
      }
    }
  });
});

const outside = join(home, "outside");

describe.skipIf(process.platform === "win32")("a link in the place of", () => {
  it("a file or folder of a run: nothing outside changes, nothing is made there", async () => {
    const made = ["lock", "config.json", "events.jsonl", "times.jsonl", "model.safetensors", "report.json"];
    const names = [...made, "report.html", "complete.json", "plots", "ckpt-000000001.safetensors"];
    for (const [i, name] of [...names, ...names].entries()) {
      for (const kind of i < names.length ? ["link", "dangling link"] : ["hard link", "folder link"]) {
        // With a model but not complete: all that comes after training is written.
        const run = copyOf(
          name === "events.jsonl" || name === "times.jsonl" || name.startsWith("ckpt") ? stopped : whole,
        );
        fs.rmSync(join(run, "complete.json"), { force: true });
        const place = join(run, name);
        fs.rmSync(outside, { recursive: true, force: true });
        fs.mkdirSync(outside);
        const target = join(outside, "target");
        const isFile = fs.existsSync(place) && fs.statSync(place).isFile();
        fs.writeFileSync(target, isFile ? fs.readFileSync(place) : "other words\n");
        const before = hashOf(target);
        fs.rmSync(place, { recursive: true, force: true });
        if (kind === "link") fs.symlinkSync(target, place);
        if (kind === "dangling link") fs.symlinkSync(join(outside, "new"), place);
        if (kind === "hard link") fs.linkSync(target, place);
        if (kind === "folder link") fs.symlinkSync(outside, place);
        expectTold(await jko(`resume ${run} --quiet`), `${name} ${kind}`);
        expect([name, kind, fs.readdirSync(outside), hashOf(target)]).toEqual([name, kind, ["target"], before]);
        fs.rmSync(run, { recursive: true });
      }
    }
  });

  it("is said to be one", async () => {
    for (const [name, from] of [
      ["events.jsonl", stopped],
      ["times.jsonl", stopped],
      ["plots", whole],
    ] as const) {
      const run = copyOf(from);
      fs.cpSync(join(run, name), join(home, "elsewhere"), { recursive: true, force: true });
      fs.rmSync(join(run, name), { recursive: true });
      fs.symlinkSync(join(home, "elsewhere"), join(run, name));
      const { code, err } = await jko(`${name === "plots" ? "plot" : "resume"} ${run} --quiet`);
      expect([code, err]).toEqual([2, expect.stringContaining(`${name}: a link, expected a `)]);
      fs.rmSync(join(home, "elsewhere"), { recursive: true });
    }
  });

  it("a file: pipes and folders are refused without waiting", () => {
    const path = join(home, "odd");
    fs.mkdirSync(path);
    expect(() => readInside(path)).toThrow(/a folder, expected a file/);
    expect(() => openInside(path)).toThrow(/a folder, expected a file of the run itself/);
    expect(() => readInside("/dev/zero")).toThrow(/a pipe or a device, expected a file/);
    fs.writeFileSync(join(home, "plain"), "");
    expect(() => makeInside(join(home, "plain"))).toThrow(/a file, expected a folder/);
    expect(() => makeInside(join(home, "gone", "plots"))).toThrow(/gone: no such folder any more/);
    expect(fs.existsSync(join(home, "gone"))).toBe(false);
  });
});

/** What someone does to a run while it is computed; the phase is where the command is then. */
const MISCHIEF: readonly [name: string, phase: "training" | "report", act: (run: string) => void][] = (
  ["training", "report"] as const
).flatMap((phase) => [
  ["removes the run", phase, (run: string) => fs.rmSync(run, { recursive: true })],
  ["renames the run", phase, (run: string) => fs.renameSync(run, `${run}-renamed`)],
  [
    "puts another folder there",
    phase,
    (run: string) => {
      fs.renameSync(run, `${run}-renamed`);
      fs.mkdirSync(run);
    },
  ],
  ["removes events.jsonl", phase, (run: string) => fs.rmSync(join(run, "events.jsonl"))],
  [
    "replaces events.jsonl",
    phase,
    (run: string) => {
      fs.rmSync(join(run, "events.jsonl"));
      fs.writeFileSync(join(run, "events.jsonl"), "");
    },
  ],
  ["removes the lock", phase, (run: string) => fs.rmSync(join(run, "lock"))],
]) as never;

describe("someone", () => {
  it.each(MISCHIEF)("%s in %s: told in one line, nothing half made", async (_, phase, act) => {
    const run = join(home, `mischief-${copies++}`);
    let seen = 0;
    const outcome = await jko(`fit ${table} --out ${run} --json --checkpoint-every 0.000001 ${TINY}`, {
      onOut: (text) => {
        const now = phase === "training" ? text.includes('"update"') : text.includes('"trained"');
        if (now && ++seen === (phase === "training" ? 5 : 1)) act(run);
      },
    });
    expectTold(outcome, phase);
    expect(outcome.code).not.toBe(0);
    expect(outcome.err.trim().split("\n").length).toBe(1);
    const now = fs.existsSync(`${run}-renamed`) ? `${run}-renamed` : run;
    expect(fs.existsSync(join(now, "complete.json"))).toBe(false);
    if (now !== run || !fs.existsSync(join(run, "config.json"))) {
      expect(fs.existsSync(run) ? fs.readdirSync(run) : []).toEqual([]);
    }
    if (!fs.existsSync(join(now, "config.json")) || !fs.existsSync(join(now, "events.jsonl"))) return;
    const again = await jko(`resume ${now} --quiet --break-lock`);
    expectTold(again, "resume");
    if (again.code === 0) expect(model(now)).toBe(model(whole));
  });

  it("removes or changes the model in the report: no complete.json", async () => {
    for (const change of ["removes", "changes"]) {
      const run = join(home, `model-${change}`);
      const path = join(run, "model.safetensors");
      const outcome = await jko(`fit ${table} --out ${run} --json ${TINY}`, {
        onOut: (text) => {
          if (!text.includes('"trained"')) return;
          if (change === "removes") fs.rmSync(path);
          else fs.appendFileSync(path, " ");
        },
      });
      expect([outcome.code, fs.existsSync(join(run, "complete.json"))]).toEqual([2, false]);
      expect((await jko(`resume ${run} --quiet`)).code).toBe(0);
      expect(model(run)).toBe(model(whole));
    }
  });
});

describe("a log", () => {
  it("is opened only where its lines are those the checkpoint counted", () => {
    const path = join(home, "log");
    const text = '{"a":1}\n{"a":2}\n{"a":';
    for (const [lines, bytes, fits] of [
      [2, 16, true],
      [1, 8, true],
      [0, 0, true],
      [1, 16, false],
      [2, 15, false],
      [3, 24, false],
    ] as const) {
      fs.writeFileSync(path, text);
      const open = () => openLineLog(path, { lines, bytes }).close();
      if (fits) open();
      else expect(open).toThrow(/log: \d lines in its first \d+ bytes, expected \d whole lines/);
      expect(fs.readFileSync(path, "utf8")).toBe(fits ? text.slice(0, bytes) : text);
    }
  });

  it("of another training is none", () => {
    const path = join(home, "events");
    const bad = [
      { event: "update", block: 1, loss: 1 },
      { event: "update", block: 1, loss: 1, evaluations: { forward: -1, backward: 2 } },
      { event: "stage", stage: "<script>", verdict: "kept", updates: 1 },
      { event: "constructor" },
      { event: "trained", stop: 1 },
    ];
    for (const line of bad) {
      fs.writeFileSync(path, `${JSON.stringify(line)}\n`);
      expect(() => readEvents(path)).toThrow(/events: line 1: .*; put the file back/);
    }
    expect(io.parseStrictJson("{}", "x")).toEqual({});
  });
});
