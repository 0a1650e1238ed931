/** Steps on the line: derivatives by differences, closed forms of steps, steady states. */
import { describe, expect, it } from "vitest";
import { normalCdf } from "../data/normalQuantile.ts";
import { barenblatt } from "../distributions/index.ts";
import { porousStep } from "./barenblattFlow.ts";
import { gaussianJkoStep } from "./gaussianFlow.ts";
import {
  type LineFunctional,
  lineEnergy,
  lineEntropy,
  linePower,
  logarithmicKernel,
  type Smooth,
} from "./lineEnergy.ts";
import { type LineState, lineEnergyOf, lineMoment, lineStep, lineSteps } from "./lineScheme.ts";
import { aggregationStates, parabolaState } from "./steadyStates.ts";

/** c x^2 */
const parabola = (c: number): Smooth => ({ at: (x) => c * x * x, slope: (x) => 2 * c * x, curvature: () => 2 * c });

/** N(mean, sd^2) in n cells, their ends uniform between -5.5 and 5.5 deviations. */
function normalState(mean: number, sd: number, n: number): LineState {
  const z = Float64Array.from({ length: n + 1 }, (_, k) => (11 * k) / n - 5.5);
  const mass = Float64Array.from({ length: n }, (_, i) => normalCdf(z[i + 1]) - normalCdf(z[i]));
  const total = mass.reduce((a, b) => a + b, 0);
  return { mass: mass.map((c) => c / total), nodes: z.map((v) => mean + sd * v) };
}

const deviationOf = (state: LineState): number => Math.sqrt(lineMoment(state, 2) - lineMoment(state, 1) ** 2);

describe("F in the ends of cells", () => {
  const state = { mass: Float64Array.of(0.2, 0.5, 0.3), nodes: Float64Array.of(-1, -0.3, 0.4, 1.5) };
  it.each<[string, LineFunctional]>([
    ["entropy", { internal: lineEntropy }],
    ["a power", { internal: linePower(3, 0.5) }],
    ["a potential", { potential: parabola(1.3) }],
    ["an interaction", { interaction: logarithmicKernel }],
    ["all", { internal: linePower(2), potential: parabola(0.5), interaction: logarithmicKernel }],
  ])("%s: gradient and Hessian by central differences", (_, functional) => {
    const at = (k: number, by: number) =>
      lineEnergy(
        functional,
        state.mass,
        state.nodes.map((x, l) => (l === k ? x + by : x)),
      );
    const { gradient, hessian } = at(0, 0);
    const h = 1e-5;
    for (let k = 0; k < 4; k++) {
      const [up, down] = [at(k, h), at(k, -h)];
      // error of h^2, and of rounding over h
      expect(Math.abs((up.value - down.value) / (2 * h) - gradient[k])).toBeLessThan(1e-8);
      for (let l = 0; l < 4; l++) {
        const near = k === l ? hessian.diagonal[k] : Math.abs(k - l) === 1 ? hessian.beside[Math.min(k, l)] : 0;
        const entry = near + (hessian.full?.[k * 4 + l] ?? 0);
        expect(Math.abs((up.gradient[l] - down.gradient[l]) / (2 * h) - entry)).toBeLessThan(
          1e-7 * (1 + Math.abs(entry)),
        );
      }
    }
  });

  it("an interaction is the double integral: of uniform laws on [0, 1] and [0, 2]", () => {
    // E log |x - y| = log L - 3/2, E (x - y)^2 / 2 = L^2 / 12; cut anywhere
    for (const [end, nodes] of [
      [1, [0, 0.3, 1]],
      [2, [0, 0.6, 2]],
    ] as const) {
      const value = lineEnergyOf(
        { interaction: logarithmicKernel },
        { mass: Float64Array.of(0.3, 0.7), nodes: Float64Array.from(nodes) },
      );
      expect(Math.abs(value - (end ** 2 / 12 - Math.log(end) + 3 / 2) / 2)).toBeLessThan(1e-14);
    }
  });
});

describe("steps", () => {
  it("between Gaussians: N(2, 9) towards N(0, 1)", () => {
    const functional = { internal: lineEntropy, potential: parabola(0.5) };
    const step = lineStep(functional, normalState(2, 3, 2000), 0.25);
    const exact = gaussianJkoStep(
      { mean: Float64Array.of(2), covariance: Float64Array.of(9) },
      { mean: Float64Array.of(0), precision: Float64Array.of(1) },
      0.25,
    );
    // tails beyond 5.5 deviations are cut off, cells are constant: about 1e-5
    expect(Math.abs(lineMoment(step, 1) - exact.mean[0])).toBeLessThan(1e-5);
    expect(Math.abs(deviationOf(step) - Math.sqrt(exact.covariance[0]))).toBeLessThan(1e-5);
    expect(Math.abs(step.moved - exact.moved)).toBeLessThan(2e-5);
  });

  it("of the porous medium equation, by the ratio of deviations: d = 1, m = 2", () => {
    const h = 5e-4;
    const start = barenblatt(1, 2, 0.1);
    // Cells of equal width; their masses from the cubic of the profile.
    const n = 1000;
    const radius = 0.208008382; // at scale 0.1
    const nodes = Float64Array.from({ length: n + 1 }, (_, k) => radius * ((2 * k) / n - 1));
    const cdf = (x: number): number => (3 * (x / radius) - (x / radius) ** 3 + 2) / 4;
    const mass = Float64Array.from({ length: n }, (_, i) => cdf(nodes[i + 1]) - cdf(nodes[i]));
    const state = { mass, nodes };
    expect(Math.abs(lineEnergyOf({ internal: linePower(2) }, state) - start.energy)).toBeLessThan(1e-4 * start.energy);
    const steps = lineSteps({ internal: linePower(2) }, state, h, 3);
    let [scale, before] = [0.1, deviationOf(state)];
    for (const step of steps) {
      const next = porousStep({ dimension: 1, m: 2 }, scale, h);
      const now = deviationOf(step);
      expect(Math.abs(now / before / (next / scale) - 1)).toBeLessThan(1e-4);
      expect(Math.abs(step.energy / barenblatt(1, 2, next).energy - 1)).toBeLessThan(2e-4);
      [scale, before] = [next, now];
    }
  });

  it("of the nonlinear Fokker-Planck equation fall to its steady state: F = 6 C / 5", () => {
    const functional = { internal: linePower(2), potential: parabola(1) };
    const start = normalState(0, 0.2, 400);
    expect(Math.abs(lineEnergyOf(functional, start) - 1.450473859)).toBeLessThan(1e-3);
    const steps = lineSteps(functional, start, 0.1, 20);
    const energies = steps.map(({ energy }) => energy);
    expect(energies).toEqual([...energies].sort((a, b) => b - a));
    expect(Math.abs(energies[19] - parabolaState(1).energy)).toBeLessThan(1e-3);
  });

  it("of aggregation fall to the semicircle, from above: F = 3/8 + ln(2)/4", () => {
    const functional = { interaction: logarithmicKernel };
    const start = normalState(0, 2, 120);
    expect(Math.abs(lineEnergyOf(functional, start) - 1.7977303259)).toBeLessThan(3e-3);
    const end = lineSteps(functional, start, 1, 8)[7];
    expect(end.energy).toBeGreaterThan(aggregationStates.line);
    expect(end.energy - aggregationStates.line).toBeLessThan(1e-3);
    // W is a parabola and a repulsion: E x^2 = 1/2 of the semicircle of radius sqrt(2)
    expect(Math.abs(lineMoment(end, 2) - 0.5)).toBeLessThan(2e-3);
  });
});

it("refuses what is no density", () => {
  const state = { mass: Float64Array.of(0.5, 0.5), nodes: Float64Array.of(0, 1, 2) };
  const functional = { internal: lineEntropy };
  expect(() => lineStep(functional, state, 0)).toThrow("h = 0, expected a step size above 0");
  expect(() => lineStep(functional, { ...state, nodes: Float64Array.of(0, 2, 1) }, 1)).toThrow("nodes out of order");
  expect(() => lineStep(functional, { ...state, mass: Float64Array.of(1, 0) }, 1)).toThrow("masses above 0");
  expect(() => lineStep(functional, { ...state, nodes: Float64Array.of(0, 1) }, 1)).toThrow("one node more");
  expect(() => lineStep({ potential: parabola(-1) }, state, 1)).toThrow("not convex");
});
