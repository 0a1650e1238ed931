import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { kernelStein } from "./kernelStein.ts";

describe("kernel Stein discrepancy", () => {
  // E u = E k (s_q - s_p)(x).(s_q - s_p)(y), and s_q - s_p = -m is a constant: |m|^2 E exp(-b |x - y|^2), x - y ~ N(0, 2 I).
  it.each([1, 3])("of N(m, I) to N(0, I) is its closed form, d = %d", (d) => {
    const n = 3000;
    const rows = normal(createKey(d), n * d).map((z, i) => z + (i % d === 0 ? 0.5 : 0));
    const bandwidth = 1.3;
    const exact = 0.25 * (1 + 2 / bandwidth ** 2) ** (-d / 2);
    const { unbiased, biased } = kernelStein(
      rows,
      rows.map((x) => -x),
      d,
      bandwidth,
    );
    expect(Math.abs(unbiased / exact - 1)).toBeLessThan(0.15); // its standard error is about 5 %
    expect(biased).toBeGreaterThan(unbiased);
    const true_ = normal(createKey(9), n * d);
    const none = kernelStein(
      true_,
      true_.map((x) => -x),
      d,
      bandwidth,
    );
    expect(Math.abs(none.unbiased)).toBeLessThan(0.03 * exact);
  });

  it("refuses what are no rows with scores", () => {
    expect(() => kernelStein([1], [1], 1, 1)).toThrow("two or more rows of 1");
    expect(() => kernelStein([1, 2], [1], 1, 1)).toThrow("as many scores");
  });
});
