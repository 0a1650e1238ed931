/**
 * A training step (W, or one of OT-Flow) with this library, as a peer of the benchmark `step`: one argument, the task as JSON. Writes its first
 * gradient, answers with a line when it is ready, then runs as many steps as each line of input says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { createEngine } from "../../packages/jkoflow/src/engine/createEngine.ts";
import { workload } from "../../packages/jkoflow/src/engine/workload.testing.ts";
import { hjb, likelihood, sum, transport } from "../../packages/jkoflow/src/functionals/index.ts";
import type { Program } from "../../packages/jkoflow/src/graph/index.ts";
import { trainingProgram, weightScalars } from "../../packages/jkoflow/src/maps/index.ts";
import type { PeerAnswer, PeerTask } from "../parts/peer.ts";

/** OT-Flow's settings for MINIBOONE: 6 steps, alpha = (1, 100, 15). */
const OTFLOW = { steps: 6, objective: sum([100, likelihood()], [1, transport()], [15, hjb()]) };

const { B, d, H, workload: work, kind, threads, inputs, gradient, warmups }: PeerTask = JSON.parse(process.argv[2]);

const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};
const building = process.cpuUsage();
const otflow = (): Program =>
  trainingProgram(
    { field: { kind: "potential", dimension: d, width: H }, divergence: "exact" },
    OTFLOW.steps,
    "plain",
    OTFLOW.objective.terms,
  );
const program = work === "block" ? workload({ d, H }) : otflow();
const buildMs = cpuMs(building);
const engine = await createEngine({ kind: kind as "native" | "wasm", threads });
if (engine.kind !== kind) throw new Error(`asked for ${kind}, the engine is ${engine.kind}`);
const loading = process.cpuUsage();
const executable = engine.load(program);
const loadMs = cpuMs(loading);

const bytes = readFileSync(inputs);
const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
const tables = Object.fromEntries(
  (work === "block" ? ["x", "eps"] : ["x"]).map((name, i) => [
    name,
    engine.table(B, d, numbers.subarray(i * B * d, (i + 1) * B * d)),
  ]),
);
const batch = {
  inputs: tables,
  parameters: engine.parameters(numbers.subarray(Object.keys(tables).length * B * d)),
  scalars: work === "block" ? {} : weightScalars(OTFLOW.objective),
};
writeFileSync(gradient, executable.gradient(batch).gradient);
const step = () => executable.step(batch, { learningRate: 1e-3 });
for (let i = 0; i < warmups; i++) step();
console.log(
  JSON.stringify({ ready: `${engine.kernelId}, graph ${buildMs.toFixed(0)} ms, load ${loadMs.toFixed(0)} ms (CPU)` }),
);

for await (const line of createInterface({ input: process.stdin })) {
  const answer: PeerAnswer = { wallMs: [], cpuMs: [], peakMiB: 0 };
  for (let i = 0; i < Number(line); i++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    step();
    answer.wallMs.push(performance.now() - start);
    answer.cpuMs.push(cpuMs(cpu));
  }
  answer.peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify(answer));
}
engine.dispose();
