/** Bounds against the integrals that they bound, in one dimension by sums over a fine grid, in float64. */
import { describe, expect, it } from "vitest";
import { barenblatt, normalDistribution } from "../distributions/index.ts";
import { createGraph } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import { type Bound, entropyBound, powerBound } from "./bound.ts";
import { jsToRows, klToRows } from "./fromRows.ts";

const CELLS = 20_000;

/** The bound of a density on the line by the critic v, the reference being N(0, 4) or uniform on [-4, 4]. */
function boundOf(
  bound: Bound,
  logDensityAt: (x: number) => number,
  v: (x: number, logGamma: number) => number,
): number {
  const width = 32 / CELLS;
  const at = Array.from({ length: CELLS }, (_, i) => -16 + width * (i + 0.5));
  const wide = normalDistribution([0], Float64Array.of(4));
  const logGammaAt = (x: number): number =>
    bound.reference !== "ball" ? wide.logDensityAt([x]) : Math.abs(x) < 4 ? -Math.log(8) : Number.NEGATIVE_INFINITY;
  const graph = createGraph();
  const [value, logGamma] = [graph.rows("v", 1), graph.rows("logGamma", 1)];
  const inside = at.filter((x) => Number.isFinite(logGammaAt(x)));
  const leaf = (f: (x: number) => number) => ({ rows: inside.length, cols: 1, data: Float64Array.from(inside, f) });
  const leaves = new Map([
    [value, leaf((x) => v(x, logGammaAt(x)))],
    [logGamma, leaf(logGammaAt)],
  ]);
  const [a, b] = (["ofRows", "ofReference"] as const).map(
    (part) => evaluator(bound[part](value, logGamma), inside.length)(leaves).data,
  );
  let [ofRows, ofReference] = [0, 0];
  inside.forEach((x, i) => {
    ofRows += width * Math.exp(logDensityAt(x)) * a[i];
    ofReference += width * Math.exp(logGammaAt(x)) * b[i];
  });
  return ofRows - (bound.less === "log mean" ? Math.log(ofReference) : ofReference);
}

describe("lower bounds of int f(rho)", () => {
  const gaussian = normalDistribution([0.5], Float64Array.of(0.49));
  const at = (x: number): number => gaussian.logDensityAt([x]);

  it("the entropy of a Gaussian is reached by its log-ratio, and by nothing else but a constant more", () => {
    const exact = -0.5 * Math.log(2 * Math.PI * Math.E * 0.49);
    const found = (v: (x: number) => number): number =>
      boundOf(entropyBound, at, (x, logGamma) => at(x) - logGamma + v(x));
    expect(Math.abs(found(() => 0) - exact)).toBeLessThan(1e-9);
    expect(Math.abs(found(() => 3) - exact)).toBeLessThan(1e-9);
    for (const v of [(x: number) => 0.1 * x, (x: number) => -0.05 * x * x, Math.sin])
      expect(found(v)).toBeLessThan(exact);
  });

  // int rho^2 of N(m, s^2) is 1 / (2 sqrt(pi) s), int rho^3 is 1 / (2 pi sqrt(3) s^2), int rho^(1/2) is (8 pi s^2)^(1/4)
  it.each([
    [2, 1 / (2 * Math.sqrt(Math.PI) * 0.7)],
    [3, 1 / (2 * Math.PI * Math.sqrt(3) * 0.49)],
    [0.5, -((8 * Math.PI * 0.49) ** 0.25)],
  ])("powers of a Gaussian, m = %d", (m, exact) => {
    /** softplus(v) is rho / gamma, within the floor that the bound gives it. */
    const best = (x: number, logGamma: number): number =>
      Math.log(Math.expm1(Math.max(1e-12, Math.exp(at(x) - logGamma))));
    const found = (v: (x: number) => number): number =>
      boundOf(powerBound(m), at, (x, logGamma) => best(x, logGamma) + v(x));
    // A root is steep at 0: the floor of 1e-6 under h costs 1e-3 there, and 1e-6 of powers from 2 on.
    expect(Math.abs(found(() => 0) - exact)).toBeLessThan(m < 1 ? 1e-2 : 1e-5);
    for (const v of [() => 0.2, () => -0.2, Math.sin]) expect(found(v)).toBeLessThan(exact);
  });

  it("KL and JS to rows: those of their densities at the log-ratio, less at any other critic, JS 0 at a critic of 0", () => {
    const [kl, js] = [klToRows, jsToRows].map((to) => to(Float32Array.of(0)).terms[0].bound!);
    // KL(N(m, s^2) | N(0, 4)) = ln(2 / s) + (s^2 + m^2) / 8 - 1/2
    const exact = Math.log(2 / 0.7) + (0.49 + 0.25) / 8 - 0.5;
    const found = (bound: Bound, v: (x: number) => number): number =>
      boundOf(bound, at, (x, logGamma) => at(x) - logGamma + v(x));
    expect(Math.abs(found(kl, () => 0) - exact)).toBeLessThan(1e-9);
    expect(Math.abs(found(kl, () => 3) - exact)).toBeLessThan(1e-9);
    const wide = normalDistribution([0], Float64Array.of(4));
    let half = 0;
    for (let i = 0; i < CELLS; i++) {
      const x = -16 + (32 / CELLS) * (i + 0.5);
      const [p, q] = [Math.exp(at(x)), Math.exp(wide.logDensityAt([x]))];
      const middle = (p + q) / 2;
      half += (32 / CELLS) * ((p > 0 ? p * Math.log(p / middle) : 0) + (q > 0 ? q * Math.log(q / middle) : 0)) * 0.5;
    }
    expect(Math.abs(found(js, () => 0) - half)).toBeLessThan(1e-9);
    expect(Math.abs(boundOf(js, at, () => 0))).toBeLessThan(1e-9);
    for (const bound of [kl, js])
      for (const v of [(x: number) => 0.1 * x, Math.sin]) expect(found(bound, v)).toBeLessThan(found(bound, () => 0));
    expect(found(js, () => 1)).toBeLessThan(half);
  });

  it("rows that are none are refused, and what no critic is asked for", () => {
    expect(() => klToRows(new Float32Array(0))).toThrow("target: rows that are not finite, or none");
    expect(() => jsToRows(Float32Array.of(Number.NaN))).toThrow("expected finite numbers");
    expect(() => jsToRows(Float32Array.of(1)).terms[0].perRow({} as never, {})).toThrow(
      "JS to rows, which only a critic knows, expected the system variational",
    );
  });

  it("the energy of a Barenblatt profile: that of its closed form", () => {
    const profile = barenblatt(1, 2, 1);
    const logDensity = (x: number): number => profile.logDensityAt([x]);
    const v = (x: number, logGamma: number): number =>
      Math.log(Math.expm1(Math.max(1e-12, Math.exp(logDensity(x) - logGamma))));
    // The profile has corners at its edge: a grid of 1.6e-3 leaves 1e-6.
    expect(Math.abs(boundOf(powerBound(2), logDensity, v) - profile.energy)).toBeLessThan(1e-5);
  });
});
