import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createGraph, createProgram } from "../graph/index.ts";
import { createKey } from "../random/index.ts";
import { logLinear } from "./logLinear.ts";

describe("a piecewise linear log-density", () => {
  // e^-|x - 1| / 2 with a knot too many.
  const laplace = logLinear([0, 1, 1.5, 3], [-1, 0, -0.5, -2]);

  it("is the Laplace density, tails included", () => {
    for (const x of [-4, 0, 0.3, 1, 1.2, 2, 3, 9]) {
      expect(laplace.logDensityAt([x])).toBeCloseTo(-Math.abs(x - 1) - Math.log(2), 12);
    }
  });

  it("gives samples of it", () => {
    const n = 40_000;
    const x = laplace.sample(createKey(1), n);
    const share = (of: (v: number) => boolean): number => x.filter(of).length / n;
    // The distribution function: 1/2 at the centre, e^-1/2 e^-1 / 2 beyond 2.5; five standard errors.
    const error = 5 * Math.sqrt(0.25 / n);
    expect(Math.abs(share((v) => v < 1) - 0.5)).toBeLessThan(error);
    expect(Math.abs(share((v) => v > 2.5) - Math.exp(-1.5) / 2)).toBeLessThan(error);
    expect(Math.abs(share((v) => v < -1) - Math.exp(-2) / 2)).toBeLessThan(error);
    expect(Math.abs(x.reduce((sum, v) => sum + (v - 1) ** 2 / n, 0) - 2)).toBeLessThan(5 * Math.sqrt(20 / n));
  });

  it("is the same in a graph", async () => {
    const engine = await createEngine({ kind: "reference" });
    const knots = Float64Array.from({ length: 201 }, (_, j) => -5 + j / 20);
    const wavy = logLinear(
      knots,
      knots.map((x) => -Math.sin(2 * Math.PI * x) / Math.PI - x ** 2 / 4),
    );
    const graph = createGraph();
    const outputs = { log: wavy.logDensity(graph.rows("x", 1)) };
    const program = engine.load(createProgram({ name: "log-density", parameters: [], outputs }));
    const places = Float32Array.from({ length: 141 }, (_, i) => -7 + i / 10 + 0.013);
    const [x, log] = [engine.table(141, 1, places), engine.table(141, 1)];
    program.run({ inputs: { x }, rows: 141, outputs: { log } });
    log.read().forEach((value, i) => {
      expect(value).toBeCloseTo(wavy.logDensityAt([places[i]]), 3);
    });
    // The integral, by sums over cells of 1/500.
    let mass = 0;
    for (let i = 0; i < 30_000; i++) mass += 0.002 * Math.exp(wavy.logDensityAt([-40 + (i + 0.5) * 0.002]));
    expect(mass).toBeCloseTo(1, 5);
    engine.dispose();
  });

  it("refuses what is no density", () => {
    expect(() => logLinear([0], [0])).toThrow("two at least");
    expect(() => logLinear([0, 0, 1], [0, 1, 0])).toThrow("knots that ascend");
    expect(() => logLinear([0, 1], [0, 1])).toThrow("falls at both");
    expect(() => logLinear([0, 1, 2], [0, Number.NaN, 0])).toThrow("finite numbers");
  });
});
