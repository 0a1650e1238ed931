/** What the browser test computes on both sides: the gradient of the workload W on WebAssembly, as a hash of its bits. */
import { createEngine } from "../src/engine/createEngine.ts";
import { workload } from "../src/engine/workload.testing.ts";

export interface Outcome {
  readonly kernelId: string;
  readonly threads: number;
  readonly notices: readonly string[];
  /** SHA-256 of the gradient's bytes. */
  readonly hash: string;
}

const ROWS = 100;
/** Numbers in [-1/2, 1/2) by Lehmer's generator: exact in every JavaScript engine. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5);
}

export async function gradientHash(threads: number, isa?: string): Promise<Outcome> {
  const notices: string[] = [];
  const engine = await createEngine({ kind: "wasm", threads, isa, onNotice: (line) => notices.push(line) });
  const program = workload({ d: 3, H: 33 });
  const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);
  const inputs = { x: engine.table(ROWS, 3, numbers(3 * ROWS, 1)), eps: engine.table(ROWS, 3, numbers(3 * ROWS, 2)) };
  const executable = engine.load(program);
  const { gradient } = executable.gradient({ parameters: engine.parameters(numbers(size, 3)), inputs });
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(gradient.buffer as ArrayBuffer));
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const outcome = { kernelId: engine.kernelId, threads: engine.threads, notices, hash };
  engine.dispose();
  return outcome;
}
