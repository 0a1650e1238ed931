/** What the benchmarks of theory print, in short: thresholds that hold whatever is trained. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngine, type Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { coverageFigure, onlineVariances } from "./bandsLine.ts";
import { exactGaussians, shakenInverses } from "./certificatesExact.ts";
import { scoreEstimates, trainedMaps, withoutConvexity } from "./certificatesTrained.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

/** A moment of training. */
const SHORT = { updates: 60, identityUpdates: 40, width: 16, batchSize: 256, poolRows: 2000, heldOutRows: 500 };

describe("certificates", () => {
  it("of exact steps: no violation above 1e-10 (E1)", () => {
    for (const line of exactGaussians()) {
      expect(Number(line["(E)"])).toBeLessThan(1e-10);
      expect(Number(line.contraction)).toBeLessThan(1e-10);
      expect([line.rises, line["above the bound"]]).toEqual([0, 0]);
    }
  });

  it("of trained maps: (E) and the bound hold, and both sides of the change of variables agree (E4)", async () => {
    for (const line of await trainedMaps(engine, [1], SHORT, 2)) {
      expect(Number(line["(E)"])).toBeLessThan(0);
      expect(Number(line["W2^2"])).toBeLessThan(Number(line.bound));
      expect(Number(line.bound)).toBeLessThanOrEqual(Number(line.closed));
      expect(Number(line["standard errors"])).toBeLessThan(3);
      // What test fields see is a part of the whole, to the noise of 8,192 rows.
      expect(Number(line.fields)).toBeLessThan(Number(line.eps) + 0.15);
    }
  });

  it("of inverses that are off: the error is below the bound and grows with what is put in (E5)", () => {
    const lines = shakenInverses().map(({ measured, bound }) => [Number(measured), Number(bound)]);
    for (const [measured, bound] of lines) expect(measured).toBeLessThanOrEqual(bound);
    expect(lines[0][0] / lines[1][0]).toBeCloseTo(10, 6);
  });

  it("of a target of two modes: F falls, and there is no bound (E6)", async () => {
    const [line] = await withoutConvexity(engine, 1, SHORT);
    expect(Number(line.lambda)).toBeCloseTo(4 - 36, 0); // 1 / s - (m / s)^2 between the modes
    expect(Number(line["F after"])).toBeLessThan(Number(line["F before"]));
    expect(line.bound).toContain("the theory gives no bound");
  });

  it("of a residual that is 0: the score of the pushed density says so, a kernel does not", async () => {
    const [line] = await scoreEstimates(engine, [1]);
    expect(Number(line.score)).toBeLessThan(1e-10);
    expect(Number(line.kernel)).toBeGreaterThan(0.05);
    expect(Math.abs(Number(line.fields))).toBeLessThan(4 * Number(line["its error"]));
  });
});

describe("intervals", () => {
  it("with fresh estimates at every step have the variances of the recursion, to three standard errors of 1,500 replicates", () => {
    for (const line of onlineVariances(1500)) {
      if (Number(line.m) < 100) continue; // a heavy tail, of which the recursion is the first order
      expect(Math.abs(Number(line["Var mean"]) / Number(line["theory mean"]) - 1)).toBeLessThan(
        3 * Math.sqrt(2 / 1500),
      );
      expect(Math.abs(Number(line["Var variance"]) / Number(line["theory variance"]) - 1)).toBeLessThan(
        3 * Math.sqrt(2 / 1500),
      );
    }
  });

  it("are drawn by what they are about", () => {
    const line = (h: number, centre: string, mean: number) => ({ n: 100, h, centre, mean, replicates: 100 });
    const svg = coverageFigure([line(0.01, "jko", 0.95), line(0.1, "jko", 0.95), line(0.1, "continuum", 0.5)]);
    expect(svg).toContain("h = 0.1, of the true flow");
  });
});
