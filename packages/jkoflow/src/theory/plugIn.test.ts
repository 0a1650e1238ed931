/** Estimated parameters on the line: constants of the theory, derivatives by differences, coverage of intervals. */
import { describe, expect, it } from "vitest";
import { gaussianJkoStep } from "../evaluate/gaussianFlow.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { flowLaw, jkoLaw, type LineModel, offlineErrors, onlineErrors, onlineLimit } from "./plugIn.ts";

const model: LineModel = { mean: 1, stiffness: 1.5, temperature: 0.5 };
const start = { mean: -2, variance: 0.1 };
const TIME = 0.6;

describe("the law", () => {
  it("a step is that of the closed form, and N(mu, b / q) stays", () => {
    const { mean, covariance } = gaussianJkoStep(
      { mean: Float64Array.of(-2), covariance: Float64Array.of(0.1) },
      { mean: Float64Array.of(1), precision: Float64Array.of(1.5), beta: 2 },
      0.25,
    );
    const law = jkoLaw(model, start, 0.25, 1);
    expect(Math.abs(law.mean - mean[0])).toBeLessThan(1e-12);
    expect(Math.abs(law.variance - covariance[0])).toBeLessThan(1e-12);
    const still = jkoLaw(model, { mean: 1, variance: 1 / 3 }, 0.25, 5);
    expect(Math.abs(still.mean - 1) + Math.abs(still.variance - 1 / 3)).toBeLessThan(1e-12);
  });

  it("is of first order in h", () => {
    const gaps = [0.1, 0.01, 0.001].map((h) => {
      const [scheme, flow] = [jkoLaw(model, start, h, Math.round(TIME / h)), flowLaw(model, start, TIME)];
      return [scheme.mean - flow.mean, scheme.variance - flow.variance];
    });
    expect(gaps.map(([mean, variance]) => [mean.toFixed(5), variance.toFixed(5)])).toEqual([
      ["-0.07727", "-0.01259"],
      ["-0.00818", "-0.00134"],
      ["-0.00082", "-0.00014"],
    ]);
  });

  it.each([
    ["of the scheme", (of: LineModel) => jkoLaw(of, start, 0.1, 6)],
    ["of the flow", (of: LineModel) => flowLaw(of, start, TIME)],
  ])("derivatives %s are those of differences", (_, law) => {
    const by = 1e-5;
    const slope = (part: "mean" | "variance", name: "mean" | "stiffness"): number =>
      (law({ ...model, [name]: model[name] + by })[part] - law({ ...model, [name]: model[name] - by })[part]) /
      (2 * by);
    const { meanByMean, meanByStiffness, varianceByStiffness } = law(model);
    expect(Math.abs(meanByMean / slope("mean", "mean") - 1)).toBeLessThan(1e-6);
    expect(Math.abs(meanByStiffness / slope("mean", "stiffness") - 1)).toBeLessThan(1e-6);
    expect(Math.abs(varianceByStiffness / slope("variance", "stiffness") - 1)).toBeLessThan(1e-6);
    expect(Math.abs(slope("variance", "mean"))).toBeLessThan(1e-9);
  });

  it("refuses what has no law", () => {
    expect(() => jkoLaw({ ...model, stiffness: 0 }, start, 0.1, 1)).toThrow("stiffness: 0, expected a number above 0");
    expect(() => flowLaw(model, { mean: 0, variance: -1 }, 1)).toThrow("variance: -1");
    expect(() => onlineErrors(model, start, { step: 0.1, steps: 6, rows: 5 })).toThrow(
      "rows: 5 a step, expected at least 6",
    );
  });
});

describe("variances of the errors", () => {
  it("offline: n Var of the flow and of the scheme", () => {
    const flow = offlineErrors(model, flowLaw(model, start, TIME));
    expect(flow.mean).toBeCloseTo(2.527444, 5);
    expect(flow.variance).toBeCloseTo(0.0872017, 6);
    expect(flow.mean + flow.variance / (4 * 0.294764)).toBeCloseTo(2.601403, 4);
    const scheme = offlineErrors(model, jkoLaw(model, start, 0.01, 60));
    expect([scheme.mean.toFixed(3), scheme.variance.toFixed(4)]).toEqual(["2.487", "0.0854"]);
  });

  it("online: the limit, and finite h and m to every digit of the table", () => {
    const limit = onlineLimit(model, start, TIME);
    expect(limit.mean).toBeCloseTo(4.225438, 5);
    expect(limit.variance).toBeCloseTo(0.211515, 6);
    const of = (step: number, rows: number) => {
      const { mean, variance } = onlineErrors(model, start, { step, steps: Math.round(TIME / step), rows });
      return [mean, variance];
    };
    const table: readonly (readonly [number, number, string, string])[] = [
      [0.1, 500, "3.658", "0.1643"],
      [0.02, 100, "4.297", "0.2106"],
      [0.004, 20, "5.528", "0.2789"],
      [0.004, 100, "4.408", "0.2202"],
      [0.004, 500, "4.2385", "0.21127"],
      [0.1, 20, "4.7681", "0.21693"],
      [0.1, 100, "3.8041", "0.17126"],
      [0.02, 20, "5.3882", "0.26681"],
      [0.02, 500, "4.1315", "0.20213"],
    ];
    for (const [step, rows, mean, variance] of table) {
      const digits = (text: string): number => text.split(".")[1].length;
      const [m, v] = of(step, rows);
      expect([m.toFixed(digits(mean)), v.toFixed(digits(variance))]).toEqual([mean, variance]);
    }
  });
});

describe("intervals by estimates from n rows", () => {
  /** Share of runs whose 95 % intervals, about the plug-in scheme, hold the mean and the variance of the centre. */
  const coverage = (
    n: number,
    h: number,
    centre: { readonly mean: number; readonly variance: number },
    runs: number,
  ) => {
    let [means, variances] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const z = normal(fold(createKey(11), run), n);
      let [sum, squares] = [0, 0];
      for (let i = 0; i < n; i++) sum += z[i] / n;
      for (let i = 0; i < n; i++) squares += (z[i] - sum) ** 2 / (n - 1);
      const spread = model.temperature / model.stiffness;
      const found = {
        ...model,
        mean: model.mean + Math.sqrt(spread) * sum,
        stiffness: model.temperature / (spread * squares),
      };
      const law = jkoLaw(found, start, h, Math.round(TIME / h));
      const errors = offlineErrors(found, law);
      if (Math.abs(law.mean - centre.mean) <= 1.96 * Math.sqrt(errors.mean / n)) means++;
      if (Math.abs(law.variance - centre.variance) <= 1.96 * Math.sqrt(errors.variance / n)) variances++;
    }
    return [means / runs, variances / runs];
  };

  it("hold the scheme at 95 %, and not the flow where sqrt(n) h is large", () => {
    for (const share of coverage(400, 0.01, jkoLaw(model, start, 0.01, 60), 2000)) {
      expect(share).toBeGreaterThan(0.93);
      expect(share).toBeLessThan(0.965);
    }
    const [mean, variance] = coverage(1600, 0.1, flowLaw(model, start, TIME), 500);
    expect(mean).toBeLessThan(0.6);
    expect(variance).toBeLessThan(0.6);
  });
});
