import { expect, it } from "vitest";
import { createGraph } from "../graph/index.ts";
import { valuesOf } from "../graph/values.testing.ts";
import { createKey, normal } from "../random/index.ts";
import { createMlp, evaluateMlp, initMlp, type MlpConfig, mlpJacobian, openMlp } from "./index.ts";

/** Weights of a flat array as the leaves of the graph's parameters. */
it.each<[number, readonly number[], MlpConfig["activation"]]>([
  [2, [5], { kind: "tanh" }],
  [3, [4, 6], { kind: "softplus", beta: 3 }],
  [2, [4, 3, 5], { kind: "tanh" }],
])(
  "d = %d, hidden %j, %j: value and Jacobian of graph and host agree to 1e-13, and differences to 1e-8",
  (d, hidden, activation) => {
    const config: MlpConfig = { dimension: d, hidden, activation, time: "none" };
    const weights = initMlp(config, createKey(1));
    const rows = Float64Array.from(normal(createKey(2), 4 * d));
    const graph = createGraph();
    const [mlp, x] = [createMlp(graph, config), graph.rows("x", d)];
    const evaluation = evaluateMlp(mlp, x, 0);
    const jacobian = mlpJacobian(mlp, evaluation);
    let place = 0;
    const leaves = new Map(
      mlp.parameters.map((node) => {
        const [height, cols] = [Number(node.rows), node.cols];
        const data = Float64Array.from(weights.subarray(place, place + height * cols));
        place += height * cols;
        return [node, { rows: height, cols, data }];
      }),
    ).set(x, { rows: 4, cols: d, data: rows });
    const values = valuesOf([evaluation.velocity, jacobian], leaves, 4);
    const host = openMlp(config, weights);
    const [y, J, shifted, unused] = [d, d * d, d, d * d].map((size) => new Float64Array(size));
    for (let i = 0; i < 4; i++) {
      const row = rows.slice(i * d, (i + 1) * d);
      host.at(row, y, J);
      y.forEach((value, a) => {
        expect(Math.abs(value - values.get(evaluation.velocity)!.data[i * d + a])).toBeLessThan(1e-13);
      });
      J.forEach((value, at) => {
        expect(Math.abs(value - values.get(jacobian)!.data[i * d * d + at])).toBeLessThan(1e-13);
      });
      for (let k = 0; k < d; k++) {
        host.at(
          row.map((v, at) => (at === k ? v + 1e-6 : v)),
          shifted,
          unused,
        );
        for (let a = 0; a < d; a++) expect(Math.abs((shifted[a] - y[a]) / 1e-6 - J[a * d + k])).toBeLessThan(1e-5);
      }
    }
  },
);

it("refuses weights of another network, and networks of time", () => {
  const config: MlpConfig = { dimension: 2, hidden: [3], activation: { kind: "tanh" }, time: "none" };
  expect(() => openMlp(config, new Float32Array(3))).toThrow("3 weights for a network of 17");
  expect(() => openMlp({ ...config, time: "concat" }, new Float32Array(22))).toThrow("has no host form");
});
