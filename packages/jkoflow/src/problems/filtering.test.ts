import { describe, expect, it } from "vitest";
import { createKey } from "../random/index.ts";
import { namedProblem } from "./named.ts";

const slope = (x: number): number => 2 * Math.cos(2 * Math.PI * x) + x / 2;

describe("the signal of the filtering problem", () => {
  const { exact } = namedProblem("filtering", createKey(0));
  const meanOf = (of: (x: number) => number, time: number): number => {
    let [sum, mass] = [0, 0];
    for (let i = 0; i < 6000; i++) {
      const x = -6 + (i + 0.5) / 500;
      const p = Math.exp(exact!.logDensityAt!([x], time));
      sum += of(x) * p;
      mass += p;
    }
    return sum / mass;
  };

  it("moves as its equation says: d E x^2 / dt = 2 - 2 E x V'(x)", () => {
    const rate = (meanOf((x) => x * x, 0.06) - meanOf((x) => x * x, 0.04)) / 0.02;
    expect(rate).toBeCloseTo(2 - 2 * meanOf((x) => x * slope(x), 0.05), 2);
    expect(meanOf((x) => x * x, 0)).toBeCloseTo(1, 5);
  });

  it("has the least F of its potential: by sums over cells", () => {
    let sum = 0;
    for (let i = 0; i < 4000; i++) {
      const x = -14 + (i + 0.5) * 0.007;
      sum += 0.007 * Math.exp(-Math.sin(2 * Math.PI * x) / Math.PI - (x * x) / 4);
    }
    expect(exact!.leastEnergy).toBeCloseTo(-Math.log(sum), 12);
  });
});
