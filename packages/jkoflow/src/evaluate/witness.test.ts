import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { witness } from "./witness.ts";

const key = createKey("witness");
const N = 20_000;
const LOG_Z = Math.log(3);
const density = (x: number, mean: number, deviation: number): number =>
  Math.exp(-(((x - mean) / deviation) ** 2) / 2) / deviation / Math.sqrt(2 * Math.PI);

/** Rows of N(0, 1) with a share of N(20, 1). */
const twoModes = (name: string, share: number): Float64Array => {
  const [z, u] = [normal(fold(key, name), N), uniform(fold(key, `${name} mode`), N)];
  return Float64Array.from(z, (x, i) => (u[i] < share ? x + 20 : x));
};
const mixed = (x: number, share: number): number => (1 - share) * density(x, 0, 1) + share * density(x, 20, 1);

describe("a witness", () => {
  it("of one Gaussian for another has ln Z less and plus both divergences", () => {
    const [mean, deviation] = [0.4, 1.2]; // of the model; the target is 3 N(0, 1)
    const ratio = (x: number) => LOG_Z + Math.log(density(x, 0, 1) / density(x, mean, deviation));
    const own = Float64Array.from(normal(fold(key, "own"), N), (z) => ratio(mean + deviation * z));
    const outside = Float64Array.from(normal(fold(key, "outside"), N), ratio);
    const forward = Math.log(deviation) + (1 + mean ** 2) / (2 * deviation ** 2) - 1 / 2;
    const reverse = -Math.log(deviation) + (deviation ** 2 + mean ** 2) / 2 - 1 / 2;
    const { lower, upper, logZ, logZError, own: said, lacks, missed } = witness(own, outside);
    expect(Math.abs(upper.mean - LOG_Z - forward)).toBeLessThan(4 * upper.standardError);
    expect(Math.abs(lower.mean - LOG_Z + reverse)).toBeLessThan(4 * lower.standardError);
    expect(Math.abs(logZ - LOG_Z)).toBeLessThan(4 * logZError);
    expect(Math.abs(said.logZ - LOG_Z)).toBeLessThan(4 * said.logZError);
    expect([lacks, missed.mean]).toEqual([false, 0]);
  });

  it.each([0.07, 0.02])("sees that %f of the mass is missing, which the model's own rows do not", (share) => {
    const nearly = 1e-9; // never drawn
    const ratio = (x: number) => LOG_Z + Math.log(mixed(x, share) / mixed(x, nearly));
    const own = twoModes("lacking", 0).map(ratio);
    const found = witness(own, twoModes("whole", share).map(ratio));
    expect(found.own.ess).toBeGreaterThan(0.999);
    expect(found.own.logZ).toBeCloseTo(LOG_Z + Math.log(1 - share), 3);
    expect(Math.abs(found.logZ - LOG_Z)).toBeLessThan(4 * found.logZError + 1e-6);
    expect(Math.abs(found.missed.mean - share)).toBeLessThan(4 * found.missed.standardError);
    expect(found.lacks).toBe(true);
  });

  it("does not speak of what wrong weights tell by themselves, nor of mass below a hundredth", () => {
    const heavy = (x: number) => Math.log(mixed(x, 0.3) / mixed(x, 0.5));
    const wrong = witness(twoModes("wrong", 0.5).map(heavy), twoModes("right", 0.3).map(heavy));
    expect(wrong.lacks).toBe(false);
    expect(wrong.own.ess).toBeLessThan(0.9);
    const little = (x: number) => Math.log(mixed(x, 0.005) / mixed(x, 1e-9));
    const small = witness(twoModes("little", 0).map(little), twoModes("more", 0.005).map(little));
    expect(small.lacks).toBe(false);
    expect(small.missed.mean).toBeGreaterThan(0);
  });

  it("refuses what is no row, and no number", () => {
    expect(() => witness([0], [0, 1])).toThrow("1 rows");
    expect(() => witness([0, 1], [0, Number.NaN])).toThrow("NaN at row 2");
  });
});
