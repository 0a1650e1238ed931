import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { describe, expect, it } from "vitest";
import { createGraph, createProgram, matmul, tanh } from "../graph/index.ts";
import { createRandom, normalOf } from "../graph/values.testing.ts";
import { createEngine } from "./createEngine.ts";
import type { Engine } from "./engine.ts";
import { normError, runOn } from "./engines.testing.ts";
import { createReferenceEngine } from "./reference.ts";
import { sourceSha256 } from "./wasmBytes.ts";
import { createWasmHost } from "./wasmHost.ts";
import { workload } from "./workload.testing.ts";

// Node 20 has relaxed SIMD behind this flag; later ones have it without.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");
const isas = ["simd128", "relaxed"] as const;

const random = createRandom(5);
const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => 0.4 * normalOf(random));
const program = workload({ d: 3, H: 17, steps: 1 });
const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);
const numbers = { parameters: draw(size), inputs: { x: draw(300), eps: draw(300) } };
const gradientOn = (engine: Engine): Float32Array => runOn(engine, engine.load(program), numbers, 100).gradient;

describe("the committed module", () => {
  it("was made from these sources (`npm run wasm` makes it again)", () => {
    const native = new URL("../../../native/", import.meta.url);
    const text = (path: string): string => readFileSync(new URL(path, native), "utf8").replaceAll("\r\n", "\n");
    const recipe = text("wasm/recipe.json");
    const digest = createHash("sha256").update(recipe);
    for (const name of JSON.parse(recipe).sources) digest.update(text(`src/${name}`));
    expect(digest.digest("hex") === sourceSha256, "wasmBytes.ts does not match the kernel: run `npm run wasm`").toBe(
      true,
    );
  });
});

describe("both variants", () => {
  for (const isa of isas) {
    it(`${isa}: the gradient is within 2e-6 of float64 and has the same bits at 1, 2, 3 and 4 threads`, async () => {
      const truth = gradientOn(createReferenceEngine());
      const results = [];
      for (const threads of [1, 2, 3, 4]) {
        const engine = await createEngine({ kind: "wasm", isa, threads });
        expect(engine).toMatchObject({ kernelId: `wasm-f32-${isa}`, threads });
        results.push(gradientOn(engine), gradientOn(engine));
        engine.dispose();
      }
      expect(normError(results[0], truth)).toBeLessThanOrEqual(2e-6);
      for (const gradient of results) expect(gradient).toEqual(results[0]);
    });
  }
});

describe("threads", () => {
  it("a whole table goes forward in tiles, more of them than threads", async () => {
    const g = createGraph();
    const [x, W] = [g.rows("x", 4), g.parameter("W", 4, 6)];
    const forward = createProgram({ name: "forward", parameters: [W], outputs: { y: tanh(matmul(x, W)) } });
    const given = { parameters: draw(24), inputs: { x: draw(4 * 5000) } };
    const run = (engine: Engine): Float32Array => runOn(engine, engine.load(forward), given, 5000).outputs.y;
    const engine = await createEngine({ kind: "wasm", threads: 3 });
    expect(normError(run(engine), run(createReferenceEngine()))).toBeLessThanOrEqual(1e-6);
    engine.dispose();
  });

  it("thousands of short runs lose no task", async () => {
    const engine = await createEngine({ kind: "wasm", threads: 2 });
    const executable = engine.load(program);
    const [parameters, x] = [engine.parameters(numbers.parameters), engine.table(100, 3, numbers.inputs.x)];
    const batch = { parameters, inputs: { x, eps: x }, rows: 24 };
    const first = executable.gradient(batch).gradient;
    for (let i = 0; i < 3000; i++) {
      const { gradient } = executable.gradient(batch);
      if (gradient.some((v, k) => v !== first[k])) throw new Error(`run ${i} differs`);
    }
    engine.dispose();
  });

  it("do not keep a process alive, disposed or not", () => {
    const module = new URL("./createEngine.ts", import.meta.url).href;
    const script = `const { createEngine } = await import(${JSON.stringify(module)});
      (await createEngine({ kind: "wasm", threads: 2 })).dispose();
      const engine = await createEngine({ kind: "wasm", threads: 2 });
      console.log(engine.threads);`;
    const child = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
      encoding: "utf8",
      timeout: 30_000, // it ends within one second; the limit only stops a hang
    });
    expect(child).toMatchObject({ status: 0, stdout: "2\n", stderr: "" });
  });
});

describe("memory", () => {
  it("grows on demand, and what was written stays", async () => {
    const { host } = await createWasmHost({ threads: 1 });
    host.write(2000, Float32Array.of(1, 2, 3));
    host.reserve(200 * 2 ** 20);
    const into = new Float32Array(3);
    host.read(2000, into);
    expect([...into]).toEqual([1, 2, 3]);
    host.write(200 * 2 ** 14 - 1, new Float32Array(16));
    expect(() => host.reserve(5 * 2 ** 30)).toThrow(/engine memory: 5120 MB, expected .*native kernel/);
    host.dispose();
    host.dispose();
    expect(() => host.read(2000, into)).toThrow("engine is disposed");
    expect(() => host.execute(2000)).toThrow("engine is disposed");
  });

  it("comes back: 60 more engines need no more than the first 20", async () => {
    const use = async (count: number): Promise<number> => {
      for (let i = 0; i < count; i++) {
        const engine = await createEngine({ kind: "wasm", threads: 1 + (i % 2) });
        engine.table(2 ** 18, 4); // 4 MB
        engine.dispose();
      }
      return process.memoryUsage.rss() / 2 ** 20;
    };
    const before = await use(20);
    // engines that stayed would have 240 MB of tables alone; the collector may be late by some of them
    expect((await use(60)) - before).toBeLessThan(150);
  });
});

describe("a host without shared memory", () => {
  it("runs on one thread, with the same bits, and says so once", async () => {
    const { SharedArrayBuffer: shared } = globalThis;
    const several = await createEngine({ kind: "wasm", threads: 2 });
    const expected = gradientOn(several);
    several.dispose();
    const notices: string[] = [];
    try {
      Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
      const engine = await createEngine({ kind: "wasm", threads: 2, onNotice: (line) => notices.push(line) });
      expect(engine.threads).toBe(1);
      expect(gradientOn(engine)).toEqual(expected);
      engine.dispose();
    } finally {
      globalThis.SharedArrayBuffer = shared;
    }
    expect(notices).toEqual([
      "this page is not cross-origin isolated, so it has no shared memory: running on one thread",
    ]);
  });
});
