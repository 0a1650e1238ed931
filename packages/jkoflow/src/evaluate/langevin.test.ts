import { describe, expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { scale, squaredNorm } from "../graph/index.ts";
import { createKey } from "../random/index.ts";
import { kernelEstimate } from "./kernelEstimate.ts";
import { eulerMaruyama } from "./langevin.ts";

describe("Euler-Maruyama", () => {
  it("has the moments of its own recursion for V = a x^2 / 2", async () => {
    const engine = await createEngine({ threads: 1 });
    const [a, dt, n, diffusion] = [1.5, 0.1, 40_000, 0.5];
    const start = normalDistribution([2], Float64Array.of(0.25));
    const potential = (x: Parameters<typeof squaredNorm>[0]) => scale(squaredNorm(x), a / 2);
    const rows = eulerMaruyama(engine, { start, potential, diffusion }, { time: 1, dt }, n, createKey(1));
    let [m, v] = [2, 0.25];
    for (let k = 0; k < 10; k++) [m, v] = [m * (1 - a * dt), v * (1 - a * dt) ** 2 + 2 * diffusion * dt];
    const mean = rows.reduce((sum, x) => sum + x / n, 0);
    const variance = rows.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0);
    expect(Math.abs(mean - m)).toBeLessThan(4 * Math.sqrt(v / n));
    expect(Math.abs(variance - v)).toBeLessThan(4 * v * Math.sqrt(2 / n));
    expect(() => eulerMaruyama(engine, { start, potential }, { time: 1, dt: 0.3 }, 2, createKey(1))).toThrow(
      "time: 1 by 0.3, expected a whole number of steps",
    );
    engine.dispose();
  });
});

it("a kernel estimate is that of scipy.stats.gaussian_kde", () => {
  // float32 rows; gaussian_kde(np.array([[0, 1, 2.5, -1], [1, 0, 0.5, 2]])).logpdf([[0.3, 2], [0.4, -1]])
  const rows = [0, 1, 1, 0, 2.5, 0.5, -1, 2];
  const values = kernelEstimate(rows, 2, [0.3, 0.4, 2, -1]);
  const scipy = [-2.220014324805397, -3.720956765803518];
  values.forEach((value, i) => {
    expect(Math.abs(value - scipy[i])).toBeLessThan(1e-5);
  });
  // and comes to the density itself
  const p = standardNormal(1);
  const [at] = kernelEstimate(p.sample(createKey(2), 20_000), 1, [0.5]);
  expect(Math.abs(at - p.logDensityAt([0.5]))).toBeLessThan(0.03);
  expect(() => kernelEstimate([1, 1, 1], 1, [0])).toThrow("rows: no spread, expected rows that span the space");
});
