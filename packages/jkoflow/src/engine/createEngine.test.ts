import { describe, expect, it } from "vitest";
import { loadKernel } from "../../../native/index.js";
import { createEngine, type EngineOptions } from "./createEngine.ts";
import type { NativeKernel } from "./nativeHost.ts";

const kernel = loadKernel() as NativeKernel | undefined;

describe("createEngine", () => {
  it("auto takes the kernel that is given, else one of Node, else WebAssembly with one notice", async () => {
    const notices: string[] = [];
    const engine = await createEngine({ onNotice: (line) => notices.push(line) });
    if (engine.kind === "wasm") {
      expect(notices).toHaveLength(1);
      expect(notices[0]).toMatch(/^no native kernel on this machine \(.+\): running on WebAssembly$/);
    } else {
      expect(engine.kind).toBe("native");
      expect(notices).toEqual([]);
    }
    expect(engine.shards).toBe(8);
    expect(engine.threads).toBeGreaterThanOrEqual(1);
    engine.dispose();
  });

  it.skipIf(kernel === undefined)("hands threads, shards and instruction set to the native kernel", async () => {
    const engine = await createEngine({ kind: "native", native: kernel, isa: "portable", threads: 3, shards: 5 });
    expect(engine).toMatchObject({ kind: "native", kernelId: "native-f32-portable", threads: 3, shards: 5 });
    engine.dispose();
    await expect(createEngine({ native: kernel, isa: "mmx" })).rejects.toThrow(/isa: "mmx", expected one of/);
  });

  it("gives the reference on request", async () => {
    expect((await createEngine({ kind: "reference" })).kernelId).toBe("reference-f64");
  });

  const wrong: readonly [EngineOptions, string][] = [
    [{ threads: 0 }, "threads: 0, expected a whole number from 1 to 64"],
    [{ threads: 1.5 }, "threads: 1.5, expected a whole number from 1 to 64"],
    [{ shards: 2000 }, "shards: 2000, expected a whole number from 1 to 1024"],
    [{ kind: "gpu" as "wasm" }, 'kind: "gpu", expected one of auto, native, wasm, reference'],
    [{ kind: "wasm", isa: "avx2" }, 'isa: "avx2", expected one of'],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      await expect(createEngine(options)).rejects.toThrow(message);
      await expect(createEngine(options)).rejects.toMatchObject({ name: "InputError" });
    });
  }
});
