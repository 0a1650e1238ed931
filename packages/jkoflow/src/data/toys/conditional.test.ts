import { describe, expect, it } from "vitest";
import { createKey } from "../../random/index.ts";
import { conditionalToys } from "../index.ts";

/** One or two values of what is given, and where it is a Gaussian its sd. */
const cases: Readonly<Record<string, readonly (readonly [string | number, number?])[]>> = {
  eightGaussians: [
    ["0", 0.354],
    ["5", 0.354],
  ],
  unequal: [["3", 0.5]],
  moons: [["0"], ["1"]],
  nested: [
    ["0", 1],
    ["1", 0.3],
  ],
  turning: [
    [0.5, 0.35],
    [2, 0.5],
  ],
};

describe.each(Object.values(conditionalToys))("$name", (toy) => {
  it("has conditional densities that integrate to 1", () => {
    const [n, half] = [200, 5];
    const step = (2 * half) / n;
    for (const [given, sd] of cases[toy.name]) {
      let [mass, entropy] = [0, 0];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const l = toy.logDensity(-half + (i + 0.5) * step, -half + (j + 0.5) * step, given);
          mass += Math.exp(l) * step * step;
          entropy -= l * Math.exp(l) * step * step;
        }
      }
      expect(Math.abs(mass - 1)).toBeLessThan(1e-4); // 5 sd and more lie in the box
      if (sd !== undefined) expect(entropy).toBeCloseTo(Math.log(2 * Math.PI * Math.E * sd * sd), 3);
    }
  });

  it("has samples that follow them: their mean NLL is that of a fresh draw, and labels matter", () => {
    const n = 4000;
    const nll = (seed: number, shift: number): [mean: number, error: number] => {
      const { points, given } = toy.sample(createKey(seed), n);
      const { values } = given.columns[0];
      const all = Float64Array.from(
        { length: n },
        (_, i) => -toy.logDensity(points[2 * i], points[2 * i + 1], values[(i + shift) % n]),
      );
      const mean = all.reduce((sum, x) => sum + x / n, 0);
      return [mean, Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / n];
    };
    const [[a, e], [b, f], [wrong]] = [nll(1, 0), nll(2, 0), nll(1, 1)];
    expect(Math.abs(a - b)).toBeLessThan(4 * Math.hypot(e, f));
    expect(wrong).toBeGreaterThan(a + 0.1);
  });
});
