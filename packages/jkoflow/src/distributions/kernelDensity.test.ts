import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { kernelLogDensity } from "./kernelDensity.ts";

describe("kernelLogDensity", () => {
  it("is the formula", () => {
    const d = 3;
    const rows = normal(createKey(1), 40 * d);
    const x = normal(createKey(2), 10 * d).map((v) => 2 * v);
    const width = 0.4;
    const expected = Array.from({ length: 10 }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < 40; j++) {
        let square = 0;
        for (let k = 0; k < d; k++) square += (x[i * d + k] - rows[j * d + k]) ** 2;
        sum += Math.exp(-square / (2 * width ** 2)) / (2 * Math.PI * width ** 2) ** (d / 2) / 40;
      }
      return Math.log(sum);
    });
    const found = kernelLogDensity({ rows, width }, x, d);
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 9);
  });

  it("integrates to one on a line", () => {
    const grid = Float32Array.from({ length: 4001 }, (_, i) => -10 + i / 200);
    const found = kernelLogDensity({ rows: Float32Array.of(-1, 0.5, 2), width: 0.3 }, grid, 1);
    expect(found.reduce((sum, value) => sum + Math.exp(value) / 200, 0)).toBeCloseTo(1, 6);
  });

  it("stays finite far away, in order of the distance to the nearest row", () => {
    const found = kernelLogDensity(
      { rows: Float32Array.of(0, 0, 1, 1), width: 0.01 },
      Float32Array.of(50, 50, 90, 90),
      2,
    );
    expect(found.every(Number.isFinite)).toBe(true);
    expect(found[1]).toBeLessThan(found[0]);
  });

  it("refuses kernels without rows or width", () => {
    expect(() => kernelLogDensity({ rows: new Float32Array(0), width: 1 }, Float32Array.of(1), 1)).toThrow("0 rows");
    expect(() => kernelLogDensity({ rows: Float32Array.of(1), width: 0 }, Float32Array.of(1), 1)).toThrow("width 0");
  });
});
