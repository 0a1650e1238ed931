/**
 * Threads of the WebAssembly engine: workers on the same memory that share the tasks of each phase.
 *
 * LEFT counts down the tasks nobody took yet, DONE counts up those that are finished. Who lowers LEFT by compare and exchange
 * owns a task, and the phase lasts at least until that task is in DONE. So a worker that wakes late, or never, delays
 * nobody, and no phase waits for a worker that the system does not run.
 */

/** Control words: int32 at the start of memory. Words that threads spin on have a cache line each. */
export const WORDS = {
  GENERATION: 0,
  LEFT: 16,
  DONE: 32,
  COUNT: 48,
  JOB: 49,
  PHASE: 50,
  FAILED: 51,
  COUNT_OF_WORDS: 64,
} as const;

/** Loads before a thread goes to sleep, about 50 microseconds: phases follow one another faster than that. */
const SPINS = 20_000;

export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly stackTop: (thread: number) => number;
}

export interface Threads {
  /** Run tasks 0 ... count - 1 of a phase; `task` is the kernel on the calling thread. */
  run(job: number, phase: number, count: number, task: (index: number) => void): void;
  end(): void;
}

/** What is used of a worker, in Node and in browsers. */
interface Thread {
  started: Promise<void>;
  end(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: the library has no types of Node
const node = (): any =>
  (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process?.getBuiltinModule?.(
    "node:worker_threads",
  );

function startThread(message: unknown): Thread {
  const workers = node();
  if (workers === undefined) {
    // bundlers know a worker by exactly this expression
    const worker = new Worker(new URL("./wasmWorker.js", import.meta.url), { type: "module" });
    const started = new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || "its file could not be loaded"));
    });
    worker.postMessage(message);
    return { started, end: () => worker.terminate() };
  }
  // standard streams of a worker pass through the main thread and would keep handles open; the worker writes nothing
  const worker = new workers.Worker(new URL("./wasmWorker.js", import.meta.url), {
    stdout: true,
    stderr: true,
    execArgv: [],
  });
  const started = new Promise<void>((resolve, reject) => {
    worker.once("message", () => {
      worker.unref(); // from now on it must not keep the process alive
      resolve();
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("it ended at once")));
  });
  worker.postMessage(message);
  return { started, end: () => void worker.terminate() };
}

/** False on the main thread of a page, where sleeping is forbidden. */
function canSleep(control: Int32Array): boolean {
  try {
    Atomics.wait(control, WORDS.FAILED, -1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Start `threads - 1` workers. Rejects when one cannot be started; the others are ended then. */
export async function startThreads(threads: number, { module, memory, stackTop }: ThreadStart): Promise<Threads> {
  const control = new Int32Array(memory.buffer, 0, WORDS.COUNT_OF_WORDS);
  const others = Array.from({ length: threads - 1 }, (_, i) =>
    startThread({ module, memory, thread: i + 1, words: WORDS, stackTop: stackTop(i + 1), spins: SPINS }),
  );
  const end = (): void => {
    for (const thread of others) thread.end();
  };
  try {
    await Promise.all(others.map((thread) => thread.started));
  } catch (error) {
    end();
    throw error;
  }
  const sleeps = canSleep(control);

  const run: Threads["run"] = (job, phase, count, task) => {
    control[WORDS.JOB] = job;
    control[WORDS.PHASE] = phase;
    control[WORDS.COUNT] = count;
    Atomics.store(control, WORDS.DONE, 0);
    Atomics.store(control, WORDS.LEFT, count);
    Atomics.add(control, WORDS.GENERATION, 1);
    Atomics.notify(control, WORDS.GENERATION);
    for (let left: number; (left = Atomics.load(control, WORDS.LEFT)) > 0; ) {
      if (Atomics.compareExchange(control, WORDS.LEFT, left, left - 1) !== left) continue;
      task(count - left);
      Atomics.add(control, WORDS.DONE, 1);
    }
    for (let spins = 0, done: number; (done = Atomics.load(control, WORDS.DONE)) < count; spins++) {
      if (sleeps && spins > SPINS) Atomics.wait(control, WORDS.DONE, done);
    }
    if (Atomics.load(control, WORDS.FAILED) !== 0) throw new Error("a thread of the WebAssembly kernel failed");
  };
  return { run, end };
}
