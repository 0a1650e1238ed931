/** The functions of the native addon itself, given what the library never gives them. A crash would end this process. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { loadKernel } from "../../../native/index.js";
import { createKey, createWords, drawBelow } from "../random/index.ts";
import { createEngine } from "./createEngine.ts";
import { createNativeHost, type NativeKernel } from "./nativeHost.ts";
import { JOB, SLOT_WORDS } from "./tape.ts";
import { createTapeEngine } from "./tapeEngine.ts";
import { workload } from "./workload.testing.ts";

const kernel = loadKernel() as NativeKernel;
const MEMORY = 2 ** 16; // bytes

function withEngine(work: (engine: object) => void, threads: number = 1): void {
  const engine = kernel.create(kernel.isas()[0], threads);
  kernel.reserve(engine, MEMORY);
  try {
    work(engine);
  } finally {
    kernel.dispose(engine);
  }
}

/** A job of the library, as it lies in memory: line of the job, its words, the kernel's memory. */
function recordJob(): {
  readonly line: number;
  readonly words: Int32Array;
  readonly bytes: number;
  readonly memory: Int32Array;
} {
  const host = createNativeHost(kernel, 1);
  let [line, bytes] = [0, 0];
  const watched = {
    ...host,
    reserve: (wanted: number) => {
      bytes = Math.max(bytes, wanted);
      host.reserve(wanted);
    },
    execute: (at: number) => {
      line = at;
      host.execute(at);
    },
  };
  const engine = createTapeEngine(watched, 3, 1);
  const program = workload({ d: 2, H: 8, steps: 1 });
  const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);
  const inputs = { x: engine.table(50, 2), eps: engine.table(50, 2) };
  const batch = {
    parameters: engine.parameters(new Float32Array(size).fill(0.1)),
    inputs,
    indices: Int32Array.of(3, 49, 0),
  };
  engine.load(program).step(batch, { learningRate: 0.1 });
  const memory = new Int32Array(bytes / 4);
  host.read(0, memory);
  engine.dispose();
  return { line, words: memory.slice(line * 16, line * 16 + JOB.SLOTS + 2 * SLOT_WORDS), bytes, memory };
}

describe.skipIf(kernel === undefined)("the addon", () => {
  it("refuses lines that are negative, wrap around, are no whole numbers or lie outside", () => {
    withEngine((engine) => {
      const lines = [-1, -(2 ** 40), 0.5, Number.NaN, Infinity, 2 ** 30, 2 ** 32, 2 ** 58, 2 ** 63, 1e300, MEMORY / 64];
      for (const line of [...lines, "1", undefined, null, 1n, {}]) {
        for (const call of [kernel.write, kernel.read]) {
          expect(() => call(engine, line as number, new Float32Array(16)), String(line)).toThrow();
        }
        expect(() => kernel.execute(engine, line as number), String(line)).toThrow();
      }
      kernel.write(engine, MEMORY / 64 - 1, new Float32Array(16));
      expect(() => kernel.write(engine, MEMORY / 64 - 1, new Float32Array(17))).toThrow("outside of engine memory");
      expect(() => kernel.read(engine, 0, new Float64Array(MEMORY / 8 + 1))).toThrow("outside of engine memory");
      kernel.write(engine, MEMORY / 64, new Float32Array(0)); // nothing at the end
    });
  });

  it("moves three kinds of arrays and no other", () => {
    withEngine((engine) => {
      const kinds = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array];
      const wrong = [...kinds.map((kind) => new kind(64)), new BigInt64Array(8), new BigUint64Array(8)];
      const view = new DataView(new ArrayBuffer(64));
      for (const values of [...wrong, [1], view, new ArrayBuffer(64), null, undefined, "a"]) {
        for (const call of [kernel.write, kernel.read]) {
          expect(() => call(engine, 1, values as never)).toThrow(
            /^expected a Float32Array, Int32Array or Float64Array$/,
          );
        }
      }
      for (const kind of [Float32Array, Int32Array, Float64Array]) {
        kernel.write(engine, 3, kind.of(1, 2, 3));
        const into = new kind(3);
        kernel.read(engine, 3, into);
        expect([...into]).toEqual([1, 2, 3]);
      }
      const gone = new Float32Array(16);
      structuredClone(gone, { transfer: [gone.buffer] });
      kernel.read(engine, 1, gone); // no bytes are left to move
    });
  });

  it("takes no other object for an engine", () => {
    const strangers = [
      {},
      [],
      null,
      undefined,
      3,
      "engine",
      Object.create(null),
      new Proxy({}, {}),
      () => {},
      new Map(),
      /x/,
    ];
    for (const stranger of [...strangers, Buffer.from("engine"), process.stdout, new SharedArrayBuffer(8)]) {
      const calls = [
        () => kernel.dispose(stranger),
        () => kernel.reserve(stranger, 64),
        () => kernel.write(stranger, 1, new Float32Array(1)),
        () => kernel.read(stranger, 1, new Float32Array(1)),
        () => kernel.execute(stranger, 1),
      ];
      for (const call of calls) expect(call).toThrow(/expected an engine/);
    }
    withEngine((engine) => {
      expect(() => kernel.reserve(Object.create(engine), 64)).toThrow(/expected an engine/);
      expect(() => kernel.reserve(new Proxy(engine, {}), 64)).toThrow(/expected an engine/);
    });
  });

  it("reserves whole numbers of bytes, and says when it was disposed of", () => {
    withEngine((engine) => {
      for (const bytes of [-1, 0.5, Number.NaN, Infinity, 2 ** 36 + 1, 2 ** 64, "64", undefined]) {
        expect(() => kernel.reserve(engine, bytes as number), String(bytes)).toThrow(
          /expected a whole number of bytes/,
        );
      }
      kernel.write(engine, 5, Float32Array.of(1, 2, 3));
      kernel.reserve(engine, 1); // less than there is
      for (const bytes of [2 ** 21, 2 ** 23, 2 ** 27]) {
        kernel.reserve(engine, bytes); // memory may move: what was written stays, what is new is 0
        const into = new Float32Array(4);
        kernel.read(engine, 5, into);
        expect([...into]).toEqual([1, 2, 3, 0]);
        kernel.read(engine, bytes / 64 - 1, into);
        expect([...into]).toEqual([0, 0, 0, 0]);
        kernel.write(engine, bytes / 64 - 1, new Float32Array(4).fill(0));
      }
      kernel.dispose(engine);
      kernel.dispose(engine);
      for (const call of [() => kernel.reserve(engine, 64), () => kernel.execute(engine, 1)]) {
        expect(call).toThrow("engine is disposed");
      }
    });
  });

  it("makes engines of known names and counts of threads only", () => {
    const [isa] = kernel.isas();
    for (const [name, threads] of [
      ["mmx", 1],
      [isa, 0],
      [isa, 1025],
      [isa, 1.5],
      [isa, Number.NaN],
      [isa, "2"],
      [3, 1],
      [isa],
    ]) {
      expect(() => kernel.create(name as string, threads as number)).toThrow();
    }
  });

  it("runs no line without a job: zeros, ones, chance words", () => {
    const words = createWords(createKey("no job"));
    for (const threads of [1, 3]) {
      withEngine((engine) => {
        for (const line of [0, 1, 500, MEMORY / 64 - 1]) expect(() => kernel.execute(engine, line)).toThrow(/job/);
        kernel.write(engine, 0, new Int32Array(MEMORY / 4).fill(1));
        expect(() => kernel.execute(engine, 1)).toThrow();
        kernel.write(engine, 0, new Int32Array(MEMORY / 4).fill(-1));
        expect(() => kernel.execute(engine, 1)).toThrow();
        for (let i = 0; i < 300; i++) {
          kernel.write(
            engine,
            0,
            Int32Array.from({ length: 400 }, () => drawBelow(words, 2 ** 32) >> drawBelow(words, 32)),
          );
          expect(() => kernel.execute(engine, 1)).toThrow();
        }
      }, threads);
    }
  });

  it("a job with one word changed runs inside of its memory, or is refused: 4,000 mutants", () => {
    const words = createWords(createKey("mutants"));
    const { line, words: job, bytes, memory } = recordJob();
    const tapes = [JOB.PROLOGUE, JOB.ROW_TAPE, JOB.EPILOGUE].map((at) => job[at] * 16);
    const values = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), bytes / 64, bytes, 2 ** 28, 5 * 2 ** 28, 6 * 2 ** 28, 12, 1000];
    const refused = new Map<string, number>();
    let ran = 0;
    for (let i = 0; i < 4000; i++) {
      const engine = kernel.create(kernel.isas()[i % kernel.isas().length], 1 + (i % 2));
      kernel.reserve(engine, bytes);
      const changed = memory.slice();
      const inJob = drawBelow(words, 2) === 0;
      const at = inJob ? line * 16 + drawBelow(words, job.length) : tapes[drawBelow(words, 3)] + drawBelow(words, 120);
      const value = values[drawBelow(words, values.length + 1)] ?? changed[at] ^ (1 << drawBelow(words, 32));
      // A number of shards or a size that is merely large is no fault, and takes its time.
      if (at - line * 16 === JOB.SHARDS && value > 1000) continue;
      changed[at] = value;
      kernel.write(engine, 0, changed);
      try {
        kernel.execute(engine, line);
        ran++;
      } catch (error) {
        const { message } = error as Error;
        refused.set(message, (refused.get(message) ?? 0) + 1);
      }
      kernel.dispose(engine);
    }
    expect(ran).toBeGreaterThan(400); // many words change numbers, not places
    expect([...refused.keys()].sort()).toEqual([
      "a part of the job lies outside of its place in engine memory",
      "a tape holds what is no instruction",
      "no job there: a size below 0",
      "no job there: it has no rows, shards or tiles",
      "no job there: it has no tape",
    ]);
  });
});

/** A program of its own, with so much address space (kB). */
function limited(kilobytes: number, script: string) {
  const url = new URL("../../../native/index.js", import.meta.url).href;
  const text = `const { loadKernel } = await import(${JSON.stringify(url)}); const kernel = loadKernel(); ${script}`;
  const command = `ulimit -v ${kilobytes}; exec "$0" --input-type=module -e "$1"`;
  return spawnSync("bash", ["-c", command, process.execPath, text], { encoding: "utf8", timeout: 60_000 });
}

describe("address space", () => {
  it.skipIf(kernel === undefined || process.platform !== "linux")(
    "an engine runs where 64 GB of it are not to be had, and an engine that grows too far says so",
    () => {
      const { status, stdout, stderr } = limited(
        6_000_000,
        `const engine = kernel.create(kernel.isas()[0], 2);
         kernel.reserve(engine, 2 ** 28);
         kernel.write(engine, 2 ** 22 - 1, Float32Array.of(1, 2, 3));
         try {
           kernel.reserve(engine, 2 ** 35);
         } catch ({ code, syscall, path }) {
           console.log(code, syscall, path);
         }
         const into = new Float32Array(3);
         kernel.read(engine, 2 ** 22 - 1, into);
         console.log(...into);`,
      );
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "ENOMEM mmap engine\n1 2 3\n", stderr: "" });
    },
  );

  it.skipIf(kernel === undefined || process.platform !== "linux")(
    "thousands of engines that nobody disposes of fit in; too many, or too many threads, are one clear error",
    () => {
      const { status, stdout, stderr } = limited(
        40_000_000,
        `const kept = [];
         const make = (threads, most) => {
           try {
             while (kept.length < most) kept.push(kernel.create(kernel.isas()[0], threads));
             return "all made";
           } catch ({ code, syscall }) {
             return code + " " + syscall;
           }
         };
         console.log(make(1, 4000), make(1, 40000));
         for (const engine of kept.splice(0, 2000)) kernel.dispose(engine);
         console.log(make(1000, 40000));`,
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(/^all made ENOMEM mmap\n(EAGAIN pthread_create|ENOMEM mmap)\n$/);
    },
  );

  /** A kernel that fails as the addon does where the system gives nothing. */
  const failing = (code: string, most: number): NativeKernel => ({
    ...kernel,
    isas: () => ["portable"],
    create: (_isa, threads) => {
      if (threads > most)
        throw Object.assign(new Error("the system gives none"), { code, syscall: "call", path: "engine" });
      return kernel?.create("portable", threads) ?? {};
    },
  });

  it("auto falls back to WebAssembly with a notice where there is none for the native kernel", async () => {
    const notices: string[] = [];
    const options = { native: failing("ENOMEM", 0), threads: 1, onNotice: (line: string) => notices.push(line) };
    const engine = await createEngine(options);
    expect(engine.kind).toBe("wasm");
    engine.dispose();
    expect(notices).toEqual(["the native kernel could not be started (the system gives none): running on WebAssembly"]);
    await expect(createEngine({ ...options, kind: "native" })).rejects.toMatchObject({ code: "ENOMEM" });
  });

  it.skipIf(kernel === undefined)("where threads are not to be had it runs on one, and says so", async () => {
    const notices: string[] = [];
    const engine = await createEngine({
      native: failing("EAGAIN", 1),
      threads: 4,
      onNotice: (line) => notices.push(line),
    });
    expect(engine).toMatchObject({ kind: "native", threads: 1 });
    engine.dispose();
    expect(notices).toEqual(["threads could not be started (the system gives none): running on one thread"]);
  });
});
