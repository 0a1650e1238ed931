import { describe, expect, test } from "vitest";
import { spacing } from "./adaptiveStep.ts";
import { runs } from "./golden.testing.ts";
import { createSolver, type SolveOptions, solve, type VectorField } from "./index.ts";
import * as problems from "./problems.testing.ts";

type Field = VectorField<Float64Array>;

const adaptive = (rtol: number, atol = rtol / 1000): Pick<SolveOptions, "method" | "adaptive"> => ({
  method: "dopri5",
  adaptive: { rtol, atol },
});

describe("the controller takes the steps of an independent code", () => {
  test.each(Object.entries(runs))("%s", (_, run) => {
    const [from, to] = run.t;
    const { y, times, stats } = solve(run.field, Float64Array.from(run.y0), { from, to, ...adaptive(run.rtol) });
    expect(stats).toMatchObject({ accepted: run.accepted, rejected: run.rejected, nfe: run.nfe, forced: 0 });
    expect(stats).toMatchObject({ reached: to, reason: "finished" });
    expect(Math.abs(stats.firstStep / run.firstStep - 1)).toBeLessThan(1e-12);
    run.times.forEach((t, k) => {
      expect(Math.abs(times[k] - t)).toBeLessThan(1e-9);
    });
    run.end.forEach((value, i) => {
      expect(Math.abs(y[i] - value)).toBeLessThan(1e-10);
    });
    expect(times).toHaveLength(run.accepted + 1);
    expect(times.at(-1)).toBe(to);
    expect(stats.stiffness).toBeLessThan(0.1);
  });
});

test("the number of evaluations for a tolerance is that of an independent code", () => {
  const wanted = [56, 74, 98, 140, 194, 278, 428, 668];
  const nfe = wanted.map((_, k) => {
    const rtol = 10 ** -(3 + k);
    const result = solve(problems.nonAutonomous, Float64Array.of(1), { from: 0, to: 5, ...adaptive(rtol) });
    expect(Math.abs(result.y[0] / Math.exp(Math.sin(5)) - 1)).toBeLessThan(rtol);
    return result.stats.nfe;
  });
  expect(nfe).toEqual(wanted);
});

describe("the error follows the tolerance", () => {
  const matrix = Array.from({ length: 100 }, problems.createRandom(11));
  const y0 = Array.from({ length: 10 }, problems.createRandom(12));
  const cases: Readonly<Record<string, readonly [Field, readonly number[], number, (t: number) => readonly number[]]>> =
    {
      decay: [problems.decay, [1], 3, (t) => [Math.exp(-t)]],
      "non-autonomous": [problems.nonAutonomous, [1], 5, (t) => [Math.exp(Math.sin(t))]],
      logistic: [(t, y) => [2 * t * y[0] * (1 - y[0])], [0.5], 2, (t) => [1 / (1 + Math.exp(-t * t))]],
      "linear system": [(_, y) => problems.apply(matrix, y), y0, 1, (t) => problems.exponential(matrix, t, y0)],
    };
  test.each(Object.entries(cases))("%s, forward and backward", (_, [field, start, end, exact]) => {
    for (const [from, to, first] of [
      [0, end, start],
      [end, 0, exact(end)],
    ] as const) {
      let before = 0;
      for (let k = 3; k <= 9; k++) {
        const rtol = 10 ** -k;
        const { y, stats } = solve(field, Float64Array.from(first), { from, to, ...adaptive(rtol) });
        const wanted = exact(to);
        // Ten tolerances: errors of single steps add up, and those of a growing mode are carried on.
        expect(problems.distance(y, wanted)).toBeLessThan(10 * rtol * Math.max(1, Math.hypot(...wanted)));
        expect(stats.accepted).toBeGreaterThanOrEqual(before);
        before = stats.accepted;
      }
    }
  });
});

test("never asks for a time outside, and lands on the end", () => {
  const inside = (f: (t: number) => number): Field => {
    return (t) => {
      if (!(t >= 0 && t <= 1)) throw new Error(`asked at ${t}`);
      return [f(t)];
    };
  };
  const options = adaptive(1e-6, 1e-9);
  const there = solve(
    inside((t) => Math.sqrt(1 - t)),
    Float64Array.of(0),
    { from: 0, to: 1, ...options },
  );
  expect(there.stats).toMatchObject({ accepted: 12, rejected: 5, nfe: 104, reached: 1 });
  const back = solve(inside(Math.sqrt), Float64Array.of(0), { from: 1, to: 0, ...options });
  expect(back.stats).toMatchObject({ accepted: 12, rejected: 5, nfe: 104, reached: 0 });
  // The derivative of the field is infinite at the end: 4e-6 is what the tolerance gives there.
  expect(back.y[0]).toBeCloseTo(-2 / 3, 5);
  for (const method of ["euler", "midpoint", "rk4", "rk4-38", "dopri5"]) {
    for (const count of [1, 3, 7, 49, 100]) {
      solve(inside(Math.sqrt), Float64Array.of(0), { from: 1, to: 0, method, steps: { count } });
      const { times } = solve(
        inside((t) => t),
        Float64Array.of(0),
        { from: 0.1, to: 0.7, method, steps: { count } },
      );
      expect(times.at(-1)).toBe(0.7);
    }
  }
});

test("one step at a time is the whole solve, and a state can be stepped twice", () => {
  const options: SolveOptions = { from: 0, to: 5, ...adaptive(1e-6) };
  const whole = solve(problems.nonAutonomous, Float64Array.of(1), options);
  const solver = createSolver(problems.nonAutonomous, Float64Array.of(1), options);
  let state = solver.start();
  const times = [state.t];
  while (state.stats.reason === "running") {
    const again = solver.step(state);
    state = solver.step(state);
    expect(state).toEqual(again);
    times.push(state.t);
  }
  expect(times).toEqual(whole.times);
  expect(state.y).toEqual(whole.y);
  expect(state.stats).toEqual(whole.stats);
  expect(solver.step(state)).toBe(state);
});

test("a method without first-same-as-last can be adaptive, and its first slope is not asked for twice", () => {
  // Heun with Euler embedded.
  const heun = {
    name: "heun",
    order: 2,
    nodes: [0, 1],
    stages: [[], [1]],
    weights: [1 / 2, 1 / 2],
    error: [-1 / 2, 1 / 2],
    embeddedOrder: 1,
  };
  const options = { from: 0, to: 2, method: heun, adaptive: { rtol: 1e-5, atol: 1e-8 } };
  const { y, stats } = solve(problems.nonAutonomous, Float64Array.of(1), options);
  expect(y[0]).toBeCloseTo(Math.exp(Math.sin(2)), 4);
  // Two to start with (f0 is the first step's first slope); then one first slope per step but the first, one per attempt.
  expect(stats.nfe).toBe(2 + (stats.accepted - 1) + stats.accepted + stats.rejected);
});

test("a given first step, a largest and a smallest step are kept", () => {
  const run = (tolerance: Partial<NonNullable<SolveOptions["adaptive"]>>) =>
    solve(problems.nonAutonomous, Float64Array.of(1), {
      from: 0,
      to: 5,
      method: "dopri5",
      adaptive: { rtol: 1e-6, atol: 1e-9, ...tolerance },
    });
  const first = run({ firstStep: 1e-3 }).stats;
  expect(first.firstStep).toBe(1e-3);
  expect(first.nfe).toBe(1 + 6 * (first.accepted + first.rejected));
  const { times } = run({ maxStep: 0.1 });
  expect(Math.max(...times.slice(1).map((t, k) => t - times[k]))).toBeLessThanOrEqual(0.1 + 1e-15);
  expect(() => run({ minStep: 0.5 })).toThrow(/fell below 0.5/);
  const { stats } = run({ minStep: 0.5, acceptAtMinStep: true });
  expect(stats).toMatchObject({ reached: 5, reason: "finished" });
  expect(stats.forced).toBeGreaterThan(0);
});

test("spacing is the distance to the next float64", () => {
  expect(spacing(1, 1)).toBe(2 ** -52);
  expect(spacing(1, -1)).toBe(2 ** -53);
  expect(spacing(-1, 1)).toBe(2 ** -53);
  expect(spacing(0, -1)).toBe(Number.MIN_VALUE);
});
