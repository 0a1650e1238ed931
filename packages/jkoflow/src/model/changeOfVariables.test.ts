/**
 * The density of a model against the change of variables, ln p(x) = ln N(z; 0, I) + ln det dz/dx, by an oracle that shares no
 * program with it: the field, the solver and the Jacobian (central differences of the whole map) in plain float64.
 */
import { afterAll, describe, expect, it } from "vitest";
import { createTable, fitStandardizer, takeRows, toys } from "../data/index.ts";
import { createEngine, type Table } from "../engine/index.ts";
import { likelihood } from "../functionals/index.ts";
import { trainingProgram, weightScalars } from "../maps/index.ts";
import { createKey, fold, normal, rademacher } from "../random/index.ts";
import type { Model } from "./model.ts";
import { decodeModel, encodeModel } from "./modelFile.ts";
import { openModel } from "./openModel.ts";

const engine = await createEngine({ threads: 1 });
afterAll(() => engine.dispose());

describe("a model's density is that of the change of variables, whatever divergence and penalties it was trained with", () => {
  const [WIDTH, STEPS] = [6, 16];
  const activation = { kind: "tanh" } as const;
  const field = { kind: "mlp", dimension: 2, hidden: [WIDTH], activation, time: "concatsquash" } as const;
  const weights = [1, 2].map((k) => normal(fold(createKey(4), "weights", k), 2 * (2 * WIDTH) + 4 * (WIDTH + 2)));
  const moons = createTable(toys.moons.sample(createKey(3), 600), ["x", "y"]);
  const standardizer = fitStandardizer(moons);
  const rows = takeRows(moons, [...Array(40).keys()]);

  /** The field as nn/mlp.ts states it, in plain float64: tanh((x W + b) sigmoid(g s + c) + s w), then the same without tanh. */
  const velocity = (theta: Float32Array, x: readonly number[], s: number): number[] => {
    let [h, at] = [x, 0];
    for (const [inputs, outputs] of [
      [2, WIDTH],
      [WIDTH, 2],
    ]) {
      const [w, b, g, c] = [0, 1, 2, 3].map((k) => at + (inputs + k) * outputs);
      h = Array.from({ length: outputs }, (_, j) => {
        const moved = h.reduce((sum, value, i) => sum + value * theta[at + i * outputs + j], theta[b + j]);
        const u = moved / (1 + Math.exp(-theta[g + j] * s - theta[c + j])) + s * theta[w + j];
        return outputs === WIDTH ? Math.tanh(u) : u;
      });
      at += (inputs + 4) * outputs;
    }
    return [...h];
  };
  /** User's units to noise: z-scores, then the blocks in four times as many steps as the model has. */
  const push = (x: readonly number[]): number[] => {
    const { mean, sd } = standardizer.toJSON();
    const plus = (y: readonly number[], k: readonly number[], h: number) => y.map((v, j) => v + h * k[j]);
    let y = x.map((v, j) => (v - mean[j]) / sd[j]);
    for (const theta of weights) {
      const h = 1 / (4 * STEPS);
      for (let s = 0; s < 1 - h / 2; s += h) {
        const k1 = velocity(theta, y, s);
        const k2 = velocity(theta, plus(y, k1, h / 2), s + h / 2);
        const k3 = velocity(theta, plus(y, k2, h / 2), s + h / 2);
        const k4 = velocity(theta, plus(y, k3, h), s + h);
        y = y.map((v, j) => v + (h / 6) * (k1[j] + 2 * k2[j] + 2 * k3[j] + k4[j]));
      }
    }
    return y;
  };
  /** ln N(z; 0, I) + ln det dz/dx with central differences of the whole map. */
  const wanted = Array.from({ length: rows.rows }, (_, i) => {
    const x = [...rows.values.subarray(2 * i, 2 * i + 2)];
    const e = 1e-4; // e^2 and 2^-53 / e are both far below the tolerance
    const [p, q] = [0, 1].map((k) => {
      const [up, down] = [e, -e].map((by) => push(x.map((v, j) => (j === k ? v + by : v))));
      return up.map((v, j) => (v - down[j]) / (2 * e));
    });
    const z = push(x);
    return -(z[0] ** 2 + z[1] ** 2) / 2 - Math.log(2 * Math.PI) + Math.log(p[0] * q[1] - p[1] * q[0]);
  });
  // Largest difference seen 2.2e-6, float32 roundings of a log-density of -10; the 16 steps are exact to less.
  const TOLERANCE = 3e-5;

  it.each([
    ["exact", 0, Number.POSITIVE_INFINITY],
    ["hutchinson", 0.01, 0.5],
  ] as const)("%s, lambdas of %d, h = %d", (divergence, lambda, stepSize) => {
    const model: Model = {
      system: "rnode",
      standardizer,
      flow: { block: { field, divergence }, blocks: weights.map((w) => ({ weights: w, stepSize })), steps: STEPS },
      settings: { divergence, lambdaK: lambda, lambdaJ: lambda },
      scores: Float64Array.of(-2, -1),
    };
    const open = openModel(engine, decodeModel(encodeModel(model)));
    const errors = Array.from(open.logProb(rows), (logP, i) => Math.abs(logP - wanted[i]));
    expect(Math.max(...errors)).toBeLessThan(TOLERANCE);
    open.dispose();
  });

  it("which one probe of training's estimate would miss by far", () => {
    const x = engine.table(rows.rows, 2, standardizer.forward(rows));
    const probe = engine.table(rows.rows, 2, rademacher(createKey(5), 2 * rows.rows));
    const logDet = (["exact", "hutchinson"] as const).map((divergence) => {
      const program = engine.load(trainingProgram({ field, divergence }, STEPS, "plain", likelihood().terms));
      const inputs: Record<string, Table> = divergence === "exact" ? { x } : { x, probe };
      const scalars = weightScalars(likelihood());
      return program.run({ parameters: engine.parameters(weights[0]), inputs, scalars }).logDet[0];
    });
    expect(Math.abs(logDet[1] - logDet[0])).toBeGreaterThan(100 * TOLERANCE);
  });
});
