/** Certificates without a training: Gaussians, given residuals, the line, inverses that are off. */
import { normalCdf } from "../../packages/jkoflow/src/data/normalQuantile.ts";
import { type GaussianState, gaussianJkoStep, gaussianKl } from "../../packages/jkoflow/src/evaluate/gaussianFlow.ts";
import { type LineFunctional, lineEntropy } from "../../packages/jkoflow/src/evaluate/lineEnergy.ts";
import { type LineState, lineSteps } from "../../packages/jkoflow/src/evaluate/lineScheme.ts";
import { functionOf, identityMatrix, plus, product } from "../../packages/jkoflow/src/evaluate/symmetric.ts";
import { createKey, fold, normal } from "../../packages/jkoflow/src/random/index.ts";
import {
  blockCount,
  certify,
  gaussianDistance,
  inexactStep,
  inversionDrift,
  type LineNormal,
  violation,
} from "../../packages/jkoflow/src/theory/index.ts";
import type { Figures } from "./certificatesPage.ts";

const CASES = 200;

function randomMatrix(name: string, seed: number, d: number): Float64Array {
  const z = Float64Array.from(normal(fold(createKey(seed), name), d * d));
  const transposed = z.map((_, at) => z[(at % d) * d + Math.floor(at / d)]);
  return plus(product(z, transposed, d), identityMatrix(d), 0.1);
}

export function exactGaussians(): Figures[] {
  return [1, 2, 3, 5].map((d) => {
    let [worst, contraction, rises, bound] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
    for (let seed = 1; seed <= CASES; seed++) {
      const vector = (name: string) => Float64Array.from(normal(fold(createKey(seed), name), d)).map((v) => 2 * v);
      const A = randomMatrix("A", seed, d);
      let lambda = Number.POSITIVE_INFINITY;
      const covariance = functionOf(A, d, (v) => {
        lambda = Math.min(lambda, v);
        return 1 / v;
      });
      const target = { mean: vector("b"), precision: A };
      const minimiser = { mean: target.mean, covariance };
      const h = [0.1, 0.5, 2][seed % 3];
      let state: GaussianState = { mean: vector("m"), covariance: randomMatrix("S", seed, d) };
      const first = gaussianDistance(state, minimiser);
      for (let k = 1; k <= 10; k++) {
        const next = gaussianJkoStep(state, target, h);
        const [before, after] = [gaussianDistance(state, minimiser), gaussianDistance(next, minimiser)];
        const excess = gaussianKl(next, minimiser);
        const of = { before, after, excess, lambda, stepSize: h, residual: 0, moved: next.moved };
        worst = Math.max(worst, violation(of) / (1 + before));
        contraction = Math.max(contraction, (after - before / (1 + 2 * h * lambda)) / (1 + before));
        if (excess > gaussianKl(state, minimiser) + 1e-12) rises++;
        const steps = Array.from({ length: k }, () => ({ stepSize: h, residual: 0 }));
        if (after > certify(steps, { lambda, distance: first })[k - 1].distance + 1e-10) bound++;
        state = next;
      }
    }
    return { columns: d, cases: CASES, "(E)": worst, contraction, rises, "above the bound": bound };
  });
}

const toTarget = ({ mean, sd }: LineNormal) => ({
  distance: mean ** 2 + (sd - 1) ** 2,
  kl: (sd * sd + mean ** 2 - 1 - Math.log(sd * sd)) / 2,
});

export function givenResiduals(): Figures[] {
  const start: LineNormal = { mean: 3, sd: 0.2 };
  const convexity = { lambda: 1, distance: toTarget(start).distance };
  return [0.1, 0.5, 1].flatMap((h) =>
    [0.3, 0.1, 0.03, 0.01, 0.003, 0.001].map((eps) => {
      let state = start;
      let [first, violations] = [0, 0];
      for (let n = 1; n <= 3000; n++) {
        const next = inexactStep(state, { b: 0, a: 1 }, h, eps, Math.PI / 4);
        const [was, is] = [toTarget(state), toTarget(next)];
        const of = { before: was.distance, after: is.distance, excess: is.kl, lambda: 1, stepSize: h, residual: eps };
        if (violation(of) > 1e-12) violations++;
        if (first === 0 && is.kl <= eps ** 2) first = n;
        state = next;
      }
      const plateau = toTarget(state).kl / eps ** 2;
      return { h, eps, "first n": first, N: blockCount(convexity, h, eps), "KL / eps^2": plateau, violations };
    }),
  );
}

const CELLS = 4000;

export function onTheLine(): Figures[] {
  const z = Float64Array.from({ length: CELLS + 1 }, (_, k) => (11 * k) / CELLS - 5.5);
  const raw = Float64Array.from({ length: CELLS }, (_, i) => normalCdf(z[i + 1]) - normalCdf(z[i]));
  const total = raw.reduce((a, b) => a + b, 0);
  const mass = raw.map((c) => c / total);
  const cdf = (x: number): number => 0.3 * normalCdf((x + 2.5) / 0.4) + 0.7 * normalCdf((x - 1.5) / 0.7);
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
  return (
    [
      [0.5, 5],
      [1, 4],
      [0.1, 20],
    ] as const
  ).map(([h, count]) => {
    const steps = lineSteps(functional, start, h, count);
    let [before, worst] = [distance(start), Number.NEGATIVE_INFINITY];
    const bounds = certify(
      steps.map(() => ({ stepSize: h, residual: 0 })),
      { lambda: 1, distance: before },
    );
    for (const step of steps) {
      const after = distance(step);
      const of = { before, after, excess: step.energy, lambda: 1, stepSize: h, residual: 0, moved: step.moved };
      worst = Math.max(worst, violation(of));
      before = after;
    }
    const last = steps[count - 1];
    return { h, steps: count, KL: last.energy, "W2^2": before, bound: bounds[count - 1].distance, "(E)": worst };
  });
}

const ROWS = 20_000;

export function shakenInverses(): Figures[] {
  const target = { mean: Float64Array.of(0), precision: Float64Array.of(1) };
  const states: GaussianState[] = [{ mean: Float64Array.of(3), covariance: Float64Array.of(4) }];
  const maps = Array.from({ length: 10 }, (_, k) => {
    const next = gaussianJkoStep(states[k], target, 0.3);
    states.push(next);
    return { slope: next.map[0], from: states[k].mean[0], to: next.mean[0] };
  });
  return [1e-1, 1e-2, 1e-3, 1e-4].map((error) => {
    let squares = 0;
    const z = normal(createKey("rows"), ROWS);
    const noise = maps.map((_, k) => normal(fold(createKey("noise"), k), ROWS));
    for (let r = 0; r < ROWS; r++) {
      let [right, wrong] = [z[r], z[r]];
      for (let k = maps.length - 1; k >= 0; k--) {
        const { slope, from, to } = maps[k];
        right = from + (right - to) / slope;
        // |T(S y) - y| is `error`, root mean square.
        wrong = from + (wrong + error * noise[k][r] - to) / slope;
      }
      squares += (right - wrong) ** 2 / ROWS;
    }
    const bound = inversionDrift(maps.map(({ slope }) => ({ error, stretch: 1 / slope })));
    return { error, measured: Math.sqrt(squares), bound };
  });
}
