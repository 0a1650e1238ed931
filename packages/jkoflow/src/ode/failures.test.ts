import { describe, expect, test } from "vitest";
import { NumericError } from "../errors/index.ts";
import {
  type Attempt,
  createSolver,
  type SolveOptions,
  SolverError,
  solve,
  tableaus,
  type VectorField,
} from "./index.ts";
import * as problems from "./problems.testing.ts";

type Field = VectorField<Float64Array>;

function failureOf(field: Field, options: Partial<SolveOptions>, y0 = Float64Array.of(1)): SolverError {
  try {
    solve(field, y0, { from: 0, to: 1, method: "dopri5", ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(SolverError);
    expect(error).toBeInstanceOf(NumericError);
    return error as SolverError;
  }
  throw new Error("the solve succeeded");
}
const tight = { adaptive: { rtol: 1e-6, atol: 1e-9 } };
const loose = { rtol: 1e-3, atol: 1e-6 };

describe("stiff problems", () => {
  test("end as MaxSteps, and the message says stiff and what to do", () => {
    const adaptive = { ...loose, maxSteps: 2000 };
    const error = failureOf(problems.relaxation(1e6), { adaptive }, Float64Array.of(0));
    expect(error.kind).toBe("MaxSteps");
    expect(error.stats).toMatchObject({ accepted: 1704, rejected: 296, nfe: 12_002, reason: "MaxSteps" });
    expect(error.t).toBeCloseTo(0.005628089559088673, 9);
    expect(error.message).toMatch(/maxSteps = 2000 .* 12002 field evaluations; .*stiff/);
    expect(error.stats.stiffness).toBeGreaterThan(0.9);
    expect(error.y.every(Number.isFinite)).toBe(true);
    const partial = solve(problems.relaxation(1e6), Float64Array.of(0), {
      from: 0,
      to: 1,
      method: "dopri5",
      adaptive,
      onFailure: "partial",
    });
    expect(partial.y).toEqual(error.y);
    expect(partial.stats).toEqual(error.stats);
    expect(partial.times.at(-1)).toBe(partial.stats.reached);
  });

  test.each([
    [100, 236, 0.5484593191780519, 3.2113217411068264],
    [1000, 2132, 0.5410406841534932, 3.3258151415699877],
  ])("lambda %d succeeds with the published count and indicator", (lambda, nfe, end, indicator) => {
    const options = { from: 0, to: 1, method: "dopri5", adaptive: loose };
    const solver = createSolver(problems.relaxation(lambda), Float64Array.of(0), options);
    let state = solver.start();
    while (state.stats.reason === "running") state = solver.step(state);
    expect(state.stats.nfe).toBe(nfe);
    expect(state.y[0]).toBeCloseTo(end, 12);
    const last = state.eigenvalues.slice(-20).sort((a, b) => a - b);
    expect((last[9] + last[10]) / 2).toBeCloseTo(indicator, 6);
  });
});

test("blow-up is StepUnderflow at the pole", () => {
  const error = failureOf((_, y) => [y[0] ** 2], { to: 2, ...tight });
  expect(error.kind).toBe("StepUnderflow");
  expect(Math.abs(error.t - 1)).toBeLessThan(1e-5);
  expect(error.message).toMatch(/fell below .* at t = 1\.0.* blow-up, or the field jumps here; .* field evaluations/);
  expect(error.worst).toMatchObject({ row: 0 });
  expect(error.worst!.q).toBeGreaterThan(1);
});

describe.each([Number.NaN, Number.POSITIVE_INFINITY])("a field that returns %d", (value) => {
  const late: Field = (t, y) => Array.from(y, (x, i) => (t > 0.5 && i === 4 ? value : x));
  const six = new Float64Array(6).fill(1);

  test("after t = 0.5 is NonFinite, with time, row and the last good state", () => {
    const error = failureOf(late, { ...tight, rows: 3 }, six);
    expect(error.kind).toBe("NonFinite");
    expect(error.t).toBeGreaterThan(0);
    expect(error.t).toBeLessThanOrEqual(0.5);
    expect(error.y.every(Number.isFinite)).toBe(true);
    expect(error.stats.nfe).toBeLessThanOrEqual(200);
    expect(error.message).toMatch(new RegExp(`velocity field returned ${value} at t = 0\\.5\\d*, row 2`));
    expect(error.worst).toMatchObject({ row: 2, y: error.y.slice(4) });
  });

  test("at the start is NonFinite after one evaluation", () => {
    const error = failureOf(() => [value], tight);
    expect(error).toMatchObject({ kind: "NonFinite", t: 0, stats: { nfe: 1 } });
    expect(error.message).toMatch(/at t = 0, row 0/);
  });

  test.each(Object.keys(tableaus))("is found at its step by %s with fixed steps", (method) => {
    const error = failureOf(late, { method, steps: { count: 10 }, rows: 3 }, six);
    expect(error.kind).toBe("NonFinite");
    expect(error.t).toBeGreaterThanOrEqual(0.4);
    expect(error.t).toBeLessThan(0.61);
    expect(error.message).toMatch(/row 2/);
  });
});

test("a finite velocity that makes the state overflow is NonFinite too", () => {
  const error = failureOf(() => [1e308], { method: "euler", steps: { count: 1 }, to: 100 });
  expect(error.kind).toBe("NonFinite");
  expect(error.message).toMatch(/state became Infinity/);
});

test("the abort signal stops within one step", () => {
  for (const how of [tight, { steps: { count: 100 } }]) {
    const controller = new AbortController();
    let attempts = 0;
    const onStep = (): void => {
      attempts++;
      if (attempts === 3) controller.abort();
    };
    const error = failureOf(problems.decay, { ...how, signal: controller.signal, onStep });
    expect(error).toMatchObject({ kind: "Aborted", stats: { accepted: 3, reason: "Aborted" } });
    expect(attempts).toBe(3);
  }
});

test("onStep sees every attempt", () => {
  const seen: Attempt[] = [];
  const onStep = (attempt: Attempt): void => void seen.push(attempt);
  const options = { from: 5, to: 0, method: "dopri5", ...tight, onStep };
  const { stats, times } = solve(problems.nonAutonomous, Float64Array.of(Math.exp(Math.sin(5))), options);
  expect(seen).toHaveLength(stats.accepted + stats.rejected);
  expect(seen.filter(({ accepted }) => accepted).map(({ t }) => t)).toEqual(times.slice(0, -1));
  expect(seen.every(({ h, q, accepted }) => h < 0 && accepted === q! < 1)).toBe(true);
});
