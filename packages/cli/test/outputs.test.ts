/** What is written where: nothing is overwritten unasked, nothing half made stays, a full disk is one line. */
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { describeFailure } from "../src/exit.ts";
import { freeFolder } from "../src/run/runDirectory.ts";
import { binary, folder, jko, resultOf, smallTable, start, TINY } from "./command.testing.ts";

const home = folder();
const table = smallTable(join(home, "table.csv"), 60);
const run = join(home, "run");
const text = fs.readFileSync(table, "utf8");

beforeAll(async () => {
  expect(await jko(`fit ${table} --out ${run} --quiet ${TINY}`)).toMatchObject({ code: 0, err: "" });
});

describe("-o", () => {
  it("is never a file that the command reads, by whatever name", async () => {
    const names = ["hard", "soft", "model"].map((name) => join(home, `${name}.csv`));
    fs.linkSync(table, names[0]);
    fs.symlinkSync(table, names[1]);
    fs.linkSync(join(run, "model.safetensors"), names[2]);
    const model = fs.readFileSync(names[2]);
    for (const output of [table, `${home}/../${home.split("/").at(-1)}/table.csv`, ...names]) {
      const { code, err } = await jko(`logprob ${run} ${table} -o ${output} --force`);
      expect([code, err]).toEqual([2, `error: -o: ${output}, which the command reads, expected another file\n`]);
    }
    expect((await jko(`sample ${names[2]} -n 3 -o ${names[2]} --force`)).code).toBe(2);
    expect(fs.readFileSync(table, "utf8")).toBe(text);
    expect(fs.readFileSync(names[2])).toEqual(model);
  });

  it.runIf(process.platform !== "win32")("nor that of standard input, nor standard output appended to it", () => {
    const shell = (line: string) =>
      spawnSync("sh", ["-c", `${process.execPath} ${binary} ${line}`], { encoding: "utf8" });
    for (const [line, where] of [
      [`logprob ${run} - -o ${table} --force < ${table}`, `-o: ${table}`],
      [`logprob ${run} ${table} >> ${table}`, `standard output: it goes to ${table}`],
    ]) {
      const { status, stderr } = shell(line);
      expect([status, stderr]).toEqual([2, `error: ${where}, which the command reads, expected another file\n`]);
    }
    expect(fs.readFileSync(table, "utf8")).toBe(text);
  });

  it("is a new file, or an old one with --force", async () => {
    const output = join(home, "old.csv");
    for (const words of [`sample ${run} -n 3`, `logprob ${run} ${table}`, "data make moons -n 3"]) {
      fs.writeFileSync(output, "precious");
      const refused = await jko(`${words} -o ${output}`);
      expect(refused).toMatchObject({
        code: 2,
        err: `error: -o: ${output}, which exists, expected a new file; choose another name, or let --force replace it\n`,
      });
      expect(fs.readFileSync(output, "utf8")).toBe("precious");
      expect((await jko(`${words} -o ${output} --force`)).code).toBe(0);
      expect(fs.readFileSync(output, "utf8")).not.toContain("precious");
    }
    fs.mkdirSync(join(home, "folder.csv"));
    const { code, err } = await jko(`sample ${run} -n 3 -o ${join(home, "folder.csv")} --force`);
    expect([code, err]).toEqual([2, expect.stringContaining("folder.csv, a folder, expected a new file")]);
  });

  it("has room for the rows", async () => {
    for (const words of [`sample ${run} -n 1e15 -o ${home}/big.npy`, `sample ${run} -n 1e15 -o ${home}/big.csv`]) {
      const { code, err } = await jko(words);
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(
          /^error: -n: 1,000,000,000,000,000 rows for .*, expected at most [\d,]+, for which [^\n]+\n$/,
        ),
      ]);
    }
  });
});

describe("a signal", () => {
  const temporary = (): string[] => fs.readdirSync(home).filter((name) => name.includes(".tmp-"));
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`${signal} takes the file in the making away: ${code}`, async () => {
      const output = join(home, "stopped.npy");
      const { child, done } = start(`sample ${run} -n 50000000 -o ${output} --json --threads 1`);
      await until(() => temporary().length > 0);
      child.kill(signal);
      const ended = await done;
      expect([ended.code, ended.err]).toEqual([code, `${signal}: stopped, ${output} is not written\n`]);
      expect(resultOf(ended)).toMatchObject({ event: "interrupted", code });
      expect(temporary()).toEqual([]);
      expect(fs.existsSync(output)).toBe(false);
    });
  }

  it("ends a command that waits for rows", async () => {
    const output = join(home, "waiting.csv");
    const child = spawn(process.execPath, [binary, "logprob", run, "-", "-o", output], { stdio: "pipe" });
    const closed = new Promise((resolve) => child.on("close", resolve));
    await until(() => temporary().length > 0);
    child.kill("SIGINT");
    expect(await closed).toBe(130);
    expect(temporary()).toEqual([]);
    child.stdin.destroy();
  });
});

describe("standard output", () => {
  it.runIf(fs.existsSync("/dev/full"))("on a full disk is one line and 3", () => {
    const shell = (line: string) =>
      spawnSync("sh", ["-c", `${process.execPath} ${binary} ${line} > /dev/full`], { encoding: "utf8" });
    const json = join(home, "json");
    for (const line of [`sample ${run} -n 20000`, "--help", `fit ${table} --out ${json} --json ${TINY}`]) {
      const { status, stderr } = shell(line);
      expect([status, stderr]).toEqual([
        3,
        "error: standard output: no space left on the disk, expected room for the file; free some space; earlier files are unchanged\n",
      ]);
    }
    expect(fs.existsSync(join(json, "complete.json"))).toBe(true); // only the lines are lost
  });

  it("memory that is not there is no bug", () => {
    expect(describeFailure(new RangeError("Array buffer allocation failed"))).toEqual({
      code: 3,
      message: "memory: too little for the rows, expected more of it; take fewer rows",
      problem: expect.anything(),
    });
    expect(describeFailure(new RangeError("Invalid time value")).code).toBe(1);
  });
});

describe("run directories", () => {
  it("are named after standard input, too", () => {
    expect(freeFolder("-")).toBe("jko-run-stdin");
    expect(freeFolder("some/rows.csv")).toBe("jko-run-rows");
  });

  it("of a fit that diverged tell what the corrected command changes", async () => {
    const path = join(home, "diverged");
    const words = `fit ${table} --out ${path} --quiet ${TINY}`;
    expect((await jko(`${words} --set learningRate=1e30`)).code).toBe(4);
    const { code, err } = await jko(`${words} --set learningRate=0.01`);
    expect([code, err]).toEqual([
      2,
      `error: ${path}: a run with other data or settings: learningRate 1e+30 there, 0.01 here, expected a new folder, or a run of the same data and settings; choose another --out, remove the folder, or go on with that run by jko resume\n`,
    ]);
    const other = smallTable(join(home, "other.csv"), 70);
    const changed = await jko(`fit ${other} --validation ${table} --out ${run} ${TINY} --seed 1 --drop third`);
    expect(changed.err).toMatch(
      /settings: the data; the validation rows; [^;]* there, [^;]* here; [^;]*; and \d+ more, expected/,
    );
  });

  it("that are complete but have no events are not to be resumed", async () => {
    const path = join(home, "eventless");
    fs.cpSync(run, path, { recursive: true });
    fs.rmSync(join(path, "events.jsonl"));
    const { code, err } = await jko(`plot ${path}`);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/eventless:events\.jsonl: no events of the training[^\n]+\n$/),
    ]);
    expect(err).not.toContain("resume");
  });
});

describe("words", () => {
  it("a limit of time is said to cost the same bits", async () => {
    expect((await jko("resume --help")).out).toMatch(
      /same bits as the run left alone, but for what a\s+limit by --time/,
    );
    const path = join(home, "timed");
    const note = /^note: with a limit of 5 s the clock decides .* another run, or one resumed, may differ$/m;
    const stopped = await jko(`fit ${table} --out ${path} --effort fast --time 5s --json ${TINY}`, {
      onOut: (line, interrupt) => line.includes('"update":3,') && interrupt("SIGINT"),
    });
    expect([stopped.code, stopped.out]).toEqual([130, expect.stringContaining("the clock decides")]);
    expect((await jko(`resume ${path} --threads 1`)).err).toMatch(note);
    expect((await jko(`fit ${table} --out ${join(home, "untimed")} ${TINY}`)).err).not.toContain("clock");
  });

  it("one is not many", async () => {
    const lines = text.trim().split("\n");
    const path = join(home, "one.csv");
    fs.writeFileSync(path, [...lines.map((line) => line.split(",")[0]), ""].join("\n").replace(/\n$/, "\nnan\n"));
    const { code, err } = await jko(`fit ${path} --missing drop --out ${join(home, "one")} ${TINY} --set blocks=1`);
    expect(code, err).toBe(0);
    expect(err).toContain("left out 1 row with missing values");
    expect(err).toContain("on 48 rows of 1 column\n");
    expect(err).toMatch(/parameters per block, at most 1 block\n/);
  });

  it("--array names nothing in a file that is no NPZ", async () => {
    for (const words of [`logprob ${run} ${table}`, `evaluate ${run} ${table}`]) {
      const { code, err } = await jko(`${words} --array x`);
      expect([code, err]).toEqual([2, `error: --array: "x" for ${table}, expected an NPZ file; leave it out\n`]);
    }
    const { code, err } = await jko(`logprob ${run} - --array x`, { stdin: fs.readFileSync(table) });
    expect([code, err]).toEqual([2, 'error: --array: "x" for stdin, expected an NPZ file; leave it out\n']);
  });
});
