/** Golden values: independent float64 codes (nn/potential.testing.ts), under the names of the authors' checkpoints. */
import { afterAll, expect, it } from "vitest";
import { createTable } from "../data/index.ts";
import { createEngine } from "../engine/index.ts";
import { type Tensor, writeSafetensors } from "../io/index.ts";
import { goldenParameters, tiny } from "../nn/potential.testing.ts";
import { importOtFlow } from "./importOtFlow.ts";
import { openModel } from "./openModel.ts";

const engine = await createEngine({ threads: 1 });
afterAll(() => engine.dispose());

/** In the order of our flat array. */
const shapes: readonly (readonly [string, readonly number[]])[] = [
  ["N.layers.0.weight", [3, 3]],
  ["N.layers.0.bias", [3]],
  ["N.layers.1.weight", [3, 3]],
  ["N.layers.1.bias", [3]],
  ["N.layers.2.weight", [3, 3]],
  ["N.layers.2.bias", [3]],
  ["w.weight", [1, 3]],
  ["A", [2, 3]],
  ["c.weight", [1, 3]],
  ["c.bias", [1]],
];
function checkpoint(leftOut?: string): Uint8Array {
  const theta = Float32Array.from(goldenParameters(49));
  const tensors = new Map<string, Tensor>();
  let at = 0;
  for (const [name, shape] of shapes) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (name !== leftOut) tensors.set(name, { shape: [...shape], data: theta.slice(at, at + size) });
    at += size;
  }
  return writeSafetensors({ tensors, metadata: {} });
}
const data = createTable(Float32Array.from(tiny.x.flat()), ["a", "b"]);

it("an imported checkpoint has the densities of the code it comes from", () => {
  const model = openModel(engine, importOtFlow(engine, checkpoint(), { data, steps: 8 }));
  const mean = model.logProb(data).reduce((sum, x) => sum + x / 2, 0);
  expect(Math.abs(-mean - tiny.byNt[8].C)).toBeLessThan(2e-5); // float32
  model.dispose();
});

it("what is missing or of another shape is named", () => {
  expect(() => importOtFlow(engine, checkpoint("w.weight"), { data })).toThrow("w.weight");
  const wide = createTable(new Float32Array(6), ["a", "b", "c"]);
  expect(() => importOtFlow(engine, checkpoint(), { data: wide })).toThrow("N.layers.0.weight");
});
