/** Damaged models and checkpoints, failing disks, a second process: never a silent load, never a lost file. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createKey, InputError, io } from "jkoflow";
import { createWords, drawBelow } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import { describeFailure } from "../src/exit.ts";
import { diskFiles, type FileSystem, removeLeftovers, writeAtomic } from "../src/files/atomic.ts";
import { startOf } from "../src/files/processes.ts";
import { type Checkpoint, checkpointNames, loadCheckpoint, saveCheckpoint } from "../src/run/checkpoint.ts";
import { takeLock } from "../src/run/lock.ts";
import { readModelFile } from "../src/run/modelFile.ts";
import { decodeState, encodeState } from "../src/run/stateCodec.ts";
import { binary, folder, hashOf, jko, smallTable, start, TINY } from "./command.testing.ts";

const home = folder();
const table = smallTable(join(home, "table.csv"), 80);
const run = join(home, "run");
const model = join(run, "model.safetensors");
const words = createWords(createKey("damage"));

beforeAll(async () => {
  expect((await jko(`fit ${table} --out ${run} --quiet ${TINY}`)).code).toBe(0);
});

/** 200 copies with one byte changed and 50 truncations, the empty file among them. */
function* damaged(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < 200; i++) {
    const copy = bytes.slice();
    copy[drawBelow(words, copy.length)] ^= 1 + drawBelow(words, 255);
    yield copy;
  }
  yield bytes.slice(0, 0);
  for (let i = 0; i < 49; i++) yield bytes.slice(0, drawBelow(words, bytes.length));
}

describe("a damaged model", () => {
  it("is refused in one line: 200 byte flips, 50 truncations", () => {
    const path = join(home, "damaged.safetensors");
    for (const bytes of damaged(new Uint8Array(fs.readFileSync(model)))) {
      fs.writeFileSync(path, bytes);
      let refusal: unknown;
      try {
        readModelFile(path);
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(InputError);
      expect((refusal as Error).message).toMatch(/^[^\n]*damaged\.safetensors[^\n]+$/);
    }
  });

  it("ends each command with 2 and leaves no file", async () => {
    const path = join(home, "flipped.safetensors");
    const bytes = fs.readFileSync(model);
    bytes[bytes.length - 5] ^= 1;
    fs.writeFileSync(path, bytes);
    const out = join(home, "none.npy");
    for (const line of [
      `sample ${path} -n 3 -o ${out}`,
      `logprob ${path} ${table} -o ${out}`,
      `evaluate ${path} ${table}`,
      `info ${path}`,
    ]) {
      const { code, err, out: printed } = await jko(line);
      expect([code, printed]).toEqual([2, ""]);
      expect(err).toMatch(/^error: .*flipped\.safetensors:hash: another hash, expected [^\n]+\n$/);
    }
    expect(fs.existsSync(out)).toBe(false);
  });
});

const checkpoint = (events: number): Checkpoint => ({
  state: { blocks: [{ weights: Float32Array.of(1, 2, events), stepSize: Infinity }], attempt: 0, reports: [] },
  run: "a run",
  kernel: "a kernel",
  events,
  eventBytes: 10 * events,
  version: "0.1.0",
});
const load = (path: string, warnings: string[] = [], bytes: number = 1000) =>
  loadCheckpoint(path, "a run", bytes, (line) => warnings.push(line));

describe("checkpoints", () => {
  it("keep typed arrays and numbers that JSON has no place for", () => {
    const state = {
      a: [Infinity, -Infinity, -0, Number.NaN, 0.1],
      b: { c: Float32Array.of(1.5), d: null, e: "x" },
      f: Float64Array.of(2),
    };
    expect(decodeState(encodeState(state, {}), "state").state).toEqual(state);
  });

  it("a state of 12 MB of JSON is read again", () => {
    const state = { reports: [], words: "a\\".repeat(6e6) };
    const { state: back } = decodeState(encodeState(state, {}), "state");
    expect((back as typeof state).words === state.words).toBe(true);
  });

  it("numbers and tensors that are none are refused", () => {
    const sealed = (json: string) => io.writeSealed({ tensors: new Map(), metadata: { state: json } });
    for (const json of [
      '{"$number":"12"}',
      '{"$number":1}',
      '{"$tensor":3}',
      '{"$tensor":"x"}',
      '{"$tensor":null}',
      "{",
    ]) {
      expect(() => decodeState(sealed(json), "state"), json).toThrow(InputError);
    }
  });

  it("two are kept; a damaged newest one gives way to the older with one warning", () => {
    const path = folder();
    for (const events of [1, 2, 3]) saveCheckpoint(path, checkpoint(events));
    expect(checkpointNames(path)).toEqual(["ckpt-000000002.safetensors", "ckpt-000000003.safetensors"]);
    expect(load(path)).toEqual(checkpoint(3));
    const newest = join(path, "ckpt-000000003.safetensors");
    for (const bytes of damaged(new Uint8Array(fs.readFileSync(newest)))) {
      fs.writeFileSync(newest, bytes);
      const warnings: string[] = [];
      expect(load(path, warnings)).toEqual(checkpoint(2));
      expect(warnings.length).toBe(1);
    }
    fs.writeFileSync(join(path, "ckpt-000000002.safetensors"), "");
    expect(() => load(path)).toThrow(/ckpt-000000003.*ckpt-000000002.*expected one whole checkpoint/);
  });

  it("of another run, or ahead of the events, are refused", () => {
    const path = folder();
    saveCheckpoint(path, { ...checkpoint(1), run: "another" });
    expect(() => load(path)).toThrow(/a checkpoint of another run/);
    saveCheckpoint(path, checkpoint(2));
    expect(() => load(path, [], 19)).toThrow(/events\.jsonl has 19 bytes, expected at least 20/);
  });
});

describe("a checkpoint of another format", () => {
  /** The newest checkpoint of a folder as another version would have written it. */
  const rewrite = (path: string, name: string, format: string, version: string): void => {
    const file = join(path, name);
    const { tensors, metadata } = io.readSealed(new Uint8Array(fs.readFileSync(file)));
    fs.writeFileSync(file, io.writeSealed({ tensors, metadata: { ...metadata, format, version } }));
  };

  it.each([
    ["0", "0.0.9"],
    ["2", "0.7.0"],
  ])("%s is refused with the version that wrote it, and what to do", (format, version) => {
    const path = folder();
    for (const events of [1, 2]) saveCheckpoint(path, checkpoint(events));
    const [older, newer] = checkpointNames(path);
    rewrite(path, newer, format, version);
    const warnings: string[] = [];
    expect(load(path, warnings)).toEqual(checkpoint(1)); // one of this format still counts
    expect(warnings).toEqual([expect.stringContaining(`format ${format}, written by jkoflow ${version}`)]);
    rewrite(path, older, format, version);
    expect(() => load(path)).toThrow(
      `${newer}:format: format ${format}, written by jkoflow ${version}, expected format 1; resume with the version that wrote it, or delete the checkpoint files: training then starts anew`,
    );
  });
});

describe("a checkpoint that was edited and sealed again", () => {
  it("ends resume with 2 and one line that names it; put back, the run comes to the same model", async () => {
    const path = join(home, "edited");
    let seen = 0;
    const { code } = await jko(`fit ${table} --out ${path} --json ${TINY}`, {
      onOut: (text, interrupt) => text.includes('"event":"step"') && seen++ === 0 && interrupt("SIGINT"),
    });
    expect(code).toBe(130);
    const name = checkpointNames(path).at(-1)!;
    for (const other of checkpointNames(path)) if (other !== name) fs.rmSync(join(path, other));
    const file = join(path, name);
    const bytes = new Uint8Array(fs.readFileSync(file));
    const { tensors, metadata } = io.readSealed(bytes);
    const state = JSON.parse(metadata.state) as Record<string, never>;
    const edits: readonly [RegExp, object][] = [
      [/reports\.0\.steps: \d+, expected \d+, as settings and history give it/, edited("reports.0.steps", 40)],
      [/blocks: nothing|state: .*blocks in it/, { ...state, blocks: undefined }],
      [/reports: null, expected a list/, { ...state, reports: null }],
      [/attempt: "x", expected/, { ...state, attempt: "x" }],
      [/blocks\.0\.weights: an array of 1, expected a Float32Array/, edited("blocks.0.weights", [1])],
      [/expected no more than/, { ...state, learningRate: 1 }],
    ];
    function edited(place: string, value: unknown): object {
      const copy = structuredClone(state) as never;
      const keys = place.split(".");
      const holder = keys.slice(0, -1).reduce((at, key) => at[key], copy as Record<string, never>);
      holder[keys.at(-1)!] = value as never;
      return copy;
    }
    const others: readonly [RegExp, Record<string, string>][] = [
      [/events: .*, expected what events\.jsonl has/, { eventBytes: "3" }],
      [/events: "many", expected a whole number/, { events: "many" }],
      [/events: 1234, expected the number in the name/, { events: "1234" }],
      [/kernel: none, expected a name/, { kernel: "" }],
    ];
    const all = [
      ...edits.map(([message, given]) => [message, { ...metadata, state: JSON.stringify(given) }] as const),
      ...others.map(([message, given]) => [message, { ...metadata, ...given }] as const),
    ];
    for (const [message, given] of all) {
      fs.writeFileSync(file, io.writeSealed({ tensors, metadata: given }));
      const resumed = await jko(`resume ${path} --quiet --threads 1`);
      expect(resumed.err).toMatch(message);
      expect(resumed.err).toMatch(new RegExp(`^error: [^\\n]*${name}[^\\n]*\\n$`));
      expect(resumed.code).toBe(2);
    }
    fs.writeFileSync(file, bytes);
    expect((await jko(`resume ${path} --quiet --threads 1`)).code).toBe(0);
    expect(hashOf(join(path, "model.safetensors"))).toBe(hashOf(model));
  });
});

/** A disk whose i-th operation fails. */
function failing(at: number, code: string): FileSystem & { readonly operations: () => number } {
  let count = 0;
  const wrap =
    <A extends unknown[], R>(name: string, work: (...args: A) => R) =>
    (...args: A): R => {
      if (++count === at) throw Object.assign(new Error(`${code}: ${name}`), { code, syscall: name });
      return work(...args);
    };
  return {
    open: wrap("open", diskFiles.open),
    write: wrap("write", diskFiles.write),
    fsync: wrap("fsync", diskFiles.fsync),
    close: wrap("close", diskFiles.close),
    rename: wrap("rename", diskFiles.rename),
    unlink: wrap("unlink", diskFiles.unlink),
    operations: () => count,
  };
}

describe("a failing disk", () => {
  for (const code of ["EIO", "ENOSPC"]) {
    it(`${code} at each operation of a save in turn: the old checkpoint loads, nothing is left over`, () => {
      const path = folder();
      saveCheckpoint(path, checkpoint(1));
      for (let at = 1; ; at++) {
        const disk = failing(at, code);
        let failed = false;
        try {
          saveCheckpoint(path, checkpoint(2), disk);
        } catch (error) {
          failed = true;
          expect(error).toMatchObject({ code });
        }
        expect(fs.readdirSync(path).filter((name) => name.includes(".tmp-"))).toEqual([]);
        expect([1, 2]).toContain(load(path)?.events);
        if (!failed) {
          expect(disk.operations()).toBe(at - 1);
          expect(at).toBeGreaterThan(7); // open, write, fsync, close, rename, and the folder's open, fsync, close
          break;
        }
        fs.rmSync(join(path, "ckpt-000000002.safetensors"), { force: true });
      }
    });
  }

  it("short writes are continued", () => {
    const path = join(folder(), "file");
    const short: FileSystem = {
      ...diskFiles,
      write: (file, bytes, at, length, position) => diskFiles.write(file, bytes, at, Math.min(3, length), position),
    };
    writeAtomic(path, "more than three bytes", short);
    expect(fs.readFileSync(path, "utf8")).toBe("more than three bytes");
  });

  it.runIf(process.platform === "linux")("a folder that cannot be written ends the command with 3", async () => {
    const { code, err } = await jko(`sample ${run} -n 3 -o /proc/x.csv`);
    expect(code).toBe(3);
    expect(err).toBe("error: /proc/x.csv: no such file or folder, expected an existing one; check the path\n");
  });

  it("a complete run whose model is damaged comes to the same model again by resume", async () => {
    const path = join(home, "damaged");
    fs.cpSync(run, path, { recursive: true });
    const file = join(path, "model.safetensors");
    fs.writeFileSync(file, fs.readFileSync(file).subarray(0, 500));
    expect(await jko(`sample ${path} -n 3`)).toMatchObject({
      code: 2,
      err: expect.stringContaining("the file is cut off"),
    });
    expect(await jko(`resume ${path} --quiet --threads 1`)).toMatchObject({ code: 0, err: "" });
    expect(hashOf(file)).toBe(hashOf(join(run, "model.safetensors")));
  });

  it("a file-size limit ends a fit with 3, and the run goes on from there", async () => {
    if (process.platform !== "linux") return; // the limit counts blocks of another size elsewhere
    const path = join(home, "limited");
    const words = `fit ${table} --out ${path} --quiet ${TINY}`;
    // 8 blocks of 512 bytes: config.json fits, the events do not.
    const limited = spawnSync("sh", ["-c", `ulimit -f 8; exec ${process.execPath} ${binary} ${words}`], {
      encoding: "utf8",
    });
    expect(limited.status).toBe(3);
    expect(limited.stderr).toMatch(
      /^error: [^\n]*limited[^\n]*: the file is larger than the limit, expected [^\n]+\n$/,
    );
    expect(fs.readdirSync(path).filter((name) => name.includes(".tmp-"))).toEqual([]);
    expect((await jko(`resume ${path} --quiet`)).code).toBe(0);
    expect(hashOf(join(path, "model.safetensors"))).toBe(hashOf(model));
  });

  it("files of dead processes are removed at the next start, those of living ones are not", () => {
    const path = folder();
    for (const name of [`model.tmp-${2 ** 22 + 5}-0`, `model.tmp-${process.pid}-99`, "notes.tmp-a"])
      fs.writeFileSync(join(path, name), "");
    removeLeftovers(path);
    expect(fs.readdirSync(path).sort()).toEqual([`model.tmp-${process.pid}-99`, "notes.tmp-a"].sort());
  });
});

describe("training that diverges", () => {
  it("ends with 4 and one line; there is no model", async () => {
    const path = join(home, "diverged");
    const { code, err } = await jko(`fit ${table} --out ${path} --quiet ${TINY} --set learningRate=1e30`);
    expect(code).toBe(4);
    expect(err).toMatch(/^error: training diverged in all 2 tries [^\n]+; last good checkpoint ckpt-[^\n]+\n$/);
    expect(fs.existsSync(join(path, "model.safetensors"))).toBe(false);
  });

  it("a bug is the only failure with a stack trace", () => {
    expect(describeFailure(new TypeError("x")).stack).toContain("TypeError: x");
    expect(describeFailure(new TypeError("x")).code).toBe(1);
  });
});

describe("one writer", () => {
  it("a second process ends with 2 and names the first; it may enter when that is gone", async () => {
    const path = join(home, "locked");
    const long = TINY.replace("updates=12", "updates=20000 --set patience=10000").replace(
      "batchSize=32",
      "batchSize=64",
    );
    const first = start(`fit ${table} --out ${path} --json ${long}`);
    await new Promise((resolve) => first.child.stdout?.once("data", resolve));
    const second = await start(`resume ${path}`).done;
    expect(second.code).toBe(2);
    expect(second.err).toBe(
      `error: ${path}:lock: in use by process ${first.child.pid} on ${hostname()}, expected a run directory that no other process writes; wait for it to end, or choose another --out\n`,
    );
    first.child.kill("SIGKILL");
    await first.done;
    takeLock(path, false).release();
  });

  it("a reused process number is not the owner; another host's lock needs --break-lock", () => {
    const path = folder();
    const write = (owner: object): void => fs.writeFileSync(join(path, "lock"), JSON.stringify(owner));
    const own = { host: hostname(), pid: process.pid, start: startOf(process.pid) };
    write({ ...own, start: "another boot:1" });
    takeLock(path, false).release();
    write({ host: hostname(), pid: 2 ** 22 + 5, start: "x" });
    takeLock(path, false).release();
    write(own);
    expect(() => takeLock(path, false)).toThrow(/in use by process/);
    write({ ...own, host: "elsewhere" });
    expect(() => takeLock(path, false)).toThrow(/on elsewhere, .*--break-lock/);
    takeLock(path, true).release();
    expect(fs.readdirSync(path)).toEqual([]);
  });
});
