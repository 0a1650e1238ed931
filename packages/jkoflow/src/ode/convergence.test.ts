import { describe, expect, test } from "vitest";
import { report } from "../graph/values.testing.ts";
import { convergence } from "./golden.testing.ts";
import { type SolveOptions, solve, tableaus, type VectorField } from "./index.ts";
import * as problems from "./problems.testing.ts";

type Field = VectorField<Float64Array>;

const end = (field: Field, y0: readonly number[], from: number, to: number, method: string, count: number) =>
  solve(field, Float64Array.from(y0), { from, to, method, steps: { count } });

/** Orders of the methods, and of the way there and back with equal steps (leading errors of even orders cancel). */
const orders: Readonly<Record<string, readonly [there: number, roundTrip: number]>> = {
  euler: [1, 1],
  midpoint: [2, 3],
  rk4: [4, 5],
  "rk4-38": [4, 5],
  dopri5: [5, 5],
};
const counts = [8, 16, 32, 64, 128];

/**
 * Steps with a clean order: the next term of the error moves the slope by at most 0.1 (0.2 for dopri5), and the smallest
 * error is at least a hundred times rounding. A round trip has one order more, so rounding meets it earlier.
 */
const clean: Readonly<Record<string, readonly [oneWay: readonly number[], roundTrip: readonly number[]]>> = {
  euler: [
    [128, 192, 256, 384, 512],
    [128, 192, 256, 384, 512],
  ],
  midpoint: [
    [128, 192, 256, 384, 512],
    [128, 192, 256, 384, 512],
  ],
  rk4: [
    [96, 128, 192, 256, 384],
    [48, 64, 96, 128, 192],
  ],
  "rk4-38": [
    [96, 128, 192, 256, 384],
    [48, 64, 96, 128, 192],
  ],
  dopri5: [
    [48, 64, 80, 96],
    [48, 64, 80, 96],
  ],
};
/** Asked of orders: rk4 4.0 +- 0.1, dopri5 5.0 +- 0.2. */
const within = (method: string): number => (method === "dopri5" ? 0.2 : 0.1);

/** The observed order; figures are printed with FIGURES=1. */
function expectOrder(what: string, method: string, steps: readonly number[], errors: readonly number[], order: number) {
  const observed = problems.slope(steps, errors);
  report(`${method}, ${what}: order`, observed);
  expect(Math.min(...errors)).toBeGreaterThan(4e-14);
  expect(Math.abs(observed - order)).toBeLessThan(within(method));
}

const ends = { A: [2.4825777280150008], B: [0.9064928489236831, 1.643175498904144] };
const starts = { A: [1], B: [1.5, 0.7] };
const fields = { A: problems.nonAutonomous, B: problems.lotkaVolterra };

describe.each(Object.keys(tableaus))("%s", (method) => {
  describe.each(["A", "B"] as const)("problem %s", (problem) => {
    const results = counts.map((count) => {
      const there = end(fields[problem], starts[problem], 0, 2, method, count);
      const back = end(fields[problem], Array.from(there.y), 2, 0, method, count);
      return [problems.distance(there.y, ends[problem]), problems.distance(back.y, starts[problem])];
    });

    test("has the errors of an independent code, there and back", () => {
      results.forEach((pair, k) => {
        // The exact end is rounded, and 128 steps add up rounding: 1e-13 absolute.
        pair.forEach((error, way) => {
          const wanted = convergence[method][problem][way][k];
          expect(Math.abs(error - wanted)).toBeLessThan(1e-6 * wanted + 1e-13);
        });
      });
    });

    test("converges with its order in both directions, and the round trip with its own", () => {
      const [field, start, last] = [fields[problem], starts[problem], ends[problem]];
      const [oneWay, roundTrip] = clean[method];
      const [order, back] = orders[method];
      const there = oneWay.map((n) => problems.distance(end(field, start, 0, 2, method, n).y, last));
      const backward = oneWay.map((n) => problems.distance(end(field, last, 2, 0, method, n).y, start));
      const both = roundTrip.map((n) => {
        const { y } = end(field, start, 0, 2, method, n);
        return problems.distance(end(field, Array.from(y), 2, 0, method, n).y, start);
      });
      expectOrder(`problem ${problem}, forward`, method, oneWay, there, order);
      expectOrder(`problem ${problem}, backward`, method, oneWay, backward, order);
      expectOrder(`problem ${problem}, there and back`, method, roundTrip, both, back);
    });
  });

  test.each([
    ["forward", 0, 1],
    ["backward", 1, 0],
  ])("has its order on a random 10 x 10 system against the matrix exponential, %s", (direction, from, to) => {
    const next = problems.createRandom(7);
    const matrix = Array.from({ length: 100 }, next);
    const y0 = Array.from({ length: 10 }, next);
    const exact = problems.exponential(matrix, to - from, y0);
    const field: Field = (_t, y) => problems.apply(matrix, y);
    const steps = method === "dopri5" ? [8, 12, 16, 24, 32] : [64, 96, 128, 192, 256];
    const errors = steps.map((count) => problems.distance(end(field, y0, from, to, method, count).y, exact));
    expectOrder(`10 x 10 system, ${direction}`, method, steps, errors, orders[method][0]);
  });

  test.each([
    ["forward", 0, 2],
    ["backward", 2, 0],
  ])("has its order on a non-linear, non-autonomous problem, %s", (direction, from, to) => {
    // y' = 2 t y (1 - y), y = 1 / (1 + exp(-t^2)); its error constants do not cancel in either direction.
    const field: Field = (t, y) => [2 * t * y[0] * (1 - y[0])];
    const exact = (t: number): number => 1 / (1 + Math.exp(-t * t));
    const steps = method === "dopri5" ? [48, 64, 96, 128, 192] : [96, 128, 192, 256, 384];
    const errors = steps.map((count) => Math.abs(end(field, [exact(from)], from, to, method, count).y[0] - exact(to)));
    expectOrder(`logistic, ${direction}`, method, steps, errors, orders[method][0]);
  });

  test("multiplies by its stability polynomial", () => {
    const taylor = (z: number, n: number): number =>
      Array.from({ length: n }).reduce<number>((s, _, k) => 1 + (z / (n - k)) * s, 1);
    const polynomial: Readonly<Record<string, (z: number) => number>> = {
      euler: (z) => taylor(z, 1),
      midpoint: (z) => taylor(z, 2),
      rk4: (z) => taylor(z, 4),
      "rk4-38": (z) => taylor(z, 4),
      dopri5: (z) => taylor(z, 5) + z ** 6 / 600,
    };
    for (const lambda of [-1.3, 0.8]) {
      for (const n of [1, 4, 10]) {
        const wanted = polynomial[method](lambda / n) ** n;
        const { y } = end((_, v) => [lambda * v[0]], [1], 0, 1, method, n);
        expect(Math.abs(y[0] / wanted - 1)).toBeLessThan(1e-14);
      }
    }
  });

  test("backward is, bit for bit, forward with -f(-t, y)", () => {
    const both = [
      end(problems.nonAutonomous, [1.3], 2, -0.7, method, 13).y,
      end((t, y) => [-(y[0] * Math.cos(-t))], [1.3], -2, 0.7, method, 13).y,
    ];
    expect(both[0]).toEqual(both[1]);
    const f32 = (field: VectorField<Float32Array>, options: SolveOptions) =>
      solve(field, Float32Array.of(1.3), options);
    const steps = { count: 9 };
    const a = f32((t, y) => [y[0] * Math.cos(t)], { from: 2, to: 0, method, steps });
    const b = f32((t, y) => [-(y[0] * Math.cos(-t))], { from: -2, to: 0, method, steps });
    expect(a.y).toEqual(b.y);
    expect(a.y).toBeInstanceOf(Float32Array);
  });

  test("float32 states follow float64", () => {
    const steps = { count: 20 };
    const field = (t: number, y: ArrayLike<number>): number[] => [Math.sin(t + y[1]), Math.cos(y[0])];
    const wide = solve(field, Float64Array.of(0.3, -0.8), { from: 0, to: 1, method, steps });
    const narrow = solve(field, Float32Array.of(0.3, -0.8), { from: 0, to: 1, method, steps });
    expect(problems.distance(wide.y, narrow.y) / Math.hypot(...wide.y)).toBeLessThan(2e-5);
  });
});
