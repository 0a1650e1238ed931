import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadKernel } from "../../../native/index.js";
import { createGraph, createProgram, matmul, type Program, squaredNorm } from "../graph/index.ts";
import { report } from "../graph/values.testing.ts";
import type { Engine } from "./engine.ts";
import { type Executor, executors, kernels, requireKernels } from "./engines.testing.ts";
import { createNativeHost, type NativeKernel } from "./nativeHost.ts";
import { createTapeEngine } from "./tapeEngine.ts";
import { workload } from "./workload.testing.ts";

const program = workload({ d: 2, H: 8, steps: 1 });
const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);

/** Load, run once, and hand back what was made. */
function useOnce(engine: Engine, rows = 100) {
  const executable = engine.load(program);
  const parameters = engine.parameters(new Float32Array(size).fill(0.1));
  const inputs = { x: engine.table(rows, 2), eps: engine.table(rows, 2) };
  const batch = { parameters, inputs };
  executable.step(batch, { learningRate: 1e-3 });
  return { executable, parameters, inputs, batch };
}

/** The least an engine can be asked for; lowering the training step a thousand times would take most of the time. */
const small = ((): Program => {
  const g = createGraph();
  const [x, W] = [g.rows("x", 2), g.parameter("W", 2, 2)];
  return createProgram({ name: "small", parameters: [W], loss: squaredNorm(matmul(x, W)) });
})();

const megabyte = 2 ** 20;
const residentMegabytes = (): number => process.memoryUsage.rss() / megabyte;

const kindOf = ({ name }: Executor): string => name.split(" ")[0];

describe("engines come and go", () => {
  requireKernels();

  // one executor of each kind: the three instruction sets of the native kernel share all but the arithmetic
  const kinds = executors.filter(({ name }, i) => executors.findIndex((e) => kindOf(e) === name.split(" ")[0]) === i);
  it.each(kinds)("$name: 1,000 engines do not make the process grow", async ({ create }) => {
    const once = async (): Promise<void> => {
      const engine = await create();
      const batch = { parameters: engine.parameters(new Float32Array(4)), inputs: { x: engine.table(30, 2) } };
      engine.load(small).step(batch, { learningRate: 1 });
      // a quarter of a megabyte that is written: kept by each engine it would be 225 MB at the end
      if (engine.kind !== "reference") engine.table(2 ** 16, 1, new Float32Array(2 ** 16).fill(1));
      engine.dispose();
    };
    for (let i = 0; i < 100; i++) await once();
    const before = residentMegabytes();
    for (let i = 0; i < 900; i++) await once();
    const grown = residentMegabytes() - before;
    report("growth of 900 engines, MB", grown);
    // What garbage collection leaves lying about differs by some tens of megabytes; a leak of all engines is 225 MB.
    expect(grown).toBeLessThan(100);
  });

  it.each(kernels)("$name: 30 engines with threads leave no thread behind", async ({ create }) => {
    const before = process.memoryUsage.rss();
    for (let i = 0; i < 30; i++) {
      const engine = await create({ threads: 3 });
      useOnce(engine);
      engine.dispose();
    }
    expect((process.memoryUsage.rss() - before) / megabyte).toBeLessThan(150); // 60 threads of 4 MB and more otherwise
  });
});

describe("memory inside of an engine", () => {
  it.skipIf(loadKernel() === undefined)("is used again after tables, parameters and programs were disposed", () => {
    const host = createNativeHost(loadKernel() as NativeKernel, 1);
    let reserved = 0;
    const watched = {
      ...host,
      reserve: (bytes: number) => {
        reserved = Math.max(reserved, bytes);
        host.reserve(bytes);
      },
    };
    const engine = createTapeEngine(watched, 8, 1);
    const round = (): void => {
      const { executable, parameters, inputs, batch } = useOnce(engine);
      executable.run({ ...batch, indices: Int32Array.of(1, 2, 3) });
      for (const thing of [executable, parameters, inputs.x, inputs.eps]) {
        thing.dispose();
        thing.dispose(); // a second time does nothing
      }
    };
    round();
    const after = reserved;
    for (let i = 0; i < 200; i++) round();
    expect(reserved).toBe(after);
    engine.dispose();
  });

  it.each(executors)("$name: a table made in freed memory starts at zero", async ({ create }) => {
    const engine = await create();
    for (let i = 0; i < 5; i++) {
      const table = engine.table(100, 3);
      expect(table.read().every((v) => v === 0)).toBe(true);
      table.write(new Float32Array(300).fill(7));
      table.dispose();
    }
    engine.dispose();
  });
});

describe.each(executors)("use after dispose is an error, not a crash: $name", ({ create }) => {
  it("of a table, of parameters, of a program", async () => {
    const engine = await create();
    const { executable, parameters, inputs, batch } = useOnce(engine);
    inputs.eps.dispose();
    const other = engine.table(100, 2, new Float32Array(200).fill(9)); // may lie where eps lay
    expect(() => inputs.eps.read()).toThrow(/disposed/);
    expect(() => inputs.eps.write(new Float32Array(2))).toThrow(/disposed/);
    expect(() => executable.run(batch)).toThrow(/disposed/);
    expect(other.read().every((v) => v === 9)).toBe(true);
    const good = { parameters, inputs: { x: inputs.x, eps: other } };
    executable.run(good);
    parameters.dispose();
    expect(() => parameters.read()).toThrow(/disposed/);
    expect(() => parameters.state()).toThrow(/disposed/);
    expect(() => executable.run(good)).toThrow(/disposed/);
    executable.dispose();
    const fresh = { ...good, parameters: engine.parameters(new Float32Array(size)) };
    expect(() => executable.run(fresh)).toThrow(/disposed/);
    expect(() => executable.step(fresh, { learningRate: 1 })).toThrow(/disposed/);
    engine.load(program).run(fresh);
    engine.dispose();
  });

  it("of everything, once the engine was disposed", async () => {
    for (const threads of [1, 2]) {
      const engine = await create({ threads });
      const { executable, parameters, inputs, batch } = useOnce(engine);
      engine.dispose();
      engine.dispose();
      const uses: (() => unknown)[] = [
        () => executable.run(batch),
        () => executable.gradient(batch),
        () => executable.step(batch, { learningRate: 1 }),
        () => parameters.read(),
        () => parameters.write(new Float32Array(size)),
        () => parameters.state(),
        () => parameters.resetMoments(),
        () => inputs.x.read(),
        () => inputs.x.write(new Float32Array(2)),
        () => engine.load(program),
        () => engine.table(3, 3),
        () => engine.parameters(new Float32Array(3)),
      ];
      for (const use of uses) expect(use, String(use)).toThrow(/disposed/);
      for (const thing of [executable, parameters, inputs.x, inputs.eps]) thing.dispose();
    }
  });
});

/** Exit code and output of the small program beside this file. */
function child(...args: string[]): Promise<{ code: number | null; signal: string | null; output: string }> {
  return new Promise((resolve, reject) => {
    const file = fileURLToPath(new URL("./leaveThreads.testing.ts", import.meta.url));
    const started = spawn(process.execPath, ["--import", "tsx", file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const guard = setTimeout(() => started.kill("SIGKILL"), 40_000);
    let output = "";
    started.stdout.on("data", (part) => (output += part));
    started.stderr.on("data", (part) => (output += part));
    started.on("error", reject);
    started.on("close", (code, signal) => {
      clearTimeout(guard);
      resolve({ code, signal, output });
    });
  });
}

describe("a process with engine threads ends by itself", () => {
  const kinds = [...new Set(kernels.map(kindOf))];
  for (const kind of kinds) {
    for (const end of ["left", "disposed"]) {
      it(`${kind}, engine ${end}`, async () => {
        const { code, signal, output } = await child(kind, end);
        expect({ code, signal, output }).toEqual({
          code: 0,
          signal: null,
          output: expect.stringMatching(/^loss .* on 3 threads\n$/),
        });
      });
    }
  }
});
