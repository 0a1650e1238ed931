import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { atRows } from "./host.ts";
import { sinkhorn } from "./sinkhorn.ts";
import { sinkhornToRows } from "./sinkhornToRows.ts";

const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v / values.length, 0);
const of = (x: ArrayLike<number>, y: ArrayLike<number>, d: number, blur: number): number =>
  mean(sinkhorn(x, y, d, blur).values);

/** Midpoints of quantiles of N(0, 1), by bisection of its distribution function, summed over a fine grid. */
function quantiles(n: number): Float64Array {
  const [low, width, cells] = [-6, 12, 120_000];
  const out = new Float64Array(n);
  let [sum, at] = [0, 0];
  for (let i = 0; i < cells && at < n; i++) {
    const x = low + (width * (i + 0.5)) / cells;
    sum += (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * (width / cells);
    while (at < n && sum >= (at + 0.5) / n) out[at++] = x;
  }
  return out;
}

describe("the Sinkhorn divergence", () => {
  // H. Janati, B. Muzellec, G. Peyre, M. Cuturi, NeurIPS 2020, arXiv:2006.02572, theorem 1, with half of its cost.
  it.each([0.5, 1])("of Gaussians is its closed form, blur %d", (blur) => {
    const eps = blur ** 2;
    const [m, s, t] = [0.8, 1, 0.5];
    const D = (a: number, b: number): number => Math.sqrt(4 * a * b + eps ** 2);
    const part = (a: number, b: number): number => -D(a, b) + eps * Math.log(D(a, b) + eps);
    const exact = (m ** 2 + part(s ** 2, t ** 2) - (part(s ** 2, s ** 2) + part(t ** 2, t ** 2)) / 2) / 2;
    const z = quantiles(150);
    const x = z.map((v) => s * v);
    const y = z.map((v) => m + t * v);
    // 150 midpoints miss 1 % of a variance.
    expect(Math.abs(of(x, y, 1, blur) / exact - 1)).toBeLessThan(0.02);
  });

  it("tends to half of W_2^2, is 0 to itself, and forgets the order of rows", () => {
    const x = Float64Array.of(0, 1, 2, 5);
    const y = Float64Array.of(0.5, 7, 1.5, 2.5);
    const half = (0.25 + 0.25 + 0.25 + 4) / 8;
    expect(of(x, y, 1, 0.05)).toBeCloseTo(half, 6);
    expect(Math.abs(of(x, x, 1, 0.5))).toBeLessThan(1e-9);
    expect(of(x, y, 1, 0.5)).toBeCloseTo(of(y.slice().reverse(), x, 1, 0.5), 6);
  });

  it("slopes are central differences", () => {
    const [n, d, blur, h] = [7, 2, 0.7, 1e-4];
    const x = Float64Array.from(normal(createKey(1), n * d));
    const y = Float64Array.from(normal(createKey(2), 9 * d), (v) => 2 * v + 1);
    const { slopes } = sinkhorn(x, y, d, blur);
    for (let at = 0; at < n * d; at++) {
      const shifted = (by: number): number => {
        const moved = x.slice();
        moved[at] += by;
        return of(moved, y, d, blur);
      };
      expect(Math.abs(slopes[at] / n - (shifted(h) - shifted(-h)) / (2 * h))).toBeLessThan(1e-5);
    }
  });

  it("refuses a blur that is none, and what are no rows", () => {
    expect(() => sinkhorn([1], [1], 1, 0)).toThrow("blur: 0, expected a length above 0");
    expect(() => sinkhorn([], [1], 1, 1)).toThrow("expected rows of 1");
  });
});

describe("as a functional", () => {
  it("moves rows of a map towards the target by its slopes", () => {
    const target = Float64Array.from(normal(createKey(4), 60), (v) => 0.5 * v + 2);
    const [term] = sinkhornToRows(target, 0.5).terms;
    expect(term.needs).toEqual(["host", "together"]);
    let x = Float64Array.from(normal(createKey(3), 60));
    const first = atRows(term.host!, x, 1);
    // A gradient step of 1 for cost |x - y|^2 / 2 takes each row about to its partner.
    for (let k = 0; k < 3; k++) {
      const { slopes } = atRows(term.host!, x, 1);
      x = x.map((v, i) => v - slopes[i]);
    }
    expect(mean(first.values)).toBeGreaterThan(1);
    expect(mean(atRows(term.host!, x, 1).values)).toBeLessThan(0.02);
    // Twice the rows are two blocks, of one divergence each.
    const twice = atRows(term.host!, [...x, ...x], 1);
    expect(mean(twice.values)).toBeGreaterThan(0);
    expect(() => sinkhornToRows(target, -1)).toThrow("blur: -1");
  });
});
