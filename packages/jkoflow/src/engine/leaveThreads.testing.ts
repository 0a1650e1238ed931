/** A program of its own for `lifecycle.test.ts`: runs an engine with threads, does not dispose it, and ends. */
import { createEngine } from "./createEngine.ts";
import { workload } from "./workload.testing.ts";

declare const process: { readonly argv: readonly string[] };

const [kind, end] = process.argv.slice(2) as ["native" | "wasm", "left" | "disposed"];
const engine = await createEngine({ kind, threads: 3 });
const program = workload({ d: 2, H: 8, steps: 1 });
const size = program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);
const inputs = { x: engine.table(200, 2), eps: engine.table(200, 2) };
const { values } = engine.load(program).gradient({ parameters: engine.parameters(new Float32Array(size)), inputs });
if (end === "disposed") engine.dispose();
console.log(`loss ${values.loss[0]} on ${engine.threads} threads`);
