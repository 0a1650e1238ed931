/**
 * A thread of the WebAssembly engine. Plain JavaScript, because it is loaded as a file of its own; `words` are the control
 * words of wasmThreads.ts. It sleeps until the generation changes, and helps while tasks remain.
 */
const port = globalThis.process?.getBuiltinModule?.("node:worker_threads")?.parentPort ?? globalThis;

port.onmessage = ({ data: { module, memory, thread, words, stackTop, spins } }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports.__stack_pointer.value = stackTop;
  const control = new Int32Array(memory.buffer, 0, words.COUNT_OF_WORDS);

  const help = () => {
    for (let left; (left = Atomics.load(control, words.LEFT)) > 0; ) {
      if (Atomics.compareExchange(control, words.LEFT, left, left - 1) !== left) continue;
      // the phase cannot end before this task is done, so its words may be read now and not earlier
      const count = control[words.COUNT];
      try {
        exports.jko_task(0, control[words.JOB], control[words.PHASE], count - left, thread);
      } catch {
        Atomics.store(control, words.FAILED, 1);
      }
      if (Atomics.add(control, words.DONE, 1) === count - 1) Atomics.notify(control, words.DONE);
    }
  };

  let seen = Atomics.load(control, words.GENERATION);
  port.postMessage("ready");
  for (;;) {
    for (let i = 0; i < spins && Atomics.load(control, words.GENERATION) === seen; i++);
    Atomics.wait(control, words.GENERATION, seen);
    seen = Atomics.load(control, words.GENERATION);
    help();
  }
};
