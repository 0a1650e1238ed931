/** Particles against the Ornstein-Uhlenbeck process, whose moments are known, and against those of their own recursion. */
import { expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { entropy, interaction, internalEnergy, kl, potential, sum } from "../functionals/index.ts";
import { log, scale, squaredNorm } from "../graph/index.ts";
import { createKey } from "../random/index.ts";
import { gaussianFlowAt } from "./gaussianFlow.ts";
import { momentsOf } from "./moments.testing.ts";
import { eulerMaruyama, partnersOf } from "./particles.ts";

it("particles have the moments of the process", async () => {
  const engine = await createEngine({ kind: "reference" });
  try {
    const target = normalDistribution([1, -0.5], Float64Array.of(0.8, 0.3, 0.3, 0.5));
    const start = standardNormal(2);
    const options = { particles: 4000, time: 0.5, steps: 50, key: createKey(1) };
    const { mean, covariance } = momentsOf(eulerMaruyama(engine, { start, functional: kl(target) }, options)!, 2);
    const determinant = 0.8 * 0.5 - 0.09;
    const precision = Float64Array.of(0.5, -0.3, -0.3, 0.8).map((value) => value / determinant);
    const exact = gaussianFlowAt(start, { mean: target.mean, precision }, 0.5);
    // Standard errors of 4,000 rows are 0.016 and 0.022, the bias of a time step of 0.01 is below 0.02.
    for (const j of [0, 1]) expect(Math.abs(mean[j] - exact.mean[j])).toBeLessThan(0.08);
    for (const at of [0, 1, 2, 3]) expect(Math.abs(covariance[at] - exact.covariance[at])).toBeLessThan(0.12);
  } finally {
    engine.dispose();
  }
});

it("a quadratic interaction shrinks the cloud as its law says; an internal energy has no particles", async () => {
  const engine = await createEngine({ kind: "reference" });
  try {
    const start = standardNormal(1);
    const pull = interaction((z) => scale(squaredNorm(z), 0.5));
    const options = { particles: 4000, time: 1, steps: 100, key: createKey(2) };
    const { covariance } = momentsOf(eulerMaruyama(engine, { start, functional: pull }, options)!, 1);
    // y' = -(y - mean): the variance falls as e^(-2 t); partners that change add the order of the step, 1 %.
    expect(Math.abs(covariance[0] - Math.exp(-2))).toBeLessThan(0.02);
    expect(eulerMaruyama(engine, { start, functional: sum([1, internalEnergy(2)]) }, options)).toBeUndefined();
  } finally {
    engine.dispose();
  }
});

it("particles have the moments of their own recursion for V = a x^2 / 2 and a diffusion of 1/2", async () => {
  const engine = await createEngine({ threads: 1 });
  try {
    const [a, dt, n, diffusion, times] = [1.5, 0.1, 40_000, 0.5, 10];
    const start = normalDistribution([2], Float64Array.of(0.25));
    const functional = sum([1, potential((x) => scale(squaredNorm(x), a / 2))], [diffusion, entropy()]);
    const options = { particles: n, time: 1, steps: times, key: createKey(1) };
    const { mean, covariance } = momentsOf(eulerMaruyama(engine, { start, functional }, options)!, 1);
    let [m, v] = [2, 0.25];
    for (let k = 0; k < times; k++) [m, v] = [m * (1 - a * dt), v * (1 - a * dt) ** 2 + 2 * diffusion * dt];
    expect(Math.abs(mean[0] - m)).toBeLessThan(4 * Math.sqrt(v / n));
    expect(Math.abs(covariance[0] - v)).toBeLessThan(4 * v * Math.sqrt(2 / n));
    for (const [wrong, says] of [
      [{ steps: 2.5 }, "steps: 2.5, expected a whole number above 0"],
      [{ particles: 0 }, "particles: 0, expected a whole number above 0"],
      [{ time: Number.NaN }, "time: NaN, expected a number from 0 on"],
    ] as const) {
      expect(() => eulerMaruyama(engine, { start, functional }, { ...options, ...wrong })).toThrow(says);
    }
  } finally {
    engine.dispose();
  }
});

it("nobody is their own partner, and everybody is somebody's: a kernel that is infinite at 0 stays finite", async () => {
  for (const n of [2, 3, 50]) {
    const partners = partnersOf(createKey(n), n);
    expect([...partners].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    partners.forEach((partner, row) => {
      expect(partner).not.toBe(row);
    });
  }
  const engine = await createEngine({ kind: "reference" });
  try {
    const functional = sum([1, interaction((z) => scale(log(squaredNorm(z)), -0.5))], [1, potential(squaredNorm)]);
    const rows = eulerMaruyama(
      engine,
      { start: standardNormal(2), functional },
      { particles: 60, time: 0.02, steps: 40, key: createKey(3) },
    );
    expect(rows?.every(Number.isFinite)).toBe(true);
  } finally {
    engine.dispose();
  }
});
