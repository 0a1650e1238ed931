/** Closed forms of porous media and steady states against stored values (float64 root finding and quadrature in numpy). */
import { describe, expect, it } from "vitest";
import { barenblatt } from "../distributions/index.ts";
import { porousFlowAt, porousStep } from "./barenblattFlow.ts";
import { aggregationStates, parabolaState, particleEnergy } from "./steadyStates.ts";

describe("porous medium", () => {
  it.each([
    [1, 2, 1e-3, 1e-2, [0.19119013, 0.24618792, 0.28673193], 0.44711684, 0.46570095],
    [1, 2, 1e-3, 5e-4, [0.11304261, 0.12389959, 0.13328183], 0.17890026, 0.18171206],
    [3, 2, 1e-3, 5e-4, [0.27000423, 0.28513318, 0.29784078], 0.35544769, 0.35944318],
    [6, 2, 1e-3, 5e-4, [0.44097191, 0.45617579, 0.46874538], 0.52355065, 0.52755641],
    [2, 3, 0.1, 0.02, [0.70098598, 0.7184053, 0.7340462], 0.81423014, 0.81818882],
  ])("d = %d, m = %d, t0 = %d, h = %d", (dimension, m, t0, h, first, tenth, flow) => {
    const medium = { dimension, m };
    const exponent = 1 / (dimension * (m - 1) + 2);
    let s = t0 ** exponent;
    for (let k = 0; k < 10; k++) {
      s = porousStep(medium, s, h);
      if (k < 3) expect(Math.abs(s - first[k])).toBeLessThan(6e-9);
    }
    expect(Math.abs(s - tenth)).toBeLessThan(6e-9);
    expect(Math.abs(porousFlowAt(medium, t0 ** exponent, 10 * h) - flow)).toBeLessThan(6e-9);
  });

  it("with confinement, one step, and the fixed point", () => {
    const medium = { dimension: 1, m: 2, confinement: 1 };
    expect(Math.abs(porousStep(medium, 0.5 ** (1 / 3), 0.1) / 0.5 ** (1 / 3) - 0.97309472)).toBeLessThan(6e-9);
    const still = (1 / 3) ** (1 / 3); // (b / a)^b
    expect(Math.abs(porousStep(medium, still, 0.7) - still)).toBeLessThan(1e-14);
    expect(() => porousStep(medium, 0, 1)).toThrow("porous medium: s = 0, h = 1, expected numbers above 0");
  });

  it("a step lowers F by more than half of what it moves", () => {
    const h = 5e-4;
    const [before, after] = [0.1, porousStep({ dimension: 1, m: 2 }, 0.1, h)].map((s) => barenblatt(1, 2, s));
    const moved = (after.scale - before.scale) ** 2 * barenblatt(1, 2, 1).secondMoment;
    expect(after.energy + moved / (2 * h)).toBeLessThan(before.energy);
  });
});

describe("steady states", () => {
  it("of the nonlinear Fokker-Planck equation", () => {
    for (const [c, constant, radius, energy] of [
      [1, 0.6551853486, 1.1447142426, 0.7862224183],
      [0.5, 0.5200209558, 1.4422495703, 0.6240251469],
    ]) {
      const state = parabolaState(c);
      expect(Math.abs(state.constant - constant)).toBeLessThan(1e-9);
      expect(Math.abs(state.radius - radius)).toBeLessThan(1e-9);
      expect(Math.abs(state.energy - energy)).toBeLessThan(1e-9);
    }
  });

  it("of aggregation, and of finitely many particles", () => {
    expect(Math.abs(aggregationStates.line - 0.5482867951)).toBeLessThan(1e-10);
    expect(Math.abs(aggregationStates.ringRadius - 0.5773502692)).toBeLessThan(1e-10);
    for (const [n, energy] of [
      [10, 0.3886256088],
      [100, 0.5209964503],
      [1000, 0.5444092185],
      [2000, 0.5461748159],
    ]) {
      expect(Math.abs(particleEnergy(n) - energy)).toBeLessThan(1e-9);
    }
    // the energy of the disk and of the ring by sums over a fine grid of angles and radii
    let ring = 0;
    const n = 400;
    for (let j = 0; j < n; j++) {
      const r = 2 * aggregationStates.ringRadius * Math.abs(Math.sin((Math.PI * j) / n));
      ring += (r ** 4 / 4 - r ** 2 / 2) / (2 * n);
    }
    expect(Math.abs(ring - aggregationStates.ring)).toBeLessThan(1e-12);
  });
});
