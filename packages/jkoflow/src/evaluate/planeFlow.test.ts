/** The flow on a grid against the closed form between Gaussians, whose axes are not those of the grid. */
import { expect, it } from "vitest";
import { equalMixture, normalDistribution } from "../distributions/index.ts";
import { gaussianFlowAt, gaussianKl, gaussianSymKl } from "./gaussianFlow.ts";
import { planeFlowAt } from "./planeFlow.ts";

const start = normalDistribution([1, -1], Float64Array.of(1, 0.3, 0.3, 0.6));
const target = normalDistribution([0.5, 0.25], Float64Array.of(0.9, -0.4, -0.4, 1.2));
const determinant = 0.9 * 1.2 - 0.4 * 0.4;
const precision = Float64Array.of(1.2, 0.4, 0.4, 0.9).map((v) => v / determinant);

it("agrees with the Ornstein-Uhlenbeck process, with errors that fall as the square of the cell", () => {
  const exact = gaussianFlowAt(start, { mean: target.mean, precision }, 0.4);
  const [kl, symKl] = [gaussianKl(exact, target), gaussianSymKl(exact, target)];
  const missOf = (cells: number, steps: number): number[] => {
    const state = planeFlowAt(start, target, { radius: 6, cells }, 0.4, steps);
    expect(Math.abs(state.mass.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
    expect(Math.min(...state.mass)).toBeGreaterThan(0);
    return [Math.abs(state.kl - kl), Math.abs(state.symKl - symKl)];
  };
  const [coarse, fine] = [missOf(40, 20), missOf(80, 40)];
  coarse.forEach((miss, k) => {
    expect(fine[k]).toBeLessThan(miss / 3.5); // 4 in the limit
    expect(fine[k]).toBeLessThan(0.01 * symKl);
  });
});

it("a target is at rest, whatever the step", () => {
  const five = equalMixture(
    [
      [1, 2],
      [-2, 1],
      [0, -2],
    ],
    0.7,
  );
  const state = planeFlowAt(five, five, { radius: 6, cells: 30 }, 5, 3);
  expect(Math.abs(state.symKl)).toBeLessThan(1e-12);
});

it("refuses a line, and half a cell", () => {
  const line = normalDistribution([0], Float64Array.of(1));
  expect(() => planeFlowAt(line, target, { radius: 6, cells: 30 }, 1, 1)).toThrow("expected a density in 2 dimensions");
  expect(() => planeFlowAt(start, target, { radius: 6, cells: 3.5 }, 1, 1)).toThrow("cells: 3.5");
});
