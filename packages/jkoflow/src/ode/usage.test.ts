import { expect, test } from "vitest";
import { InputError } from "../errors/index.ts";
import { type SolveOptions, solve, tableaus, type VectorField } from "./index.ts";
import * as problems from "./problems.testing.ts";

type Field = VectorField<Float64Array>;

const tight = { adaptive: { rtol: 1e-6, atol: 1e-9 } };
const loose = { rtol: 1e-3, atol: 1e-6 };

test("field evaluations with fixed steps are as many as the method says", () => {
  const stages: Readonly<Record<string, number>> = { euler: 1, midpoint: 2, rk4: 4, "rk4-38": 4, dopri5: 6 };
  for (const [method, perStep] of Object.entries(stages)) {
    for (const count of [1, 3, 10]) {
      let calls = 0;
      const field: Field = (t, y) => {
        calls++;
        return problems.nonAutonomous(t, y);
      };
      const { stats } = solve(field, Float64Array.of(1), { from: 0, to: 1, method, steps: { count } });
      expect(stats.nfe).toBe(perStep * count + (method === "dopri5" ? 1 : 0));
      expect(calls).toBe(stats.nfe);
      expect(stats).toMatchObject({ accepted: count, rejected: 0, firstStep: 1 / count, lastStep: 1 / count });
    }
  }
});

test("an interval of no length returns y0 without a call", () => {
  const field: Field = () => {
    throw new Error("called");
  };
  for (const how of [tight, { steps: { count: 3 } }, { steps: { size: 0.1 } }, { steps: { times: [2] } }]) {
    const { y, stats, ys } = solve(field, Float64Array.of(7), { from: 2, to: 2, method: "dopri5", at: [2], ...how });
    expect(y).toEqual(Float64Array.of(7));
    expect(ys).toEqual([Float64Array.of(7)]);
    expect(stats).toMatchObject({ nfe: 0, accepted: 0, reached: 2, reason: "finished" });
  }
});

test("`size` becomes the fewest equal steps, `times` are kept", () => {
  const run = (to: number, steps: SolveOptions["steps"]) =>
    solve(problems.decay, Float64Array.of(1), { from: 0, to, method: "rk4", steps });
  expect(run(1, { size: 0.3 }).stats).toMatchObject({ accepted: 4, firstStep: 0.25 });
  expect(run(0.3, { size: 0.1 }).stats.accepted).toBe(3);
  expect(run(0.1 + 0.2, { size: 0.1 }).stats.accepted).toBe(3);
  expect(run(-1, { size: 5 }).stats.accepted).toBe(1);
  expect(run(1, { times: [0, 0.1, 0.7, 1] }).times).toEqual([0, 0.1, 0.7, 1]);
});

test("everything wrong with the arguments is an InputError before the field is called", () => {
  const field: Field = () => {
    throw new Error("called");
  };
  const wrong: [Partial<SolveOptions>, RegExp, Float64Array?][] = [
    [{}, /neither .* expected one of them/],
    [{ ...tight, steps: { count: 3 } }, /both/],
    [{ steps: { count: 0 } }, /steps.count/],
    [{ steps: { count: 1.5 } }, /steps.count/],
    [{ steps: { count: 0 }, to: 0 }, /steps.count/],
    [{ steps: { size: -1 } }, /steps.size/],
    [{ steps: { times: [0, 0.5] } }, /steps.times/],
    [{ steps: { times: [0, 0.5, 0.5, 1] } }, /steps.times/],
    [{ ...tight, from: Number.NaN }, /from/],
    [{ ...tight, to: Number.POSITIVE_INFINITY }, /to/],
    [{ ...tight }, /y0\[1\]/, Float64Array.of(1, Number.NaN)],
    [{ ...tight }, /rows/, new Float64Array(0)],
    [{ ...tight, rows: 2 }, /rows/, new Float64Array(3)],
    [{ ...tight, rows: 0 }, /rows/],
    [{ ...tight, method: "rk45" }, /method/],
    [{ ...tight, method: "rk4" }, /embedded error/],
    [{ ...tight, method: { ...tableaus.dopri5, order: 6 } }, /order 6/],
    [{ adaptive: { rtol: 0, atol: 1e-9 } }, /rtol/],
    [{ adaptive: { rtol: 1e-6, atol: -1 } }, /atol/],
    [{ adaptive: { ...loose, firstStep: 0 } }, /firstStep/],
    [{ adaptive: { ...loose, minStep: -1 } }, /minStep/],
    [{ adaptive: { ...loose, minStep: 0.5, maxStep: 0.1 } }, /minStep/],
    [{ adaptive: { ...loose, maxStep: 0 } }, /maxStep/],
    [{ adaptive: { ...loose, maxSteps: 0.5 } }, /maxSteps/],
    [{ adaptive: { ...loose, acceptAtMinStep: true } }, /acceptAtMinStep/],
    [{ adaptive: { ...loose, inErrorNorm: [true, true] } }, /inErrorNorm/],
    [{ adaptive: { ...loose, inErrorNorm: [false] } }, /inErrorNorm/],
    [{ adaptive: { ...loose, norm: "max" as "rms" } }, /norm/],
    [{ ...tight, at: [1.1] }, /at: 1.1/],
    [{ ...tight, at: [Number.NaN] }, /at/],
    [{ steps: { count: 4 }, method: "rk4", at: [0.3] }, /grid/],
    [{ steps: { count: 4 }, method: "rk4", dense: true }, /dense/],
  ];
  for (const [change, message, y0 = Float64Array.of(1)] of wrong) {
    const run = (): unknown => solve(field, y0, { from: 0, to: 1, method: "dopri5", ...change });
    expect(run, JSON.stringify(change)).toThrow(InputError);
    expect(run).toThrow(message);
  }
  expect(() => solve(() => [1], new Float64Array(2), { from: 0, to: 1, method: "rk4", steps: { count: 1 } })).toThrow(
    /field: 1 numbers, expected 2/,
  );
});
