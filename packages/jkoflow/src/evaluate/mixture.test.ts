import { expect, test } from "vitest";
import { createKey, fold, type Key, normal, uniform } from "../random/index.ts";
import type { Components } from "./components.ts";
import { createRanking, emptyMoments, expectation, maximization } from "./em.ts";
import { energyDistance } from "./energyDistance.ts";
import { fitGaussian } from "./gaussian.ts";
import { fitMixture } from "./mixture.ts";
import { scoreLogProb } from "./score.ts";

/** Three Gaussians in the plane: centres on a circle of radius 6, deviations 0.5 and 1.5. */
function threeBlobs(key: Key, rows: number): { x: Float32Array; logProb: Float64Array } {
  const noise = normal(fold(key, "noise"), rows * 2);
  const pick = uniform(fold(key, "pick"), rows);
  const x = new Float32Array(rows * 2);
  const centre = (k: number): [number, number] => [6 * Math.cos(2 * k), 6 * Math.sin(2 * k)];
  for (let r = 0; r < rows; r++) {
    const [a, b] = centre(Math.floor(pick[r] * 3));
    x[2 * r] = a + 0.5 * noise[2 * r];
    x[2 * r + 1] = b + 1.5 * noise[2 * r + 1];
  }
  const logProb = Float64Array.from({ length: rows }, (_, r) => {
    let sum = 0;
    for (let k = 0; k < 3; k++) {
      const [a, b] = centre(k);
      sum += Math.exp(-2 * (x[2 * r] - a) ** 2 - (x[2 * r + 1] - b) ** 2 / 4.5) / (3 * 2 * Math.PI * 0.75);
    }
    return Math.log(sum);
  });
  return { x, logProb };
}

const train = threeBlobs(createKey(1), 3000).x;
const validation = threeBlobs(createKey(2), 1000).x;
const test0 = threeBlobs(createKey(3), 2000);

test("three blobs are found: the test NLL is that of the true density", () => {
  const fit = fitMixture(train, validation, 2, createKey(7), { components: [1, 3], ridgeCounts: [1] });
  expect(fit.chosen.components).toBe(3);
  expect(Array.from(fit.weights).every((weight) => Math.abs(weight - 1 / 3) < 0.04)).toBe(true);
  const truth = scoreLogProb(test0.logProb).nll;
  // 17 free numbers on 3,000 rows cost 17 / 6000 = 0.003 nats on average; 0.01 allows for the draw.
  expect(Math.abs(scoreLogProb(fit.logProb(test0.x, 2000)).nll - truth)).toBeLessThan(0.01);
});

test("samples are distributed as the density says", () => {
  const fit = fitMixture(train, validation, 2, createKey(7), { components: [3], ridgeCounts: [1] });
  const rows = fit.sample(createKey(4), 2000);
  // E(-ln p) over own samples and over the true rows are equal up to the fit's error; 0.1 is four standard errors of 0.025.
  const own = scoreLogProb(fit.logProb(rows, 2000));
  expect(Math.abs(own.nll - scoreLogProb(test0.logProb).nll)).toBeLessThan(0.1);
  expect(energyDistance(test0.x, rows, 2, createKey(5), { permutations: 99, maxRows: 1000 }).pValue).toBeGreaterThan(
    0.01,
  );
});

test("one component is the Gaussian of the rows", () => {
  const fit = fitMixture(train, validation, 2, createKey(7), { components: [1] });
  const gaussian = fitGaussian(train, 3000, 2).logProb(test0.x, 2000);
  fit.logProb(test0.x, 2000).forEach((value, i) => {
    expect(value).toBeCloseTo(gaussian[i], 10); // another order of the same sums
  });
});

test("rows of one Gaussian get one component", () => {
  for (const seed of [0, 1, 2]) {
    const key = createKey(seed);
    const correlated = (name: string, rows: number): Float32Array => {
      const z = normal(fold(key, name), rows * 2);
      return z.map((value, i) => (i % 2 === 0 ? value : 0.8 * z[i - 1] + 0.6 * value));
    };
    const fit = fitMixture(correlated("train", 800), correlated("validation", 100), 2, key);
    expect(fit.chosen.components).toBe(1);
    expect(fit.candidates.length).toBe(3); // the climb ends after two rungs without gain
  }
});

test("the ladder is climbed as far as held-out rows gain", () => {
  const fit = fitMixture(train, validation, 2, createKey(7));
  expect(fit.chosen.components).toBe(3);
  const nll = scoreLogProb(fit.logProb(test0.x, 2000)).nll;
  expect(Math.abs(nll - scoreLogProb(test0.logProb).nll)).toBeLessThan(0.01); // as above
});

test("a climb is worth it: mixtures of many components are found where the rows have them", () => {
  const ring = (key: Key, rows: number): Float32Array => {
    const [turn, noise] = [uniform(fold(key, "turn"), rows), normal(fold(key, "noise"), rows)];
    return Float32Array.from({ length: 2 * rows }, (_, at) => {
      const angle = 2 * Math.PI * turn[at >> 1];
      return (1 + 0.02 * noise[at >> 1]) * (at % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
    });
  };
  const held = ring(createKey(12), 1000);
  const fit = fitMixture(ring(createKey(11), 3000), held, 2, createKey(7));
  expect(fit.chosen.components).toBeGreaterThanOrEqual(12);
  // Entropy of angle and radius, log 2 pi + log(0.02 sqrt(2 pi e)): what the ring costs in polar terms, at radius 1.
  const entropy = Math.log(2 * Math.PI) + Math.log(0.02 * Math.sqrt(2 * Math.PI * Math.E));
  const { nll, standardError } = scoreLogProb(fit.logProb(held, 1000));
  expect(nll).toBeGreaterThan(entropy - 4 * standardError);
  expect(nll).toBeLessThan(entropy + 0.15);
});

test("equal keys give equal bits", () => {
  const options = { components: [2, 4], ridgeCounts: [0.3, 1], maxRows: 1500 };
  const [a, b] = [0, 1].map(() => fitMixture(train, validation, 2, createKey(9), options).logProb(validation, 1000));
  expect(a).toEqual(b);
});

test("the cut-offs change nothing: one EM step equals the step without them", () => {
  const x = Float64Array.from(train).map((value) => value / 4);
  const [cols, count, rows] = [2, 4, 600];
  const start = emptyMoments(count, cols);
  for (let k = 0; k < count; k++) {
    start.count[k] = 1 + k;
    start.first.set([Math.cos(k) * (1 + k), Math.sin(k) * (1 + k)], k * cols);
    start.second.set([2 + 2 * k, 0.3, 2 + 2 * k], k * 3);
  }
  const components = maximization(start, cols, 1);
  const plain = directStep(components, x, rows);
  const moments = expectation(components, x, createRanking(rows, count), { from: 0, to: rows }, "all");
  // Dropped shares are below 1e-6 per row and component.
  for (let k = 0; k < count; k++) expect(Math.abs(moments.count[k] - plain[k])).toBeLessThan(1e-6 * rows);
});

/** sum of responsibilities per component, by the textbook formula */
function directStep(c: Components, x: Float64Array, rows: number): number[] {
  const sums = new Array<number>(c.count).fill(0);
  for (let r = 0; r < rows; r++) {
    const terms = sums.map((_, k) => {
      const [w0, w1, w2] = c.whitener.subarray(3 * k, 3 * k + 3);
      const [u, v] = [x[2 * r] - c.mean[2 * k], x[2 * r + 1] - c.mean[2 * k + 1]];
      return (c.weight[k] * w0 * w2 * Math.exp(-((w0 * u) ** 2 + (w1 * u + w2 * v) ** 2) / 2)) / (2 * Math.PI);
    });
    const total = terms.reduce((sum, term) => sum + term, 0);
    terms.forEach((term, k) => {
      sums[k] += term / total;
    });
  }
  return sums;
}

test("small and degenerate tables still get a finite fit", () => {
  const copied = Float32Array.from({ length: 24 }, (_, i) => Math.floor(i / 2) % 5);
  const fit = fitMixture(copied, copied, 2, createKey(0));
  expect(fit.chosen.components).toBe(1);
  expect(Array.from(fit.logProb(copied, 12)).every(Number.isFinite)).toBe(true);
  expect(() => fitMixture(Float32Array.of(1, Number.NaN), copied, 2, createKey(0))).toThrow("train");
  expect(() => fitMixture(copied, copied, 2, createKey(0), { components: [3, 2] })).toThrow("rising whole numbers");
  expect(() => fitMixture(copied, copied, 2, createKey(0), { ridgeCounts: [] })).toThrow("ridgeCounts");
});
