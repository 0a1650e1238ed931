/** Certificates on steps of which everything is known: exact ones, ones with a residual of known norm, a mixture on the line. */
import { describe, expect, it } from "vitest";
import { normalCdf } from "../data/normalQuantile.ts";
import { type GaussianState, gaussianJkoStep, gaussianKl } from "../evaluate/gaussianFlow.ts";
import { type LineFunctional, lineEntropy } from "../evaluate/lineEnergy.ts";
import { type LineState, lineEnergyOf, lineSteps } from "../evaluate/lineScheme.ts";
import { functionOf, identityMatrix, plus, product } from "../evaluate/symmetric.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { blockCount, certify, inversionBound, violation } from "./convergence.ts";
import { gaussianDistance, gaussianResidual, inexactStep, type LineNormal } from "./gaussianResidual.ts";

/** A positive definite matrix [d, d] from a key. */
function randomMatrix(name: string, seed: number, d: number): Float64Array {
  const z = Float64Array.from(normal(fold(createKey(seed), name), d * d));
  const transposed = z.map((_, at) => z[(at % d) * d + Math.floor(at / d)]);
  return plus(product(z, transposed, d), identityMatrix(d), 0.1);
}

describe("exact steps of Gaussians (E1)", () => {
  it.each([1, 2, 3, 4, 5, 6])("random start and target %i: no violation above 1e-10, xi is 0, KL falls", (seed) => {
    const d = 1 + (seed % 3);
    const vector = (name: string) => Float64Array.from(normal(fold(createKey(seed), name), d)).map((v) => 2 * v);
    const A = randomMatrix("A", seed, d);
    const target = { mean: vector("b"), precision: A };
    const minimiser = { mean: target.mean, covariance: functionOf(A, d, (v) => 1 / v) };
    const lambda = Math.min(...eigenvalues(A, d));
    const h = [0.1, 0.5, 2][seed % 3];
    let state: GaussianState = { mean: vector("m"), covariance: randomMatrix("S", seed, d) };
    const first = gaussianDistance(state, minimiser);
    for (let k = 1; k <= 8; k++) {
      const next = gaussianJkoStep(state, target, h);
      expect(gaussianResidual(state, next, target, h)).toBeLessThan(1e-7);
      const before = gaussianDistance(state, minimiser);
      const after = gaussianDistance(next, minimiser);
      const excess = gaussianKl(next, minimiser);
      expect(excess).toBeLessThanOrEqual(gaussianKl(state, minimiser));
      const of = { before, after, excess, lambda, stepSize: h, residual: 0 };
      expect(violation({ ...of, moved: next.moved })).toBeLessThan(1e-10 * (1 + before));
      expect(after).toBeLessThanOrEqual(before / (1 + 2 * h * lambda) + 1e-10);
      const steps = Array.from({ length: k }, () => ({ stepSize: h, residual: 0 }));
      expect(after).toBeLessThanOrEqual(certify(steps, { lambda, distance: first })[k - 1].distance + 1e-10);
      expect(next.moved).toBeCloseTo(gaussianDistance(state, next), 8);
      state = next;
    }
    const still = gaussianJkoStep(minimiser, target, h);
    expect(gaussianDistance(still, minimiser)).toBeLessThan(1e-10);
  });
});

const eigenvalues = (A: Float64Array, d: number): number[] => {
  const values: number[] = [];
  functionOf(A, d, (v) => values.push(v));
  return values;
};

const toTarget = ({ mean, sd }: LineNormal, a = 1, b = 0) => ({
  distance: (mean - b) ** 2 + (sd - 1 / Math.sqrt(a)) ** 2,
  kl: (a * sd * sd + a * (mean - b) ** 2 - 1 - Math.log(a * sd * sd)) / 2,
});

describe("steps with a residual of known norm (E2)", () => {
  const start: LineNormal = { mean: 3, sd: 0.2 };
  const target = { mean: Float64Array.of(0), precision: Float64Array.of(1) };
  const residualOf = (from: LineNormal, to: LineNormal, h: number): number =>
    gaussianResidual(
      { mean: Float64Array.of(from.mean), covariance: Float64Array.of(from.sd ** 2) },
      {
        mean: Float64Array.of(to.mean),
        covariance: Float64Array.of(to.sd ** 2),
        map: Float64Array.of(to.sd / from.sd),
        moved: 0,
      },
      target,
      h,
    );

  it("the residual is what it was made to be, and (E) and the contraction hold", () => {
    for (const h of [0.1, 0.5, 1, 1.9])
      for (const eps of [1e-1, 1e-2, 1e-3])
        for (const degrees of [0, 45, 90]) {
          let state = start;
          const steps: { stepSize: number; residual: number }[] = [];
          for (let n = 1; n <= 60; n++) {
            const next = inexactStep(state, { b: 0, a: 1 }, h, eps, (degrees * Math.PI) / 180);
            expect(Math.abs(residualOf(state, next, h) - eps)).toBeLessThan(1e-9 * Math.max(1, 1 / h));
            const [was, is] = [toTarget(state), toTarget(next)];
            const of = {
              before: was.distance,
              after: is.distance,
              excess: is.kl,
              lambda: 1,
              stepSize: h,
              residual: eps,
            };
            expect(violation(of)).toBeLessThan(1e-12);
            steps.push({ stepSize: h, residual: eps });
            const bounds = certify(steps, { lambda: 1, distance: toTarget(start).distance })[n - 1];
            expect(is.distance).toBeLessThanOrEqual(bounds.distance);
            expect(bounds.distance).toBeLessThanOrEqual((bounds.closed ?? 0) * (1 + 1e-12)); // of one step they are equal
            if (bounds.excess !== undefined) expect(is.kl).toBeLessThanOrEqual(bounds.excess);
            state = next;
          }
        }
  });

  it("(E) does not hold for a residual said to be smaller than it is", () => {
    let state = start;
    let worst = 0;
    for (let n = 0; n < 200; n++) {
      const next = inexactStep(state, { b: 0, a: 1 }, 0.5, 0.1, 0);
      const [was, is] = [toTarget(state), toTarget(next)];
      const of = { before: was.distance, after: is.distance, excess: is.kl, lambda: 1, stepSize: 0.5 };
      worst = Math.max(worst, violation({ ...of, residual: 0.05 }));
      state = next;
    }
    expect(worst).toBeGreaterThan(1e-3);
  });

  const plateau = (h: number, eps: number): number => {
    let state = start;
    for (let n = 0; n < 3000; n++) state = inexactStep(state, { b: 0, a: 1 }, h, eps, Math.PI / 4);
    return toTarget(state).kl;
  };

  it("the plateau of KL is 3/8 eps^2, whatever the step, with the slope 2 in eps", () => {
    expect([0.3, 0.1].map((eps) => (plateau(0.5, eps) / eps ** 2).toFixed(3))).toEqual(["0.384", "0.378"]);
    for (const h of [0.1, 0.5, 1, 1.9]) expect(plateau(h, 1e-4) / 1e-8).toBeCloseTo(0.375, 3);
    const slope = Math.log(plateau(0.5, 0.01) / plateau(0.5, 0.001)) / Math.log(10);
    expect(slope).toBeGreaterThan(1.95);
    expect(slope).toBeLessThan(2.05);
  });

  it.each([
    [0.1, [29, 41, 54, 65, 78, 90], [188, 276, 373, 461, 557, 645]],
    [0.5, [7, 10, 13, 16, 19, 21], [39, 56, 76, 93, 113, 130]],
    [1, [4, 6, 8, 9, 11, 13], [20, 29, 39, 47, 57, 66]],
  ])("h = %f: steps until KL <= eps^2, and the number that the theory asks for", (h, first, asked) => {
    const epsilons = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001];
    const convexity = { lambda: 1, distance: toTarget(start).distance };
    const found = epsilons.map((eps) => {
      let state = start;
      let n = 0;
      for (; toTarget(state).kl > eps ** 2; n++) state = inexactStep(state, { b: 0, a: 1 }, h, eps, Math.PI / 4);
      return n;
    });
    expect(found).toEqual(first);
    expect(epsilons.map((eps) => blockCount(convexity, h, eps))).toEqual(asked);
  });
});

/** Exact steps from .3 N(-2.5, .4^2) + .7 N(1.5, .7^2) to N(0, 1), by an independent solver with the same 4,000 cells. */
const golden = {
  KL0: 1.3344248551,
  W2sq0: 1.2715656664,
  runs: [
    {
      h: 0.5,
      KL: [0.33583, 0.08445, 0.02228, 0.00625, 0.00189],
      distances: [0.33446, 0.09025, 0.0258, 0.00795, 0.00266],
    },
    { h: 1, KL: [0.13858, 0.01552, 0.00204, 0.00032], distances: [0.13943, 0.01777, 0.00271, 0.00049] },
    { h: 0.1, KL: [0.95021, 0.67719, 0.4819], distances: [0.92813, 0.67568, 0.49067] },
  ],
};

describe("a mixture on the line (E3)", () => {
  const cells = 4000;
  const z = Float64Array.from({ length: cells + 1 }, (_, k) => (11 * k) / cells - 5.5);
  const raw = Float64Array.from({ length: cells }, (_, i) => normalCdf(z[i + 1]) - normalCdf(z[i]));
  const total = raw.reduce((a, b) => a + b, 0);
  const mass = raw.map((c) => c / total);
  const cdf = (x: number): number => 0.3 * normalCdf((x + 2.5) / 0.4) + 0.7 * normalCdf((x - 1.5) / 0.7);
  /** Where the mixture has the mass that N(0, 1) has below z. */
  const quantile = (at: number): number => {
    let [low, high] = [-10, 10];
    for (let i = 0; i < 80; i++) {
      const middle = (low + high) / 2;
      if (cdf(middle) < normalCdf(at)) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  const start: LineState = { mass, nodes: z.map(quantile) };
  const functional: LineFunctional = {
    internal: lineEntropy,
    potential: { at: (x) => (x * x + Math.log(2 * Math.PI)) / 2, slope: (x) => x, curvature: () => 1 },
  };
  const distance = ({ nodes }: LineState): number =>
    mass.reduce((sum, c, i) => {
      const [p, q] = [nodes[i] - z[i], nodes[i + 1] - z[i + 1]];
      return sum + (c * (p * p + p * q + q * q)) / 3;
    }, 0);

  it.each(golden.runs)("h = $h: KL and W_2^2 of the golden file, and (E) at every step", ({ h, KL, distances }) => {
    const steps = lineSteps(functional, start, h, KL.length);
    let before = distance(start);
    expect(before).toBeCloseTo(golden.W2sq0, 3);
    expect(lineEnergyOf(functional, start)).toBeCloseTo(golden.KL0, 3);
    steps.forEach((step, k) => {
      expect(Math.abs(step.energy - KL[k])).toBeLessThan(1e-3);
      expect(Math.abs(distance(step) - distances[k])).toBeLessThan(1e-3);
      const of = { before, after: distance(step), excess: step.energy, lambda: 1, stepSize: h, residual: 0 };
      expect(violation({ ...of, moved: step.moved })).toBeLessThan(1e-6);
      before = of.after;
    });
  });
});

describe("bounds", () => {
  it("of an inversion: errors of each step, stretched by those after it (E5)", () => {
    const [h, K, N, error] = [0.5, 0.7, 9, 1e-3];
    let worst = 0;
    for (let n = 0; n < N; n++) worst = Math.exp(h * K) * (worst + error);
    expect(inversionBound(error, h, K, N)).toBeCloseTo(worst, 12);
    expect(inversionBound(error, h, 0, N)).toBeCloseTo(N * error, 12);
  });

  it("go by each step's own size and residual, and refuse what is not convex (E6)", () => {
    const steps = [
      { stepSize: 0.5, residual: 0.1 },
      { stepSize: 1, residual: 0.01 },
    ];
    const [one, two] = certify(steps, { lambda: 1, distance: 4 });
    expect(one.distance).toBeCloseTo((4 + 2 * 0.5 * 0.01) / 1.25, 12);
    expect(two.distance).toBeCloseTo((one.distance + 2 * 1e-4) / 1.5, 12);
    expect([one.closed === undefined, two.closed === undefined]).toEqual([false, true]);
    const free = [{ stepSize: Number.POSITIVE_INFINITY, residual: 0.1 }];
    const nearly = [{ stepSize: 1e9, residual: 0.1 }];
    const bounds = [free, nearly].map((of) => certify(of, { lambda: 2, distance: 4 })[0].distance);
    expect(bounds[0]).toBeCloseTo(bounds[1], 6);
    expect(certify(free, { lambda: 2, distance: 4 })[0].closed).toBeCloseTo(bounds[0], 12);
    for (const lambda of [0, -0.3, Number.NaN])
      expect(() => certify(steps, { lambda, distance: 1 })).toThrow("without it the theory gives no bound");
    expect(() => certify([{ stepSize: 0, residual: 0 }], { lambda: 1, distance: 1 })).toThrow(
      "step 1: 0, expected a step",
    );
    expect(() => certify([{ stepSize: 1, residual: -1 }], { lambda: 1, distance: 1 })).toThrow("a residual from 0");
    expect(() => blockCount({ lambda: 3, distance: 1 }, 1, 0.1)).toThrow("not above 2");
  });
});
