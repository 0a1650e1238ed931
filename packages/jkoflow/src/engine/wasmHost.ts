/** WebAssembly as a host: the kernel on one thread in memory of its own, or on several in shared memory. */
import { InputError } from "../errors/index.ts";
import type { Host, HostArray } from "./host.ts";
import { noRoom, systemCode } from "./noRoom.ts";
import { PHASES } from "./tape.ts";
import { chooseIsa, compileKernel } from "./wasmModule.ts";
import { startThreads, type Threads } from "./wasmThreads.ts";

const LINE = 64;
const PAGE = 65536;
/** Bytes of stack per thread; the kernel needs about 2 KiB. */
const STACK = PAGE;
/** All that 32-bit addresses reach. Devices that do not grant so much address space are asked for less. */
const LARGEST_PAGES = [65536, 32768, 16384, 8192, 4096];

interface KernelExports {
  readonly jko_tasks: (memory: number, job: number, phase: number) => number;
  readonly jko_task: (memory: number, job: number, phase: number, task: number, thread: number) => void;
  readonly __stack_pointer: WebAssembly.Global;
}

/** A host, and the first line of memory that is not its own. */
export interface WasmHost {
  readonly host: Host;
  readonly firstLine: number;
}

export interface WasmHostOptions {
  readonly threads: number;
  /** "simd128" or "relaxed"; default the best there is. */
  readonly isa?: string;
  readonly onNotice?: (line: string) => void;
}

function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  for (const maximum of LARGEST_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: pages, maximum, shared });
    } catch {}
  }
  throw noRoom();
}

/** The first page holds the control words; then one stack per thread, each growing down to the one before. */
const stackTop = (thread: number): number => PAGE + (thread + 1) * STACK;

function hostOn(
  memory: WebAssembly.Memory,
  kernel: KernelExports,
  kernelId: string,
  count: number,
  threads?: Threads,
): Host {
  let disposed = false;
  // growing leaves old buffers behind
  let bytes = new Uint8Array(memory.buffer);
  const at = (line: number, values: HostArray): Uint8Array => {
    if (disposed) throw new Error("engine is disposed");
    return bytes.subarray(line * LINE, line * LINE + values.byteLength);
  };
  const bytesOf = (values: HostArray): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const grow = (wanted: number): void => {
    const have = bytes.byteLength / PAGE;
    const need = Math.ceil(wanted / PAGE) - have;
    // by a quarter at least: some hosts copy everything at each growth; pages cost nothing before they are written
    for (const more of [Math.max(need, Math.ceil(have / 4)), need]) {
      try {
        memory.grow(more);
        bytes = new Uint8Array(memory.buffer);
        return;
      } catch {}
    }
    throw new InputError({
      where: "engine memory",
      came: `${Math.round(wanted / 2 ** 20)} MB`,
      expected: "what WebAssembly can address (at most 4096 MB)",
      fix: "use smaller tables or the native kernel",
    });
  };
  return {
    kind: "wasm",
    kernelId,
    threads: count,
    reserve: (wanted) => {
      if (disposed) throw new Error("engine is disposed");
      if (wanted > bytes.byteLength) grow(wanted);
    },
    write: (line, values) => at(line, values).set(bytesOf(values)),
    read: (line, into) => bytesOf(into).set(at(line, into)),
    execute: (line) => {
      if (disposed) throw new Error("engine is disposed");
      for (let phase = 0; phase < PHASES; phase++) {
        const tasks = kernel.jko_tasks(0, line, phase);
        if (threads !== undefined && tasks > 1) {
          threads.run(line, phase, tasks, (task) => kernel.jko_task(0, line, phase, task, 0));
        } else {
          for (let task = 0; task < tasks; task++) kernel.jko_task(0, line, phase, task, 0);
        }
      }
    },
    dispose: () => {
      if (disposed) return;
      disposed = true;
      threads?.end();
      bytes = new Uint8Array(0);
    },
  };
}

/** The kernel on WebAssembly. Where threads are not to be had it runs on one, and says so in one line. */
export async function createWasmHost({ threads, isa, onNotice }: WasmHostOptions): Promise<WasmHost> {
  const chosen = await chooseIsa(isa);
  const start = async (count: number): Promise<WasmHost> => {
    const shared = count > 1;
    const module = await compileKernel(chosen, shared ? "shared" : "own");
    const memory = createMemory(stackTop(count - 1) / PAGE, shared);
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    const kernel = instance.exports as unknown as KernelExports;
    kernel.__stack_pointer.value = stackTop(0);
    const pool = shared ? await startThreads(count, { module, memory, stackTop }) : undefined;
    const host = hostOn(memory, kernel, `wasm-f32-${chosen}`, count, pool);
    return { host, firstLine: stackTop(count - 1) / LINE };
  };
  if (threads > 1 && typeof SharedArrayBuffer === "undefined") {
    onNotice?.("this page is not cross-origin isolated, so it has no shared memory: running on one thread");
    return start(1);
  }
  if (threads === 1) return start(1);
  try {
    return await start(threads);
  } catch (error) {
    if (error instanceof InputError || systemCode(error) === "ENOMEM") throw error;
    onNotice?.(`threads could not be started (${(error as Error).message}): running on one thread`);
    return start(1);
  }
}
