import { describe, expect, test } from "vitest";
import { solve, type VectorField } from "./index.ts";
import * as problems from "./problems.testing.ts";

type Field = VectorField<Float64Array>;

describe("rows share a step", () => {
  /** y_i' = w_i y_i cos(w_i t); w = 8 in the last row, 1 in the others. */
  const batch = (rows: number, norm: "max-row" | "rms") => {
    const field: Field = (t, y) =>
      y.map((value, i) => (i === rows - 1 ? 8 * value * Math.cos(8 * t) : value * Math.cos(t)));
    const y0 = new Float64Array(rows).fill(1);
    const options = { from: 0, to: 1, method: "dopri5", rows, adaptive: { rtol: 1e-6, atol: 1e-9, norm } };
    return solve(field, y0, options);
  };

  test.each([
    [2, "rms", 27, 8, 212, 3.454763473076383e-6],
    [2, "max-row", 28, 8, 218, 2.6401104675777276e-6],
    [20, "rms", 22, 6, 170, 9.995527114003977e-6],
    [20, "max-row", 28, 8, 218, 2.6401104675777276e-6],
    [200, "rms", 18, 6, 146, 3.812167812089484e-6],
    [2000, "rms", 15, 4, 116, 7.526035254601382e-5],
    [2000, "max-row", 28, 8, 218, 2.6401104675777276e-6],
  ] as const)(
    "%i rows, %s: the published counts and the fast row's error",
    (rows, norm, accepted, rejected, nfe, error) => {
      const { y, stats } = batch(rows, norm);
      expect(stats).toMatchObject({ accepted, rejected, nfe });
      const seen = Math.abs(y[rows - 1] - Math.exp(Math.sin(8)));
      expect(Math.abs(seen / error - 1)).toBeLessThan(1e-6);
    },
  );

  test("mild rows change no accepted time with max-row, an uncounted column neither", () => {
    expect(batch(2000, "max-row").times).toEqual(batch(2, "max-row").times);
    const plain = solve(problems.nonAutonomous, Float64Array.of(1), {
      from: 0,
      to: 5,
      method: "dopri5",
      adaptive: { rtol: 1e-6, atol: 1e-9 },
    });
    const field: Field = (t, y) => [y[0] * Math.cos(t), 1e12 * Math.sin(1e3 * t)];
    const tolerance = { rtol: 1e-6, atol: 1e-9, inErrorNorm: [true, false] };
    const options = { from: 0, to: 5, method: "dopri5", adaptive: tolerance };
    expect(solve(field, Float64Array.of(1, 1e12), options).times).toEqual(plain.times);
  });
});
