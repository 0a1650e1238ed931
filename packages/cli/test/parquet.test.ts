/** Parquet tables: their values, and that damage ends in one clear line. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKey, InputError } from "jkoflow";
import { createWords, drawBelow } from "jkoflow/random";
import { describe, expect, it, vi } from "vitest";
import type { ReadOptions } from "../src/config/readOptions.ts";
import { mergeConfig, type RunConfig } from "../src/config/runConfig.ts";
import { collectModelRows } from "../src/input/modelRows.ts";
import { openTable } from "../src/input/openTable.ts";
import { readParquetBlocks } from "../src/input/parquet.ts";
import { readWhole } from "../src/input/readWhole.ts";
import { openInput } from "../src/input/source.ts";
import { loadProblem } from "../src/run/problem.ts";
import { folder, jko, TINY } from "./command.testing.ts";
import { large, nulls, plain, typed } from "./parquet.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const options: ReadOptions = {
  columns: null,
  drop: [],
  missing: "error",
  header: "detect",
  delimiter: "detect",
  array: null,
};

function write(name: string, bytes: Uint8Array): string {
  const path = join(home, name);
  fs.writeFileSync(path, bytes);
  return path;
}
const paths = { plain: write("plain.parquet", plain), nulls: write("nulls", nulls), large: write("large", large) };

const whole = async (path: string, how: ReadOptions, stdin?: Uint8Array) =>
  readWhole(await openTable(path, shellOf(stdin)), how);
const cellsOf = async (path: string, names: readonly string[]) =>
  (await openTable(path, shellOf())).words({ ...options, names, gapFix: undefined });

/** Starts the decoder as the command does, has it read a file, and says its process id once it had time to begin. */
const PARENT = `
  const [decoder, path] = process.argv.slice(1);
  const child = require("node:child_process").fork(decoder, [String(process.pid)], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  child.send({ path }, () => setTimeout(() => console.log(child.pid), 300));
  setInterval(() => {}, 1000);
`;

/** A piece of work without end, in a process that is watched. */
const BUSY = `
  const begun = new Float64Array(new SharedArrayBuffer(8));
  const workerData = { parent: process.ppid, everyMilliseconds: 20, patienceSeconds: 0.5, begun };
  new (require("node:worker_threads").Worker)(process.argv[1], { workerData, execArgv: [] }).once("online", () => {
    for (;;);
  });
`;

/** Whether a process is there and not only waits to be counted as ended. */
function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return process.platform !== "linux" || !/\) Z /.test(fs.readFileSync(`/proc/${id}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("Parquet", () => {
  it("gives the values by name, from a file and from a pipe", async () => {
    const wanted = { ...options, columns: ["n", "b", "a"] };
    const { table } = await whole(paths.plain, wanted);
    expect(table.columns).toEqual(["n", "b", "a"]);
    expect(table.rows).toBe(40);
    const expected = Array.from({ length: 40 }, (_, i) => [i, Math.cos(3 * i), Math.sin(i)]).flat();
    expect([...table.values]).toEqual([...Float32Array.from(expected)]);
    const piped = await whole("-", wanted, plain);
    expect(piped.table).toEqual(table);
    const rows = await collectModelRows(await openTable(paths.plain, shellOf()), ["b", "a"], {
      ...options,
      missing: "error",
    });
    expect([...rows.values.subarray(0, 2)]).toEqual([1, 0]);
  });

  it("follows the policy for missing values", async () => {
    await expect(whole(paths.nulls, options)).rejects.toThrow(/row 4, column "a": a missing value/);
    const dropped = await whole(paths.nulls, { ...options, missing: "drop-rows" });
    expect(dropped.table.rows).toBe(34);
    const filled = await whole(paths.nulls, { ...options, missing: "median" });
    expect(filled.notes[0]).toContain("filled 6 missing values");
  });

  it("refuses words and integers that float64 does not hold, unless they are left out", async () => {
    await expect(whole(paths.plain, options)).rejects.toThrow(
      /column "word": words, expected numbers; for a column of categories name it: --categorical word/,
    );
    await expect(whole(paths.large, options)).rejects.toThrow(/row 1, column "a": 1152921504606846976/);
    const { table } = await whole(paths.large, { ...options, drop: ["a"] });
    expect(table.columns).toEqual(["b"]);
  });

  it("gives half floats, dates as days and times as seconds since 1970, says so, and leaves out the index of a frame", async () => {
    const path = write("typed.parquet", typed);
    const { table, notes, offsets } = await whole(path, { ...options, drop: ["kind"], missing: "indicator" });
    expect(table.columns).toEqual(["half", "day", "milli", "nano"]);
    for (let i = 0; i < 24; i++) {
      const [half, day, milli, nano] = table.values.subarray(4 * i, 4 * i + 4);
      expect([half, day]).toEqual([(i - 12) / 8, 18262 + i * i]);
      expect(milli + offsets.milli).toBe(1.6e9 + i / 4);
      expect(nano + offsets.nano).toEqual(i % 6 === 5 ? Number.NaN : 1.6e9 + i / 2);
    }
    const said = notes.join("\n");
    for (const words of [
      "left out __index_level_0__",
      '"day" holds dates: read as days',
      '"nano" holds times: read as seconds',
    ]) {
      expect(said).toContain(words);
    }
    const [cells] = await cellsOf(path, ["kind"]);
    const kind = (i: number): string => (i % 7 === 6 ? "" : ["red", "green", "-"][i % 3]);
    expect(cells.cells).toEqual(Array.from({ length: 24 }, (_, i) => kind(i)));
    const [index] = await cellsOf(path, ["__index_level_0__"]);
    expect(index.cells.slice(0, 3)).toEqual(["0", "5", "10"]);
  });

  it("takes words for categories where they are asked for or found, and scores them as those of a text", async () => {
    const csv = join(home, "words.csv");
    const words = Array.from({ length: 40 }, (_, i) => `${Math.fround(Math.sin(i))},${Math.cos(3 * i)},w${i % 3}`);
    fs.writeFileSync(csv, `a,b,word\n${words.join("\n")}\n`);
    const problemOf = (path: string, schema: RunConfig["schema"]) =>
      loadProblem(
        { train: path },
        mergeConfig({ drop: path === csv ? [] : ["n"], ...(schema ? { schema } : {}) }, {}),
        shellOf(),
      );
    for (const schema of [{ columnsAs: "auto" }, { categorical: ["word"] }] as const) {
      const [text, parquet] = [await problemOf(csv, schema), await problemOf(paths.plain, schema)];
      expect(parquet.schema).toEqual(text.schema);
      expect([...parquet.train.values]).toEqual([...text.train.values]);
    }
    const run = join(home, "words");
    expect((await jko(`fit ${paths.plain} --drop n --categorical word --out ${run} --quiet ${TINY}`)).code).toBe(0);
    const [a, b] = [await jko(`logprob ${run} ${paths.plain}`), await jko(`logprob ${run} ${csv}`)];
    expect([a.code, a.out]).toEqual([0, b.out]);
    const given = join(home, "given");
    expect((await jko(`fit ${paths.plain} --drop n --condition word --out ${given} --quiet ${TINY}`)).code).toBe(0);
    const { out, code } = await jko(`logprob ${given} ${paths.plain}`);
    expect([code, out.trim().split("\n").length]).toEqual([0, 41]);
    // The given column is no spelling of the one that is not there.
    const other = await jko(`logprob ${given} -`, { stdin: Buffer.from("a,word\n1,w0\n") });
    expect(other.err).toBe(
      'error: stdin: no column "b", expected the 2 columns of the model (a, b), beside the given word\n',
    );
  });

  it("is fitted like any other table", async () => {
    expect((await jko(`fit ${paths.plain} --drop word --out ${join(home, "run")} --quiet ${TINY}`)).code).toBe(0);
  });

  it("100 mutants and 25 truncations: read, or refused as bad input, in bounded time", async () => {
    const words = createWords(createKey("parquet"));
    const mutants = Array.from({ length: 100 }, () => {
      const mutant = plain.slice();
      const changes = 1 + drawBelow(words, 3);
      for (let k = 0; k < changes; k++) mutant[drawBelow(words, mutant.length)] ^= 1 << drawBelow(words, 8);
      return mutant;
    });
    for (let i = 0; i < 25; i++) mutants.push(plain.slice(0, 4 + drawBelow(words, plain.length - 5)));
    let refused = 0;
    for (const mutant of mutants) {
      try {
        const input = await openInput("-", shellOf(mutant));
        const patience = { seconds: 1, secondsPerMegabyte: 0 };
        for await (const _ of readParquetBlocks(
          input,
          (names) => names.flatMap((name, k) => (/^[abn]$/.test(name) ? [k] : [])),
          patience,
        ));
      } catch (error) {
        refused++;
        if (!(error instanceof InputError)) throw error;
        expect(error.message).not.toContain("\n");
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it("one flipped bit that makes the decoder ask for all memory does not end the command", async () => {
    const mutant = plain.slice();
    mutant[427] ^= 64; // the length of a run: one array grows until its heap is full, which V8 answers by abort
    const path = join(home, "memory.parquet");
    fs.writeFileSync(path, mutant);
    const { code, err } = await jko(`fit ${path} --drop word --out ${join(home, "memory")} --quiet ${TINY}`);
    expect([code, err]).toEqual([2, expect.stringContaining("a damaged Parquet file (it asks for all memory)")]);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("the decoding process ends when the command is killed while a read holds it", async () => {
    const pipe = join(home, "pipe");
    execFileSync("mkfifo", [pipe]); // opened by nobody else: whoever opens it to read is held
    const decoder = fileURLToPath(new URL("../src/input/parquetProcess.js", import.meta.url));
    const command = spawn(process.execPath, ["-e", PARENT, decoder, pipe], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(command.stdout, "data")) as [Buffer];
    const id = Number(line);
    expect(isRunning(id)).toBe(true);
    command.kill("SIGKILL");
    await once(command, "exit");
    await vi.waitFor(() => expect(isRunning(id)).toBe(false), { timeout: 10_000, interval: 50 });
  });

  it("ends an answer that takes more of the processor than it may", async () => {
    const watch = fileURLToPath(new URL("../src/input/parquetWatch.js", import.meta.url));
    const child = spawn(process.execPath, ["-e", BUSY, watch], { stdio: ["ignore", "ignore", "inherit"] });
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGXCPU");
  });

  it("stops a file whose decoding does not end", async () => {
    const input = await openInput("-", shellOf(plain)); // any file, and no patience
    const patience = { seconds: 0, secondsPerMegabyte: 0 };
    const read = readParquetBlocks(input, () => [0], patience);
    await expect(read.next()).rejects.toThrow(/stdin: a damaged Parquet file \(its decoding does not end\)/);
  });
});
