/** All pairs of particles against the least energy of n of them on the line, the disk, and a quadratic W whose law is known. */
import { expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { entropy, interaction, potential, sum } from "../functionals/index.ts";
import { add, log, scale, sqrt, squaredNorm } from "../graph/index.ts";
import { createKey } from "../random/index.ts";
import { pairParticles } from "./pairParticles.ts";
import { particleEnergy } from "./steadyStates.ts";

const engine = createReferenceEngine();
const key = createKey("pairs");

it("W = x^2 / 2 - log |x| on the line: the least energy of n particles", () => {
  const w = interaction((z) => add(scale(squaredNorm(z), 1 / 2), scale(log(sqrt(squaredNorm(z))), -1)));
  const start = normalDistribution([0], Float64Array.of(4));
  const n = 24;
  const found = pairParticles(engine, { start, functional: w }, { particles: n, time: 10, key })!;
  // Both halves of a pair count, over n (n - 1) instead of n^2 pairs.
  expect(Math.abs((found.energy * (n - 1)) / n - particleEnergy(n))).toBeLessThan(1e-3);
});

it("W = r^2 / 2 and V = r^2: distances from the mean shrink by e^-3t, the mean by e^-2t", () => {
  const functional = sum([1, interaction((z) => scale(squaredNorm(z), 1 / 2))], [1, potential(squaredNorm)]);
  const start = normalDistribution([1, 2], Float64Array.of(1, 0, 0, 1));
  const n = 10;
  const { places } = pairParticles(engine, { start, functional }, { particles: n, time: 0.5, key })!;
  const before = start.sample(key, n);
  const meanOf = (y: Float32Array, k: number): number =>
    y.reduce((total, v, at) => (at % 2 === k ? total + v / n : total), 0);
  for (let at = 0; at < places.length; at++) {
    const [from, to] = [meanOf(before, at % 2), meanOf(places, at % 2)];
    expect(Math.abs(to - from * Math.exp(-1))).toBeLessThan(2e-3);
    // The others pull with (y_i - their mean) = n / (n - 1) (y_i - mean of all).
    const shrink = Math.exp(-(2 + n / (n - 1)) * 0.5);
    expect(Math.abs(places[at] - to - (before[at] - from) * shrink)).toBeLessThan(3e-3);
  }
});

it("a density is none of theirs", () => {
  const functional = sum([1, interaction(squaredNorm)], [1, entropy()]);
  const problem = { start: standardNormal(1), functional };
  expect(pairParticles(engine, problem, { particles: 4, time: 1, key })).toBeUndefined();
  const alone = { start: standardNormal(1), functional: potential(squaredNorm) };
  expect(pairParticles(engine, alone, { particles: 4, time: 1, key })).toBeUndefined();
});
