import { describe, expect, it } from "vitest";
import { traceField, traceLoss } from "../graph/exactTrace.testing.ts";
import { createProgram, type Program, scale, softplus } from "../graph/index.ts";
import { createRandom, normalOf, report } from "../graph/values.testing.ts";
import type { Engine } from "./engine.ts";
import { executors, kernels, requireKernels } from "./engines.testing.ts";
import { workload } from "./workload.testing.ts";

const random = createRandom(17);
const draw = (n: number, size = 1): Float32Array => Float32Array.from({ length: n }, () => size * normalOf(random));
const sizeOf = (program: Program): number => program.parameters.reduce((n, p) => n + (p.rows as number) * p.cols, 0);

const field = traceField({ d: 3, H1: 20, H2: 17, activation: 1 });
const programs: readonly Program[] = [
  workload({ d: 3, H: 33, steps: 1 }),
  createProgram({
    name: "exact trace",
    parameters: field.parameters,
    loss: traceLoss(field, 1),
    outputs: { v: field.velocity(field.x) },
    means: { x: field.x },
    values: { K: softplus(scale(field.parameters[0], 2)) },
  }),
];
const inputs = { x: draw(1000 * 3), eps: draw(1000 * 3) };
const weights = programs.map((program) => draw(sizeOf(program), 0.3));
const indices = Int32Array.from({ length: 1000 }, () => Math.floor(1000 * random()));

/** Everything a run gives back, as bits: values, gradient, outputs, and the state after two steps of the optimiser. */
function bitsOf(engine: Engine, k: number, batch: number): string {
  const executable = engine.load(programs[k]);
  const parameters = engine.parameters(weights[k]);
  const tables = Object.fromEntries(
    programs[k].inputs.map(({ at }) => [at.name!, engine.table(1000, 3, inputs[at.name as "x" | "eps"])]),
  );
  const outputs = Object.fromEntries(
    programs[k].outputs.map(({ name, node }) => [name, engine.table(batch, node.cols)]),
  );
  const run = { parameters, inputs: tables, outputs, indices: indices.subarray(0, batch) };
  const { values, gradient } = executable.gradient(run);
  const steps = [1, 2].map(() => executable.step(run, { learningRate: 1e-3, weightDecay: 0.01, clip: 1 }).gradientNorm);
  const { values: after, firstMoment, secondMoment } = parameters.state();
  const all = [...Object.values(values), gradient, after, firstMoment, secondMoment, Float64Array.from(steps)];
  for (const table of Object.values(outputs)) all.push(table.read());
  executable.dispose();
  parameters.dispose();
  for (const table of [...Object.values(tables), ...Object.values(outputs)]) table.dispose();
  return all.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString("base64")).join("|");
}

describe("the same bits", () => {
  requireKernels();
  for (const { name, create } of kernels) {
    it(`${name}: at 1, 2, 3 and 4 threads, twice in a row, for batches of 1, 5, 100 and 1000`, async () => {
      const engines = await Promise.all([1, 2, 3, 4].map((threads) => create({ threads })));
      for (const batch of [1, 5, 100, 1000]) {
        for (const k of programs.keys()) {
          const [first, ...others] = engines.flatMap((engine) => [bitsOf(engine, k, batch), bitsOf(engine, k, batch)]);
          for (const bits of others) expect(bits === first, `program ${k}, batch ${batch}`).toBe(true);
        }
      }
      for (const engine of engines) engine.dispose();
    });
  }
});

describe("rows do not see one another", () => {
  for (const { name, create } of executors) {
    it(`${name}: a row of a whole-table run equals the run of that row alone`, async () => {
      const engine = await create({ threads: 2 });
      const forward = createProgram({
        name: "forward",
        parameters: field.parameters,
        outputs: { v: field.velocity(field.x), divergence: field.divergence(field.x) },
      });
      const executable = engine.load(forward);
      const x = engine.table(1000, 3, inputs.x);
      const parameters = engine.parameters(weights[1]);
      const [v, divergence] = [engine.table(1000, 3), engine.table(1000, 1)];
      executable.run({ parameters, inputs: { x }, outputs: { v, divergence } });
      const [all, traces] = [v.read(), divergence.read()];
      let worst = 0;
      for (let i = 0; i < 1000; i += 27) {
        const [one, two] = [engine.table(1, 3), engine.table(1, 1)];
        executable.run({ parameters, inputs: { x }, indices: Int32Array.of(i), outputs: { v: one, divergence: two } });
        const alone = [...one.read(), ...two.read()];
        const size = Math.max(...alone.map(Math.abs));
        [...all.subarray(3 * i, 3 * i + 3), traces[i]].forEach((u, k) => {
          worst = Math.max(worst, Math.abs(u - alone[k]) / size);
        });
        one.dispose();
        two.dispose();
      }
      report(`${name}: row alone`, worst);
      expect(worst).toBeLessThanOrEqual(1e-6); // float32 sums in another order at most
      engine.dispose();
    });
  }
});
