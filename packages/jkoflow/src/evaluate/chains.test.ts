import { describe, expect, it } from "vitest";
import { createKey, fold, normal } from "../random/index.ts";
import { diagnoseChains } from "./chains.ts";

const key = createKey("chains");

/** Chains of x' = c x + sqrt(1 - c^2) z, begun in their law N(0, 1). */
const autoregressive = (c: number, count: number, n: number, name = "ar"): Float64Array[] =>
  Array.from({ length: count }, (_, j) => {
    const z = normal(fold(key, name, j), n);
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) x[i] = i === 0 ? z[0] : c * x[i - 1] + Math.sqrt(1 - c * c) * z[i];
    return x;
  });

/** Phi by Simpson's rule and its inverse by Newton: what the library's series and bisection are held against. */
function quantileOf(p: number): number {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const cdf = (x: number) => {
    const h = x / 200;
    let sum = density(0) + density(x);
    for (let i = 1; i < 200; i++) sum += (i % 2 === 1 ? 4 : 2) * density(i * h);
    return 0.5 + (h / 3) * sum;
  };
  let x = 0;
  for (let i = 0; i < 30; i++) x -= Math.max(-1, Math.min(1, (cdf(x) - p) / density(x)));
  return x;
}

/** The paper's formulas word by word, ranks by counting, every autocovariance at hand before any sum is begun. */
function plainly(chains: readonly Float64Array[]) {
  const size = Math.floor(chains[0].length / 2);
  const halves = chains.flatMap((x) => [[...x.slice(0, size)], [...x.slice(x.length - size)]]);
  const all = halves.flat();
  const mean = (x: readonly number[]) => x.reduce((a, b) => a + b) / x.length;
  const variance = (x: readonly number[]) => x.reduce((a, b) => a + (b - mean(x)) ** 2, 0) / (x.length - 1);
  const ranked = (of: readonly number[][]) => {
    const flat = of.flat();
    const rank = (v: number) => flat.filter((u) => u < v).length + (flat.filter((u) => u === v).length + 1) / 2;
    return of.map((x) => x.map((v) => quantileOf((rank(v) - 3 / 8) / (flat.length + 1 / 4))));
  };
  const varPlus = (x: readonly number[][]) => mean(x.map(variance)) * (1 - 1 / size) + variance(x.map(mean));
  const ess = (x: readonly number[][]) => {
    const rho = Array.from({ length: size }, (_, t) => {
      const covariances = x.map((c) => {
        const m = mean(c);
        return c.slice(t).reduce((sum, v, i) => sum + (v - m) * (c[i] - m), 0) / size;
      });
      return 1 - (mean(x.map(variance)) - mean(covariances)) / varPlus(x);
    });
    rho[0] = 1;
    const pairs = Array.from({ length: Math.floor(size / 2) }, (_, k) => rho[2 * k] + rho[2 * k + 1]);
    const end = pairs.findIndex((v, k) => k > 0 && v <= 0);
    const kept = pairs.slice(0, end < 0 ? undefined : end);
    for (let k = 1; k < kept.length; k++) kept[k] = Math.min(kept[k], kept[k - 1]);
    const last = end < 0 ? 0 : Math.max(0, rho[2 * end]);
    return (x.length * size) / (2 * kept.reduce((a, b) => a + b) - 1 + last);
  };
  const order = [...all].sort((a, b) => a - b);
  const median = (order[order.length / 2 - 1] + order[order.length / 2]) / 2;
  const indicators = (share: number) => {
    const bound = order[Math.ceil(share * order.length) - 1];
    return halves.map((x) => x.map((v) => (v <= bound ? 1 : 0)));
  };
  const folded = ranked(halves.map((x) => x.map((v) => Math.abs(v - median))));
  const rHat = (x: readonly number[][]) => Math.sqrt(varPlus(x) / mean(x.map(variance)));
  return {
    rHat: Math.max(rHat(ranked(halves)), rHat(folded)),
    bulkEss: ess(ranked(halves)),
    tailEss: Math.min(ess(indicators(0.05)), ess(indicators(0.95))),
  };
}

describe("chains", () => {
  it.each([0, 0.5, 0.8])("are what the formulas say, written down plainly: autoregression %f", (c) => {
    const chains = autoregressive(c, 4, 61, `plain ${c}`).map((x, j) => x.map((v) => Math.round(8 * (v + j / 4)) / 8)); // ties
    const [found, expected] = [diagnoseChains(chains), plainly(chains)];
    expect(found.rHat).toBeCloseTo(expected.rHat, 8);
    expect(found.bulkEss / expected.bulkEss).toBeCloseTo(1, 8);
    expect(found.tailEss / expected.tailEss).toBeCloseTo(1, 8);
  });

  it.each([0, 0.5, 0.9, -0.4])("of autoregression %f are worth (1 - c) / (1 + c) of their draws", (c) => {
    // Of normal draws the ranks' scores are the draws. Over 10,000 draws the sum of the correlations has an error of some per cent.
    const { rHat, bulkEss } = diagnoseChains(autoregressive(c, 4, 2500));
    expect(Math.abs(bulkEss / 10_000 / ((1 - c) / (1 + c)) - 1)).toBeLessThan(0.2);
    expect(rHat).toBeLessThan(1.01);
  });

  it("that differ in place do not agree, nor do those that drift", () => {
    const apart = autoregressive(0, 4, 1000, "place").map((x, j) => x.map((v) => v + (j === 0 ? 1 : 0)));
    expect(diagnoseChains(apart).rHat).toBeGreaterThan(1.05);
    const drifting = autoregressive(0, 4, 1000, "drift").map((x) => x.map((v, i) => v + i / 500));
    expect(diagnoseChains(drifting).rHat).toBeGreaterThan(1.05);
  });

  it("that differ in spread alone do not agree", () => {
    const chains = autoregressive(0, 4, 1000, "spread").map((x, j) => x.map((v) => v * (j === 0 ? 3 : 1)));
    expect(diagnoseChains(chains).rHat).toBeGreaterThan(1.05);
  });

  it("without a mean are as good as their ranks", () => {
    const chains = autoregressive(0, 4, 1000, "ratio").map((x, j) => {
      const below = normal(fold(key, "below", j), 1000);
      return x.map((v, i) => v / below[i]);
    });
    const { rHat, bulkEss } = diagnoseChains(chains);
    expect(rHat).toBeLessThan(1.01);
    expect(bulkEss).toBeGreaterThan(3000);
  });

  it("that stand still say nothing", () => {
    expect(diagnoseChains([new Float64Array(10), new Float64Array(10)])).toEqual({
      ...{ rHat: Number.NaN, bulkEss: Number.NaN, tailEss: Number.NaN },
    });
  });

  it.each([
    [[], "0 chains"],
    [[new Float64Array(7)], "1 chains of 7 draws"],
    [[new Float64Array(8), new Float64Array(9)], "8 and 9 draws"],
    [[Float64Array.of(0, 1, 2, Number.NaN, 4, 5, 6, 7)], "NaN"],
  ])("refuse %s", (chains, came) => {
    expect(() => diagnoseChains(chains)).toThrow(came);
  });
});
