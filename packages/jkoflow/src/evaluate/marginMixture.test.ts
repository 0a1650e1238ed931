import { describe, expect, it } from "vitest";
import { applyMargin, fitKernelMargin, invertMargin, marginLogSlope } from "../data/index.ts";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { energyDistance } from "./energyDistance.ts";
import { fitMarginMixture } from "./marginMixture.ts";
import { fitMixture } from "./mixture.ts";
import { scoreLogProb } from "./score.ts";

const targets = ["smooth", "normal"] as const;

/** Columns that a Gaussian finds hard: sharp edges, a spike among normal values, a heavy tail with a value far out. */
const columns: Record<string, (name: string, n: number) => Float64Array> = {
  edges: (name, n) => uniform(fold(createKey(1), name), n),
  spike: (name, n) =>
    Float64Array.from(normal(fold(createKey(2), name), n), (z, i) => (i % 4 === 0 ? 5 + z / 1000 : 3 + z)),
  tail: (name, n) =>
    Float64Array.from(normal(fold(createKey(3), name), n), (z, i) => (i === 7 ? 1e6 : z / Math.abs(z + 2.0001))),
};

describe.each(Object.keys(columns))("the margin of a column: %s", (name) => {
  const [values, held] = [columns[name]("train", 2000), columns[name]("held", 500)];

  it.each(targets)("target %s: rising, with an exact slope and inverse", (target) => {
    const [margin] = fitKernelMargin(values, held, [target]);
    let last = Number.NEGATIVE_INFINITY;
    for (const x of [-1e7, -100, ...values.slice(0, 200).sort(), 1e7]) {
      const u = applyMargin(margin, x);
      expect(u).toBeGreaterThanOrEqual(last);
      last = u;
      // The narrowest cells rise by little: u holds x to rounding over the slope there.
      expect(Math.abs(invertMargin(margin, u) - x)).toBeLessThan(1e-6 * (1 + Math.abs(x)));
      const step = 1e-7 * (1 + Math.abs(x));
      const slope = (applyMargin(margin, x + step) - applyMargin(margin, x - step)) / (2 * step);
      const [low, high] = [marginLogSlope(margin, x - 2 * step), marginLogSlope(margin, x + 2 * step)];
      // A difference over an edge between two cells lies between the slopes of both.
      expect(Math.log(slope)).toBeGreaterThan(Math.min(low, high) - 1e-3);
      expect(Math.log(slope)).toBeLessThan(Math.max(low, high) + 1e-3);
    }
  });
});

describe("odd columns", () => {
  const values = Float64Array.from(normal(createKey(1), 1000));

  it("a held-out value that nothing explains leaves the choice to the others", () => {
    const held = Float64Array.from(normal(createKey(2), 300));
    const odd = held.slice();
    odd[17] = 1e9;
    // Far out only the share of the logistic law matters, so the width is the same: T is, within a share of 1 %.
    const [plain, chosen] = [held, odd].map((rows) => fitKernelMargin(values, rows, ["normal"])[0]);
    for (const x of [-1, 0, 0.5, 2]) expect(applyMargin(chosen, x)).toBeCloseTo(applyMargin(plain, x), 1);
  });

  it.each(targets)("a single value, and values far beyond the grid, have a finite density: %s", (target) => {
    for (const column of [new Float64Array(20).fill(3), values]) {
      const [margin] = fitKernelMargin(column, column.slice(0, 9), [target]);
      for (const x of [-1e30, 3, 1e30]) {
        expect(Number.isFinite(applyMargin(margin, x))).toBe(true);
        expect(Number.isFinite(marginLogSlope(margin, x))).toBe(true);
      }
    }
  });
});

describe("a mixture behind kernel margins", () => {
  /** Two columns of sharp edges that hang together: y in a band around x. */
  const band = (name: string, rows: number): Float32Array => {
    const [a, b] = [uniform(fold(createKey(5), name, "a"), rows), uniform(fold(createKey(5), name, "b"), rows)];
    return Float32Array.from({ length: 2 * rows }, (_, at) => (at % 2 === 0 ? a[at >> 1] : a[at >> 1] + b[at >> 1]));
  };
  const [train, validation, held] = [band("train", 3000), band("validation", 500), band("test", 2000)];
  const fit = fitMarginMixture(train, validation, 2, createKey(6));

  it("integrates to one", () => {
    // Midpoints of 400 x 600 cells over a box that holds all but the tails.
    const [nx, ny] = [400, 600];
    const grid = Float32Array.from({ length: 2 * nx * ny }, (_, at) => {
      const i = at >> 1;
      return at % 2 === 0 ? -0.5 + (2 * ((i % nx) + 0.5)) / nx : -0.5 + (3 * (Math.floor(i / nx) + 0.5)) / ny;
    });
    const sum = fit.logProb(grid, nx * ny).reduce((total, value) => total + Math.exp(value) * (2 / nx) * (3 / ny), 0);
    expect(Math.abs(sum - 1)).toBeLessThan(0.01); // midpoints over the steps of the density
  });

  it("gains on a mixture without them where columns have edges", () => {
    const nll = scoreLogProb(fit.logProb(held, 2000)).nll;
    expect(nll).toBeLessThan(scoreLogProb(fitMixture(train, validation, 2, createKey(6)).logProb(held, 2000)).nll);
    expect(nll).toBeGreaterThan(-0.1); // the true density is 1 on the band: no model is better than 0 but by chance
  });

  it("draws what its density says, and the same by the same key", () => {
    const rows = fit.sample(createKey(8), 2000);
    expect(rows).toEqual(fit.sample(createKey(8), 2000));
    const own = scoreLogProb(fit.logProb(rows, 2000)).nll;
    expect(Math.abs(own - scoreLogProb(fit.logProb(held, 2000)).nll)).toBeLessThan(0.1); // four standard errors
    const test = energyDistance(held, rows, 2, createKey(9), { permutations: 99, maxRows: 1000 });
    expect(test.pValue).toBeGreaterThan(0.01);
  });

  it("is the same for the same key, and refuses rows that are none", () => {
    const again = fitMarginMixture(train, validation, 2, createKey(6));
    expect(again.logProb(held, 2000)).toEqual(fit.logProb(held, 2000));
    expect(() => fitMarginMixture(train, validation.subarray(0, 3), 2, createKey(6))).toThrow("validation");
    expect(() => fit.logProb(held, 3)).toThrow("x: ");
  });

  it("has the Gaussian copula for a single component on normal scores", () => {
    // x = e^(l / 2) with l normal and correlated: ln p(x) = ln N(l; 0, S) - sum (l / 2 - ln 2), and the copula is Gaussian.
    const pair = (name: string, rows: number): { x: Float32Array; logProb: number } => {
      const z = normal(fold(createKey(7), name), 2 * rows);
      const logs = z.map((value, at) => (at % 2 === 0 ? value : 0.8 * z[at - 1] + 0.6 * value));
      let sum = 0;
      for (let at = 0; at < 2 * rows; at++) sum -= logs[at] / 2 + z[at] ** 2 / 2 + Math.log(2 * Math.PI) / 2;
      return { x: logs.map((l) => Math.exp(l / 2)), logProb: sum / rows - Math.log(0.6) + 2 * Math.LN2 };
    };
    const [a, b, c] = [pair("train", 4000), pair("validation", 1000), pair("test", 2000)];
    const copula = fitMarginMixture(a.x, b.x, 2, createKey(6), { components: [1] });
    expect(copula.target).toBe("normal");
    // Kernel margins of 4,000 rows cost some hundredths of a nat each.
    expect(Math.abs(scoreLogProb(copula.logProb(c.x, 2000)).nll + c.logProb)).toBeLessThan(0.1);
  });
});
