/** Functions of the host against the same potential as a formula: the flow, the energy, particles, the grid; and what is refused. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { eulerMaruyama, finiteVolumes } from "../evaluate/index.ts";
import { createKey } from "../random/index.ts";
import { evolve } from "../systems/index.ts";
import { ownProblem } from "./own.ts";

const settings = {
  width: 8,
  rank: 2,
  updates: 60,
  identityUpdates: 40,
  batchSize: 128,
  poolRows: 1000,
  heldOutRows: 500,
};
const common = { start: "normal:2:0.8", time: 0.1, step: 0.05 };
const formula = ownProblem({ ...common, potential: "cos(3*x) + x^2/2 + y^2" });
const host = {
  value: ([x, y]: ArrayLike<number> & Iterable<number>) => Math.cos(3 * x) + (x * x) / 2 + y * y,
  gradient: ([x, y]: ArrayLike<number> & Iterable<number>) => [x - 3 * Math.sin(3 * x), 2 * y],
};
const hosted = ownProblem({ ...common, potential: host });

describe("a potential that JavaScript computes", () => {
  it("trains the same flow as its formula, to float32", async () => {
    const engine = await createEngine({ threads: 1 });
    const [one, other] = [await evolve(engine, formula, { settings }), await evolve(engine, hosted, { settings })];
    const rows = [0.3, -0.2, 1, 0.5, -1, 0.1];
    const [p, q] = [one, other].map(({ open }) => open.logProb!(rows));
    // Slopes differ by roundings of float32, which 120 updates of Adam at a rate of 5e-3 make larger.
    p.forEach((v, i) => {
      expect(Math.abs(v - q[i])).toBeLessThan(2e-3);
    });
    one.reports.forEach((report, k) => {
      expect(Math.abs(Number(report.energy) - Number(other.reports[k].energy))).toBeLessThan(1e-3);
    });
    engine.dispose();
  });

  it("a log-density is minus a potential", async () => {
    const engine = await createEngine({ threads: 1 });
    const { value, gradient } = host;
    const logDensity = {
      value: (row: Float64Array) => -value(row),
      gradient: (row: Float64Array) => gradient(row).map((v) => -v),
    };
    const target = ownProblem({ ...common, logDensity });
    const short = { ...settings, updates: 5, identityUpdates: 5 };
    const [one, other] = [
      await evolve(engine, hosted, { settings: short }),
      await evolve(engine, target, { settings: short }),
    ];
    expect(other.flow.parts).toEqual(one.flow.parts);
    engine.dispose();
  });

  it("moves particles and masses on a grid as its formula does", async () => {
    const engine = await createEngine({ threads: 1 });
    const options = { particles: 50, time: 0.1, steps: 5, key: createKey(1) };
    const [one, other] = [formula, hosted].map((problem) => eulerMaruyama(engine, problem, options)!);
    one.forEach((v, i) => {
      expect(Math.abs(v - other[i])).toBeLessThan(1e-5);
    });
    const grid = { low: [-4, -4], high: [4, 4], cells: 20 };
    const [p, q] = [formula, hosted].map((problem) => finiteVolumes(problem, grid, 0.1)!);
    p.density.forEach((v, i) => {
      expect(Math.abs(v - q.density[i])).toBeLessThan(1e-12);
    });
    engine.dispose();
  });
});

describe("is refused", () => {
  const throws = (): never => {
    throw new Error("no such file");
  };
  it.each<[object, string]>([
    [{ value: host.value }, "p:potential: { value }, expected a formula, or functions { value(row), gradient(row) }"],
    [{ gradient: host.gradient }, "p:potential: { gradient }, expected a formula, or functions"],
    [{ value: 3, gradient: host.gradient }, "expected a formula, or functions { value(row), gradient(row) }"],
    [[1, 2], "p:potential: an array of 2, expected a formula, or functions"],
    [{ value: throws, gradient: host.gradient }, "p:potential.value: it threw no such file"],
    [{ value: host.value, gradient: throws }, "p:potential.gradient: it threw no such file"],
    [{ value: host.value, gradient: () => [1] }, "p:potential.gradient: an array of 1, expected 2 slopes"],
    [{ value: host.value, gradient: () => undefined }, "p:potential.gradient: nothing, expected 2 slopes"],
    [{ value: () => Number.NaN, gradient: host.gradient }, "p:potential.value: NaN at ("],
    [{ value: () => "1", gradient: host.gradient }, 'p:potential.value: "1" at ('],
    [{ value: host.value, gradient: ([x, y]: number[]) => [2 * y, x] }, "p:potential.gradient: a slope of"],
    [{ value: ([x]: number[]) => -(x ** 4), gradient: ([x]: number[]) => [-4 * x ** 3, 0] }, "which falls without end"],
  ])("case %#", (potential, message) => {
    expect(() => ownProblem({ ...common, potential }, "p")).toThrow(message);
  });

  it("where it has no value in the middle of a training: a numeric error with the place", async () => {
    const engine = await createEngine({ kind: "reference" });
    let calls = 0;
    const value = (row: Float64Array): number => (calls++ > 2000 ? Number.NaN : host.value(row));
    const problem = ownProblem({ ...common, potential: { value, gradient: host.gradient } });
    await expect(evolve(engine, problem, { settings })).rejects.toThrow(
      /^a function of the host gives NaN with slopes .* at \(.*\): finite numbers are needed wherever rows come$/,
    );
    engine.dispose();
  });
});
