/** Estimates and what their errors are, by many draws of data of known parameters. */
import { describe, expect, it } from "vitest";
import { lineEntropy, type Smooth } from "../evaluate/lineEnergy.ts";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { estimateFactor, estimatePath, estimateRows } from "./estimators.ts";
import { lineSensitivity, momentSlopes, type ScaledPotential } from "./linePlugIn.ts";
import { jkoLaw, offlineErrors } from "./plugIn.ts";

describe("a path of an Ornstein-Uhlenbeck process", () => {
  const model = { mean: 1, stiffness: 1.5, temperature: 0.5 };
  const [n, interval] = [2000, 0.1];
  const a = Math.exp(-model.stiffness * interval);
  const spread = Math.sqrt(model.temperature / model.stiffness);
  const pathOf = (run: number): Float64Array => {
    const z = normal(fold(createKey(31), run), n + 1);
    const path = new Float64Array(n + 1);
    path[0] = 1 + spread * z[0];
    for (let k = 1; k <= n; k++) path[k] = 1 + a * (path[k - 1] - 1) + spread * Math.sqrt(1 - a * a) * z[k];
    return path;
  };

  it("gives intervals that hold the scheme's mean and variance at 95 % (mean known)", () => {
    const start = { mean: -2, variance: 0.1 };
    const truth = jkoLaw(model, start, 0.01, 60);
    const runs = 400;
    let [means, variances] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const found = estimatePath(pathOf(run), { interval, temperature: 0.5, mean: 1 });
      const law = jkoLaw(found.model, start, 0.01, 60);
      const errors = offlineErrors(found.model, law, found.errors);
      if (Math.abs(law.mean - truth.mean) <= 1.96 * Math.sqrt(errors.mean / n)) means++;
      if (Math.abs(law.variance - truth.variance) <= 1.96 * Math.sqrt(errors.variance / n)) variances++;
    }
    for (const share of [means / runs, variances / runs]) expect(Math.abs(share - 0.95)).toBeLessThan(0.043);
  });

  it("has the error of its mean that long paths show", () => {
    const found = Array.from({ length: 300 }, (_, run) => estimatePath(pathOf(run), { interval, temperature: 0.5 }));
    const mean = found.reduce((sum, { model: { mean: m } }) => sum + m / 300, 0);
    const spreadOf = found.reduce((sum, { model: { mean: m } }) => sum + ((m - mean) ** 2 * n) / 299, 0);
    const said = found.reduce((sum, { errors }) => sum + errors.mean / 300, 0);
    expect(Math.abs(spreadOf / said - 1)).toBeLessThan(0.3); // 300 runs know a variance to 8 %
  });

  it("refuses what is no such path", () => {
    const of = (values: number[]) => () => estimatePath(values, { interval: 0.1, temperature: 1 });
    expect(of([1, 2])).toThrow("path: 2 values, expected at least 10");
    expect(of(Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? 1 : -1)))).toThrow(
      "neighbours with a correlation of -1",
    );
    expect(of([1, 2, 3, Number.NaN, 5, 6, 7, 8, 9, 10, 11])).toThrow("NaN at place 4");
    expect(() => estimatePath(new Float64Array(20), { interval: 0, temperature: 1 })).toThrow("an interval of 0");
  });
});

it("refuses rows that are few or not finite", () => {
  expect(() => estimateRows([1, 2], 1)).toThrow("rows: 2 of 1 columns, expected at least 3");
  expect(() => estimateRows([1, 2, Number.POSITIVE_INFINITY, 3], 1)).toThrow("row 3: Infinity");
});

it("the factor of a Gaussian is the inverse of its mean square; a flat potential is refused", () => {
  const rows = normal(createKey(5), 500);
  const squares = rows.reduce((sum, x) => sum + (x * x) / 500, 0);
  const { factor, error } = estimateFactor(rows, (x) => (x * x) / 2, 3);
  expect(factor).toBeCloseTo(3 / squares, 9);
  expect(error).toBeCloseTo(2 * factor ** 2, 6);
  expect(() => estimateFactor(rows, (x) => Math.atan(x * x), 1)).toThrow("holds no rows together");
  expect(() => estimateFactor([1, 1, 1], (x) => x * x, 1)).toThrow("without spread");
});

describe("a double well whose factor is estimated", () => {
  const well: Smooth = {
    at: (x) => (x * x - 1) ** 2 / 4,
    slope: (x) => x * (x * x - 1),
    curvature: (x) => 3 * x * x - 1,
  };
  const [factor, temperature, h, steps] = [1.5, 1, 0.02, 15];
  const others = { internal: lineEntropy };
  const cells = 120;
  const start = {
    mass: new Float64Array(cells).fill(1 / cells),
    nodes: Float64Array.from({ length: cells + 1 }, (_, k) => 0.2 + (1.2 * k) / cells),
  };
  const of = (theta: number): ScaledPotential => ({ factor: theta, potential: well, others });

  it("the derivative of every place is that of differences", () => {
    const by = 1e-5;
    const { slope } = lineSensitivity(of(factor), start, h, steps);
    const [up, down] = [factor + by, factor - by].map(
      (theta) => lineSensitivity(of(theta), start, h, steps).state.nodes,
    );
    const most = Math.max(...slope.map(Math.abs));
    slope.forEach((value, k) => {
      expect(Math.abs(value - (up[k] - down[k]) / (2 * by))).toBeLessThan(1e-6 * most);
    });
  });

  it("intervals from 400 rows hold the law's mean and variance at 95 %", () => {
    // The law of the data by the inverse of its distribution function, linear between places 1/1000 apart.
    const density = (x: number): number => Math.exp((-factor * well.at(x)) / temperature);
    const below = new Float64Array(8001);
    for (let i = 1; i <= 8000; i++) below[i] = below[i - 1] + density(-4 + (i - 0.5) / 1000);
    const draw = (u: number): number => {
      let [low, high] = [0, 8000];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (below[middle] < u * below[8000]) low = middle;
        else high = middle;
      }
      return -4 + (low + (u * below[8000] - below[low]) / (below[high] - below[low])) / 1000;
    };
    const truth = momentSlopes(lineSensitivity(of(factor), start, h, steps));
    const [runs, n] = [300, 400];
    let [means, variances] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const u = uniform(fold(createKey(41), run), n);
      const rows = Float64Array.from(u, (v) => draw(v));
      const found = estimateFactor(rows, well.at, temperature);
      const law = momentSlopes(lineSensitivity(of(found.factor), start, h, steps));
      const width = 1.96 * Math.sqrt(found.error / n);
      if (Math.abs(law.mean - truth.mean) <= width * Math.abs(law.meanByFactor)) means++;
      if (Math.abs(law.variance - truth.variance) <= width * Math.abs(law.varianceByFactor)) variances++;
    }

    for (const share of [means / runs, variances / runs]) expect(Math.abs(share - 0.95)).toBeLessThan(0.048); // three standard errors and a hundredth;
  });
});
