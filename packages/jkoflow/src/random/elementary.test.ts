import { describe, expect, it } from "vitest";
import { uniform } from "./distributions.ts";
import { cos, cosTurns, exp, expm1, log, log1p, power, sin, sinTurns } from "./elementary.ts";
import { createKey } from "./key.ts";

const n = 20_000;
const u = uniform(createKey("elementary"), n);

/** Largest distance in units of the last place of the reference, over n points. */
function worstUlp(ours: (x: number) => number, reference: (x: number) => number, point: (u: number) => number): number {
  let worst = 0;
  for (let i = 0; i < n; i++) {
    const x = point(u[i]);
    const y = reference(x);
    const ulp = 2 ** (Math.floor(Math.log2(Math.abs(y))) - 52);
    worst = Math.max(worst, Math.abs(ours(x) - y) / ulp);
  }
  return worst;
}

// The reference (Math.*) is itself off by up to 1 ulp, hence 3 for functions whose own error is below 2.
describe("elementary functions agree with Math", () => {
  it("log", () => {
    expect(worstUlp(log, Math.log, (v) => v)).toBeLessThan(2);
    expect(worstUlp(log, Math.log, (v) => Math.exp((v - 0.5) * 1400))).toBeLessThan(2);
    expect(worstUlp(log, Math.log, (v) => 0.5 + v)).toBeLessThan(2);
  });
  it("exp", () => {
    expect(worstUlp(exp, Math.exp, (v) => (v - 0.5) * 1400)).toBeLessThan(2);
    expect(worstUlp(exp, Math.exp, (v) => v - 0.5)).toBeLessThan(2);
  });
  it("log1p and expm1", () => {
    expect(worstUlp(log1p, Math.log1p, (v) => v - 0.5)).toBeLessThan(3);
    expect(worstUlp(log1p, Math.log1p, (v) => (v - 0.5) * 1e-8)).toBeLessThan(3);
    expect(worstUlp(expm1, Math.expm1, (v) => v - 0.5)).toBeLessThan(4);
    expect(worstUlp(expm1, Math.expm1, (v) => (v - 0.5) * 1e-8)).toBeLessThan(4);
  });
  it("sine and cosine", () => {
    for (const span of [1, 100, 1e6, 2 ** 28]) {
      expect(worstUlp(sin, Math.sin, (v) => (2 * v - 1) * span)).toBeLessThan(3);
      expect(worstUlp(cos, Math.cos, (v) => (2 * v - 1) * span)).toBeLessThan(3);
    }
    // Next to multiples of pi/2, where the difference is all that is left of the number.
    const near = (v: number): number => Math.floor(v * 1e6) * (Math.PI / 2);
    expect(worstUlp(sin, Math.sin, near)).toBeLessThan(3);
    expect(worstUlp(cos, Math.cos, (v) => near(v) + Math.PI / 2)).toBeLessThan(3);
  });
  it("sine and cosine of turns", () => {
    // Math.sin(2 * Math.PI * v) rounds its argument, so the comparison is absolute: 2 pi * 2^-53 * 2.
    for (const v of u) {
      expect(Math.abs(sinTurns(v) - Math.sin(2 * Math.PI * v))).toBeLessThan(1e-15);
      expect(Math.abs(cosTurns(v) - Math.cos(2 * Math.PI * v))).toBeLessThan(1e-15);
      expect(Math.abs(sinTurns(-3 * v) - Math.sin(-6 * Math.PI * v))).toBeLessThan(4e-15);
    }
  });
});

it("power of a whole exponent", () => {
  expect([0, 1, 2, 3, 10].map((n) => power(-2, n))).toEqual([1, -2, 4, -8, 1024]);
  // Each of the n - 1 products that squaring stands for carries at most a rounding of 2^-53.
  for (const n of [1, 7, 1000, 54_321]) {
    expect(Math.abs(power(0.999, n) / Math.exp(n * Math.log(0.999)) - 1)).toBeLessThan((2 * n + 8) * 2 ** -53);
  }
});

describe("special values", () => {
  it("log", () => {
    expect(log(1)).toBe(0);
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-1)).toBeNaN();
    expect(log(Number.NaN)).toBeNaN();
    expect(log(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 12);
    expect(log1p(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(log1p(1e-300)).toBe(1e-300);
  });
  it("exp", () => {
    expect(exp(0)).toBe(1);
    expect(exp(-800)).toBe(0);
    expect(exp(800)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(Number.NaN)).toBeNaN();
    expect(exp(709.7)).toBeCloseTo(Math.exp(709.7), -297);
    expect(exp(-745)).toBe(5e-324);
    expect(expm1(-50)).toBe(-1);
    expect(expm1(1e-300)).toBe(1e-300);
    expect(expm1(800)).toBe(Number.POSITIVE_INFINITY);
  });
  it("sine and cosine", () => {
    expect(sin(0)).toBe(0);
    expect(cos(0)).toBe(1);
    expect(sin(Math.PI)).toBe(1.2246467991473532e-16);
    for (const f of [sin, cos]) {
      expect(f(2 ** 28 + 1)).toBeNaN();
      expect(f(Number.NaN)).toBeNaN();
      expect(f(Number.NEGATIVE_INFINITY)).toBeNaN();
    }
  });
  it("quarter turns", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map(sinTurns)).toEqual([0, 1, -0, -1, 0]);
    expect([0, 0.25, 0.5, 0.75, 1].map(cosTurns)).toEqual([1, -0, -1, 0, 1]);
  });
});
