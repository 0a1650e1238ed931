/** The flow on a grid against closed forms: Gaussians, Barenblatt's profiles, the semicircle, the parabola. */
import { describe, expect, it } from "vitest";
import { barenblatt, normalDistribution, standardNormal, uniformBox } from "../distributions/index.ts";
import { entropy, interaction, internalEnergy, kl, potential, sum } from "../functionals/index.ts";
import { add, log, scale, sqrt, squaredNorm } from "../graph/index.ts";
import { porousFlowAt } from "./barenblattFlow.ts";
import { finiteVolumes, gridSymKl, type VolumeState } from "./finiteVolumes.ts";
import { gaussianFlowAt, gaussianKl } from "./gaussianFlow.ts";
import { aggregationStates, parabolaState } from "./steadyStates.ts";

const box = (d: number, radius: number, cells: number) => ({
  low: Array.from({ length: d }, () => -radius),
  high: Array.from({ length: d }, () => radius),
  cells,
});
const massOf = ({ density, grid }: VolumeState): number => {
  const volume = grid.low.reduce((all, low, k) => (all * (grid.high[k] - low)) / grid.cells, 1);
  return density.reduce((a, b) => a + b, 0) * volume;
};

describe("finite volumes", () => {
  it.each([1, 2])("an Ornstein-Uhlenbeck process in %d columns: errors fall as the square of the cell", (d) => {
    const start = d === 1 ? normalDistribution([1], Float64Array.of(0.6)) : standardNormal(2);
    const target = d === 1 ? { mean: [-0.5], matrix: [0.8] } : { mean: [0.5, -0.3], matrix: [0.9, -0.4, -0.4, 1.2] };
    const to = normalDistribution(target.mean, Float64Array.from(target.matrix));
    const det = d === 1 ? 0.8 : 0.9 * 1.2 - 0.16;
    const precision = Float64Array.from(d === 1 ? [1 / 0.8] : [1.2 / det, 0.4 / det, 0.4 / det, 0.9 / det]);
    const exact = gaussianFlowAt(start, { mean: to.mean, precision }, 0.4);
    const density = normalDistribution(exact.mean, exact.covariance);
    const missOf = (cells: number) => {
      const state = finiteVolumes({ start, functional: kl(to) }, box(d, 6, cells), 0.4)!;
      expect(Math.abs(massOf(state) - 1)).toBeLessThan(1e-9);
      expect(Math.min(...state.density)).toBeGreaterThanOrEqual(0);
      return { symKl: gridSymKl(state, density.logDensityAt), energy: state.energy - gaussianKl(exact, to) };
    };
    const [coarse, fine] = [missOf(40), missOf(80)];
    expect(fine.symKl).toBeLessThan(coarse.symKl / 8); // the square of what falls by four
    expect(fine.symKl).toBeLessThan(1e-4);
    expect(Math.abs(fine.energy)).toBeLessThan(Math.abs(coarse.energy) / 3.5); // 4 in the limit
  });

  it("the diffusion of a potential by terms is that of KL", () => {
    const start = normalDistribution([1], Float64Array.of(0.5));
    const terms = sum([0.5, entropy()], [1, potential((x) => scale(squaredNorm(x), 1))]);
    const state = finiteVolumes({ start, functional: terms }, box(1, 5, 100), 0.3)!;
    // dx = -2 x dt + sqrt(2 / 2) dW
    const variance = 0.25 + (0.5 - 0.25) * Math.exp(-4 * 0.3);
    const exact = normalDistribution([Math.exp(-0.6)], Float64Array.of(variance));
    expect(gridSymKl(state, exact.logDensityAt)).toBeLessThan(1e-4);
  });

  it("the porous medium equation, to first order in the cell: there is no diffusion but that of the pressure", () => {
    const from = 1e-3 ** (1 / 3);
    const exact = barenblatt(1, 2, porousFlowAt({ dimension: 1, m: 2 }, from, 0.01));
    const porous = { start: barenblatt(1, 2, from), functional: internalEnergy(2, 1) };
    const [coarse, fine] = [80, 160].map((cells) => {
      const { energy } = finiteVolumes(porous, box(1, 1.2, cells), 0.01)!;
      return Math.abs(energy / exact.energy - 1);
    });
    expect(fine).toBeLessThan(0.6 * coarse);
    expect(fine).toBeLessThan(0.025);
  });

  it("steady states: the parabola of a nonlinear Fokker-Planck equation, the semicircle of an aggregation", () => {
    const functional = sum([1, internalEnergy(2, 1)], [1, potential(squaredNorm)]);
    const start = normalDistribution([0], Float64Array.of(0.25));
    const state = finiteVolumes({ start, functional }, box(1, 2.5, 100), 3)!;
    expect(Math.abs(state.energy - parabolaState(1).energy)).toBeLessThan(2e-3);
    const w = interaction((z) => add(scale(squaredNorm(z), 1 / 2), scale(log(sqrt(squaredNorm(z))), -1)));
    const gathered = finiteVolumes({ start: standardNormal(1), functional: w }, box(1, 5, 100), 6)!;
    // To first order in the cell, 0.1, where there is no diffusion.
    expect(Math.abs(gathered.energy - aggregationStates.line)).toBeLessThan(1e-2);
  });

  it("what it does not take: pairs in the plane, fast diffusion, three columns", () => {
    const pairs = interaction(squaredNorm);
    expect(finiteVolumes({ start: standardNormal(2), functional: pairs }, box(2, 4, 20), 1)).toBeUndefined();
    const fast = internalEnergy(0.5, -1);
    expect(finiteVolumes({ start: standardNormal(1), functional: fast }, box(1, 8, 100), 1)).toBeUndefined();
    const three = { start: standardNormal(3), functional: entropy() };
    expect(() => finiteVolumes(three, box(3, 4, 10), 1)).toThrow("3 columns, expected one or two");
    expect(() => finiteVolumes({ start: uniformBox(1, 0, 1), functional: entropy() }, box(1, 0, 10), 1)).toThrow(
      "a box without volume",
    );
  });
});
