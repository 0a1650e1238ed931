import { describe, expect, test } from "vitest";
import { InputError } from "../errors/index.ts";
import { solve } from "./index.ts";
import { nonAutonomous } from "./problems.testing.ts";

const exact = (t: number): number => Math.exp(Math.sin(t));
const one = Float64Array.of(1);

describe("dense output", () => {
  // Largest error at that place of a step, over the steps of [0, 2] with 8 ... 64 steps: an independent NumPy code.
  test.each([
    [0.25, [2.315984835465912e-6, 7.11066792113968e-8, 2.2026496182547817e-9, 6.817701958539146e-11]],
    [0.5, [7.695464572243793e-7, 2.2525748821777825e-8, 6.589107037768827e-10, 1.9808155116152193e-11]],
    [0.8, [1.5723216275631557e-6, 5.05244610593536e-8, 1.5744130443806625e-9, 4.89306373196996e-11]],
  ])("has order 5 at theta = %d", (theta, wanted) => {
    const errors = [8, 16, 32, 64].map((count) => {
      const { dense, times } = solve(nonAutonomous, one, {
        from: 0,
        to: 2,
        method: "dopri5",
        steps: { count },
        dense: true,
      });
      const inside = times.slice(1).map((t, k) => times[k] + theta * (t - times[k]));
      return Math.max(...inside.map((t) => Math.abs(dense!(t)[0] - exact(t))));
    });
    errors.forEach((error, k) => {
      expect(Math.abs(error - wanted[k])).toBeLessThan(1e-6 * wanted[k] + 1e-14);
      if (k > 0) expect(Math.abs(Math.log2(errors[k - 1] / error) - 5)).toBeLessThan(0.2);
    });
  });

  test.each([
    [0, 5],
    [5, 0],
  ])("of adaptive steps from %d to %d changes no step and no digit of the ends", (from, to) => {
    const options = { from, to, method: "dopri5", adaptive: { rtol: 1e-8, atol: 1e-11 } };
    const y0 = Float64Array.of(exact(from));
    const plain = solve(nonAutonomous, y0, options);
    const at = [4.9, 2.5, 0, 5, 1.1, 2.5];
    const { dense, ys, times, y, stats } = solve(nonAutonomous, y0, { ...options, at, dense: true });
    expect(times).toEqual(plain.times);
    expect(stats).toEqual(plain.stats);
    expect(dense!(from)).toEqual(y0);
    expect(dense!(to)).toEqual(y);
    ys!.forEach((value, k) => {
      expect(value).toEqual(dense!(at[k]));
      expect(Math.abs(value[0] - exact(at[k]))).toBeLessThan(1e-7);
    });
    for (const t of [-0.001, 5.001, Number.NaN]) expect(() => dense!(t)).toThrow(InputError);
  });

  test("states on the grid come from any method", () => {
    const at = [1 / 3, 1, 0.3, 0];
    const { ys, y } = solve(nonAutonomous, one, { from: 0, to: 1, method: "rk4", steps: { count: 30 }, at });
    ys!.forEach((value, k) => {
      expect(value[0]).toBeCloseTo(exact(at[k]), 6);
    });
    expect(ys![1]).toEqual(y);
    expect(ys![3]).toEqual(one);
  });
});
