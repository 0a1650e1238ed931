/** Choice of the executor: native where its kernel was built, WebAssembly everywhere else, float64 on request. */
import { InputError } from "../errors/index.ts";
import type { Engine } from "./engine.ts";
import type { Host as NativeHost } from "./host.ts";
import { createNativeHost, type NativeKernel } from "./nativeHost.ts";
import { systemCode } from "./noRoom.ts";
import { createReferenceEngine } from "./reference.ts";
import { createTapeEngine } from "./tapeEngine.ts";
import { createWasmHost } from "./wasmHost.ts";

export interface EngineOptions {
  /** Default "auto": native when there is a kernel, else WebAssembly. */
  readonly kind?: "auto" | "native" | "wasm" | "reference";
  /** Default the number of processors, at most 8. Results do not depend on it. */
  readonly threads?: number;
  /** Parts into which the rows of a sum are cut, default 8. Results depend on it in the last bits. */
  readonly shards?: number;
  /** The native kernel, as `loadKernel()` of `@jkoflow/native` gives it; Node finds it by itself. */
  readonly native?: NativeKernel;
  /** Instruction set instead of the best: "avx512", "avx2" or "portable"; on WebAssembly "relaxed" or "simd128". */
  readonly isa?: string;
  /** Called with one line when less runs than was asked for. */
  readonly onNotice?: (line: string) => void;
}

const KINDS: readonly string[] = ["auto", "native", "wasm", "reference"];
const LIMITS = { threads: 64, defaultThreads: 8, shards: 1024, defaultShards: 8 } as const;
const NATIVE_PACKAGE = "@jkoflow/native";
/** Line 0 means "none"; nothing else of native memory is taken. */
const NATIVE_FIRST_LINE = 1;

interface Surroundings {
  readonly process?: { getBuiltinModule?(name: string): { availableParallelism?(): number } | undefined };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}
const host = (): Surroundings => globalThis as unknown as Surroundings;

function processors(): number {
  const { process, navigator } = host();
  const known = process?.getBuiltinModule?.("node:os")?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(LIMITS.defaultThreads, known));
}

function checkCount(where: "threads" | "shards", value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= LIMITS[where]) return value;
  throw new InputError({ where, came: String(value), expected: `a whole number from 1 to ${LIMITS[where]}` });
}

/** The kernel, or why there is none. */
async function findKernel(given: NativeKernel | undefined): Promise<NativeKernel | string> {
  if (given !== undefined) return given;
  if (host().process?.getBuiltinModule === undefined) return "not in Node";
  const name: string = NATIVE_PACKAGE; // not a literal, so that bundlers leave the import alone
  try {
    const { loadKernel } = (await import(name)) as { loadKernel(): NativeKernel | undefined };
    return loadKernel() ?? `${NATIVE_PACKAGE} is installed but not built`;
  } catch (error) {
    const missing = (error as { code?: string }).code === "ERR_MODULE_NOT_FOUND";
    return missing ? `${NATIVE_PACKAGE} is not installed` : (error as Error).message.split("\n")[0];
  }
}

/** The native host, on one thread where no more are to be had; or the system's error where it gives no memory. */
function startNative(
  kernel: NativeKernel,
  threads: number,
  isa: string | undefined,
  onNotice: EngineOptions["onNotice"],
): NativeHost | Error {
  try {
    return createNativeHost(kernel, threads, isa);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOMEM") return error as Error;
    if (code !== "EAGAIN" || threads === 1) throw error;
    onNotice?.(`threads could not be started (${(error as Error).message}): running on one thread`);
    return startNative(kernel, 1, isa, onNotice);
  }
}

/**
 * An engine. The same kernel (`engine.kernelId`) and shards give the same bits, whatever the threads.
 *
 * @throws InputError when `kind` is "native" and there is no native kernel, or an option is out of range; an Error whose
 * `code` is "ENOMEM" when the system gives no more memory or address space, as where many engines were not disposed of.
 *
 * @example
 * ```ts
 * import { createEngine } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const table = engine.table(2, 3, Float32Array.of(1, 2, 3, 4, 5, 6));
 * console.log(table.read(1)); // Float32Array(3) [ 4, 5, 6 ]
 * engine.dispose();
 * ```
 */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { kind = "auto", onNotice, isa } = options;
  if (!KINDS.includes(kind)) {
    throw new InputError({ where: "kind", came: `"${kind}"`, expected: `one of ${KINDS.join(", ")}` });
  }
  const threads = checkCount("threads", options.threads ?? processors());
  const shards = checkCount("shards", options.shards ?? LIMITS.defaultShards);
  if (kind === "reference") return createReferenceEngine();
  if (kind !== "wasm") {
    const kernel = await findKernel(options.native);
    if (typeof kernel !== "string") {
      const native = startNative(kernel, threads, isa, onNotice);
      if ("dispose" in native) return createTapeEngine(native, shards, NATIVE_FIRST_LINE);
      if (kind === "native") throw native;
      onNotice?.(`the native kernel could not be started (${native.message}): running on WebAssembly`);
    } else if (kind === "native") {
      throw new InputError({
        where: "kind",
        came: `"native", but ${kernel}`,
        expected: "a native kernel on this machine",
        fix: `install a C++ compiler and ${NATIVE_PACKAGE}, or take kind "wasm"`,
      });
    } else {
      onNotice?.(`no native kernel on this machine (${kernel}): running on WebAssembly`);
    }
  }
  const wasm = await createWasmHost({ threads, isa: kind === "auto" ? undefined : isa, onNotice });
  return createTapeEngine(wasm.host, shards, wasm.firstLine);
}
