import { describe, expect, it } from "vitest";
import { barenblatt, normalDistribution } from "../distributions/index.ts";
import { bestGaussianCritic } from "../evaluate/gaussianSaddle.testing.ts";
import { createGraph } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import { createKey } from "../random/index.ts";
import { type CriticConfig, createCritic, criticSize, initCritic } from "./critic.ts";
import { drawReference, unitsOf } from "./reference.ts";

const [mean, covariance] = [Float64Array.of(1, -2), Float64Array.of(2, 0.6, 0.6, 0.5)];

/** v and log gamma of rows by a critic of these weights, in float64. */
function valuesOf(
  config: CriticConfig,
  weights: Float32Array,
  rows: Float64Array,
): { v: Float64Array; logGamma: Float64Array } {
  const graph = createGraph();
  const critic = createCritic(graph, config);
  const y = graph.rows("y", config.dimension);
  let place = 0;
  const leaves = new Map(
    critic.parameters.map((p) => {
      const from = place;
      place += Number(p.rows) * p.cols;
      return [p, { rows: Number(p.rows), cols: p.cols, data: Float64Array.from(weights.subarray(from, place)) }];
    }),
  );
  expect(place).toBe(criticSize(config));
  const n = rows.length / config.dimension;
  leaves.set(y, { rows: n, cols: config.dimension, data: Float64Array.from(rows) });
  const { v, logGamma } = critic.at(y);
  return { v: evaluator(v, n)(leaves).data, logGamma: evaluator(logGamma, n)(leaves).data };
}

describe("the critic of a lower bound", () => {
  const drawn = normalDistribution(mean, covariance).sample(createKey(1), 5000);
  const some = Float64Array.of(0, 0, 1, -2, 3, -1, -1, -3);

  it("knows the density of its reference, and has the best critic of Gaussians in its family", () => {
    const config: CriticConfig = { dimension: 2, hidden: [4], reference: "normal" };
    const units = unitsOf(drawn, 2, "normal");
    const weights = initCritic(config, createKey(2));
    weights.set(units.flat);
    const { v, logGamma } = valuesOf(config, weights, some);
    const [m, W] = [units.flat.subarray(0, 2), units.flat.subarray(2, 6)];
    // S = (W^T W)^-1, W lower triangular
    const [a, c, e] = [1 / W[0], -W[2] / (W[0] * W[3]), 1 / W[3]];
    const reference = { mean: Float64Array.from(m), covariance: Float64Array.of(a * a, a * c, a * c, c * c + e * e) };
    const own = normalDistribution(reference.mean, reference.covariance);
    for (let i = 0; i < 4; i++) {
      expect(v[i]).toBe(0);
      expect(Math.abs(logGamma[i] - own.logDensityAt(some.subarray(2 * i, 2 * i + 2)))).toBeLessThan(1e-5); // float32 units
    }

    const moved = { mean: Float64Array.of(0.7, -1.6), covariance: Float64Array.of(1.5, 0.5, 0.5, 0.8) };
    const { quadratic: B, linear: l } = bestGaussianCritic(moved, reference);
    // y = m + L u: Q = -L^T B L / 2, w = L^T (c - B m)
    const L = [
      [a, 0],
      [c, e],
    ];
    const pulled = [l[0] - B[0] * m[0] - B[1] * m[1], l[1] - B[2] * m[0] - B[3] * m[1]];
    for (let i = 0; i < 2; i++) {
      weights[11 + i] = L[0][i] * pulled[0] + L[1][i] * pulled[1];
      for (let j = 0; j < 2; j++) {
        let sum = 0;
        for (let p = 0; p < 2; p++) for (let q = 0; q < 2; q++) sum += L[p][i] * B[p * 2 + q] * L[q][j];
        weights[7 + 2 * i + j] = -sum / 2;
      }
    }
    const best = valuesOf(config, weights, some);
    const to = normalDistribution(moved.mean, moved.covariance);
    const ratios = Array.from(
      { length: 4 },
      (_, i) => best.v[i] + logGamma[i] - to.logDensityAt(some.subarray(2 * i, 2 * i + 2)),
    );
    for (const ratio of ratios) expect(Math.abs(ratio - ratios[0])).toBeLessThan(1e-4); // a constant, in float32
  });

  it.each([1, 2, 3, 4])("a ball holds all rows, and its volume is right, d = %d", (d) => {
    const rows = barenblatt(d, 2, 0.25).sample(createKey(3), 2000);
    const { flat, radius } = unitsOf(rows, d, "ball");
    const W = flat.subarray(d, d + d * d);
    let [farthest, logDet] = [0, 0];
    for (let k = 0; k < d; k++) logDet += Math.log(W[k * (d + 1)]);
    for (let i = 0; i < 2000; i++) {
      let squares = 0;
      for (let r = 0; r < d; r++) {
        let u = 0;
        for (let k = 0; k < d; k++) u += W[r * d + k] * (rows[i * d + k] - flat[k]);
        squares += u * u;
      }
      farthest = Math.max(farthest, Math.sqrt(squares));
    }
    expect(Math.abs(radius / farthest - 1.25)).toBeLessThan(1e-5);
    const unit = [2, Math.PI, (4 * Math.PI) / 3, Math.PI ** 2 / 2][d - 1];
    expect(Math.abs(flat[d + d * d] - (logDet - Math.log(unit * radius ** d)))).toBeLessThan(1e-5);

    const drawn = drawReference(createKey(4), 20_000, d, "ball", radius);
    const squares = drawn.reduce((sum, v) => sum + v * v, 0) / 20_000;
    // E |u|^2 = R^2 d / (d + 2); 20,000 rows know it to 1 %
    expect(Math.abs(squares / ((radius ** 2 * d) / (d + 2)) - 1)).toBeLessThan(0.03);
  });

  it("rows in a plane have no density", () => {
    const flat = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? i : 1));
    expect(() => unitsOf(flat, 2, "normal")).toThrow("rows that lie in a plane, expected rows that have a density");
  });
});
