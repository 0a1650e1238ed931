/** Powers against JavaScript's, slopes against finite differences, and what float32 leaves of them. */
import { describe, expect, it } from "vitest";
import { kernels, requireKernels } from "../engine/engines.testing.ts";
import { columnSum, createGraph, createProgram, gradient, pow } from "./index.ts";
import { createRandom, distance, evaluator, slopeOf } from "./values.testing.ts";

const exponents = [0, 1, 2, 3, 7, -1, -2, 0.5, 1.5, -0.5, 0.3, -1.7, Math.PI];

const valuesOf = (n: number, x: number): readonly [value: number, slope: number] => {
  const graph = createGraph();
  const rows = graph.rows("x", 1);
  const y = pow(rows, n);
  const [slope] = gradient(columnSum(y), [rows]);
  const at = new Map([[rows, { rows: 1, cols: 1, data: Float64Array.of(x) }]]);
  return [evaluator(y, 1)(at).data[0], evaluator(slope, 1)(at).data[0]];
};

describe("x^n", () => {
  requireKernels();
  it.each(exponents)("n = %f", (n) => {
    for (const x of [0.2, 0.9, 1, 3.7]) {
      const [value, slope] = valuesOf(n, x);
      expect(distance(value, x ** n)).toBeLessThan(1e-14);
      expect(
        distance(
          slope,
          slopeOf((e) => (x + e) ** n),
        ),
      ).toBeLessThan(1e-6);
    }
  });

  it("whole powers of negative numbers", () => {
    expect(valuesOf(3, -2)).toEqual([-8, 12]);
    expect(valuesOf(-2, -2)[0]).toBe(0.25);
  });

  it("in float32: roundings of the products, or of the exponent", async () => {
    const random = createRandom(3);
    const x = Float32Array.from({ length: 5000 }, () => 10 ** (4 * random() - 2));
    for (const { create } of kernels) {
      const engine = await create();
      for (const n of exponents) {
        const graph = createGraph();
        const program = engine.load(createProgram({ name: "pow", outputs: { y: pow(graph.rows("x", 1), n) } }));
        const [inputs, outputs] = [engine.table(x.length, 1, x), engine.table(x.length, 1)];
        program.run({ inputs: n === 0 ? {} : { x: inputs }, rows: x.length, outputs: { y: outputs } });
        const y = outputs.read();
        let worst = 0;
        for (let i = 0; i < x.length; i++) {
          // A unit of each product and root; of exp(n log x) one of the exponent, which is |n log x| units of the result.
          const allowed = 2 ** -24 * (2 * Math.abs(n) + 4 + 3 * Math.abs(n * Math.log(x[i])));
          worst = Math.max(worst, Math.abs(y[i] / x[i] ** n - 1) / allowed);
        }
        expect(worst, `n = ${n}`).toBeLessThan(1);
      }
      engine.dispose();
    }
  });
});
