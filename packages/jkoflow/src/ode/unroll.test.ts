import { describe, expect, test } from "vitest";
import { interpret, type Matrix } from "../engine/interpret.ts";
import {
  add,
  broadcast,
  createGraph,
  createProgram,
  type Graph,
  matmul,
  mul,
  type Node,
  type Program,
  scale,
  squaredNorm,
  tanh,
} from "../graph/index.ts";
import { type Interval, solve, type Tableau, tableaus, unroll } from "./index.ts";
import { createRandom } from "./problems.testing.ts";

/** Values of a program's nodes in float64; leaves by name. */
function run(program: Program, rows: number, leaves: Readonly<Record<string, ArrayLike<number>>>) {
  const values = interpret(program, rows, (node): Matrix => {
    const count = node.rows === "B" ? rows : node.rows;
    return { rows: count, cols: node.cols, data: Float64Array.from(leaves[node.at.name!]) };
  });
  return (node: Node): Float64Array => values.get(node)!.data;
}

const methods = Object.entries(tableaus);
const d = 3;
const H = 4;
const rows = 2;

/** v(x, t) = tanh(x W + t w + b) V with an integral beside it: a field whose gradient has every kind of term. */
function network(graph: Graph) {
  const W = graph.parameter("W", d, H);
  const w = graph.parameter("w", 1, H);
  const b = graph.parameter("b", 1, H);
  const V = graph.parameter("V", H, d);
  const field = ([x]: readonly Node[], t: number): Node[] => {
    const velocity = matmul(tanh(add(matmul(x, W), add(scale(w, t), b))), V);
    return [velocity, squaredNorm(velocity)];
  };
  return { parameters: [W, w, b, V], field };
}

function lossProgram(tableau: Tableau, interval: Interval, duration?: (graph: Graph) => Node) {
  const graph = createGraph();
  // A parameter added to every row gives the gradient with respect to y0.
  const y0 = graph.parameter("y0", 1, d);
  const x = add(graph.rows("x", d), y0);
  const { parameters, field } = network(graph);
  // A learned end time multiplies the right-hand side; the interval stays.
  const T = duration?.(graph);
  const timed: typeof field = (state, t) => field(state, t).map((slope) => (T ? mul(slope, T) : slope));
  const [y, cost] = unroll(timed, tableau, [x, undefined], interval);
  return createProgram({
    name: "unrolled",
    parameters: [y0, ...parameters, ...(T ? [T] : [])],
    loss: add(squaredNorm(y!), broadcast(cost!, "B", 1)),
    outputs: { y: y!, cost: cost! },
  });
}

const numbers = (count: number, seed: number): number[] => Array.from({ length: count }, createRandom(seed));

describe.each(methods)("%s", (_, tableau) => {
  test.each([
    ["forward", { from: 0, to: 1, steps: 3 }],
    ["backward", { from: 1, to: 0, steps: 3 }],
    ["along times", { times: [0, 0.1, 0.45, 1.2] }],
  ])("the gradient is that of central differences, %s", (_, interval: Interval) => {
    const program = lossProgram(tableau, interval, (graph) => graph.parameter("T", 1, 1));
    for (let seed = 1; seed <= 3; seed++) {
      const sizes = program.parameters.map((p) => (p.rows as number) * p.cols);
      const leaves: Record<string, number[]> = { x: numbers(rows * d, seed) };
      program.parameters.forEach((p, k) => {
        leaves[p.at.name!] = numbers(sizes[k], 10 * seed + k);
      });
      const loss = program.values.find(({ name }) => name === "loss")!.node;
      const at = run(program, rows, leaves);
      const exact = program.gradients.map((g) => Array.from(at(g)));
      for (let direction = 0; direction < 20; direction++) {
        const along = sizes.map((size, k) => numbers(size, 1000 * seed + 10 * direction + k));
        const shifted = (step: number): number => {
          const moved = { ...leaves };
          program.parameters.forEach((p, k) => {
            moved[p.at.name!] = leaves[p.at.name!].map((value, i) => value + step * along[k][i]);
          });
          return run(program, rows, moved)(loss)[0];
        };
        // Step 1e-4: error h^2 f''' / 6 near 1e-8 less the extrapolation below, rounding 1e-16 / 1e-4.
        const coarse = (shifted(2e-4) - shifted(-2e-4)) / 4e-4;
        const fine = (shifted(1e-4) - shifted(-1e-4)) / 2e-4;
        const expected = (4 * fine - coarse) / 3;
        const actual = exact.flatMap((g, k) => g.map((value, i) => value * along[k][i])).reduce((s, v) => s + v, 0);
        expect(Math.abs(actual - expected)).toBeLessThan(1e-6 * Math.abs(expected) + 1e-8);
      }
    }
  });

  test("equals the driven solve, on equal steps and on replayed times", () => {
    const intervals = [
      { from: 0, to: 1, steps: { count: 5 } },
      { from: 1, to: 0, steps: { count: 5 } },
      { from: 0, to: 2, steps: { times: [0, 0.3, 0.35, 1.9, 2] } },
    ];
    for (const { from, to, steps } of intervals) {
      const interval = "count" in steps! ? { from, to, steps: steps.count! } : { times: steps.times! };
      const program = lossProgram(tableau, interval);
      const leaves: Record<string, number[]> = { x: numbers(rows * d, 5) };
      for (const p of program.parameters) leaves[p.at.name!] = numbers((p.rows as number) * p.cols, p.id);
      const at = run(program, rows, leaves);
      const [y, cost] = ["y", "cost"].map((name) => at(program.outputs.find((o) => o.name === name)!.node));

      const graph = createGraph();
      const { parameters, field } = network(graph);
      // One evaluation at a time as a program; the time goes in as a constant, as in the unrolled one.
      const derivative = (t: number, state: Float64Array): Float64Array => {
        const [velocity, change] = field([graph.rows("x", d)], t);
        const one = createProgram({ name: "field", parameters, outputs: { velocity, change } });
        const positions = Float64Array.from(
          { length: rows * d },
          (_, i) => state[Math.floor(i / d) * (d + 1) + (i % d)],
        );
        const value = run(one, rows, { ...leaves, x: positions });
        const slope = new Float64Array(state.length);
        for (let r = 0; r < rows; r++) {
          slope.set(value(velocity).subarray(r * d, (r + 1) * d), r * (d + 1));
          slope[r * (d + 1) + d] = value(change)[r];
        }
        return slope;
      };
      const y0 = new Float64Array(rows * (d + 1));
      for (let i = 0; i < rows * d; i++) y0[Math.floor(i / d) * (d + 1) + (i % d)] = leaves.x[i] + leaves.y0[i % d];
      const driven = solve(derivative, y0, { from, to, method: tableau, steps, rows });
      for (let r = 0; r < rows; r++) {
        // Only the order of sums differs.
        for (let j = 0; j < d; j++) expect(Math.abs(driven.y[r * (d + 1) + j] - y[r * d + j])).toBeLessThan(1e-14);
        expect(Math.abs(driven.y[r * (d + 1) + d] - cost[r])).toBeLessThan(1e-14);
      }
    }
  });

  test("has the exact discrete gradient of y' = lambda y", () => {
    // lambda = -1.3, y(0) = 1, 4 steps on [0, 1]: y_N, dy_N/dlambda; dy_N/dy0 = y_N. Independent NumPy code.
    const golden: Readonly<Record<string, readonly [number, number]>> = {
      euler: [0.20759414062500006, 0.30754687500000005],
      midpoint: [0.28059378076630603, 0.2602329611228944],
      rk4: [0.27257502519463717, 0.2723996626867032],
      "rk4-38": [0.27257502519463717, 0.2723996626867032],
      dopri5: [0.27253239706917315, 0.2725293768042779],
    };
    const graph = createGraph();
    const lambda = graph.parameter("lambda", 1, 1);
    const y0 = graph.parameter("y0", 1, 1);
    const [y] = unroll(([v]) => [mul(v, lambda)], tableau, [broadcast(y0, "B", 1)], { from: 0, to: 1, steps: 4 });
    const program = createProgram({ name: "linear", parameters: [lambda, y0], loss: y });
    const at = run(program, 1, { lambda: [-1.3], y0: [1] });
    const [yN, byLambda] = golden[tableau.name];
    expect(Math.abs(at(program.values[0].node)[0] - yN)).toBeLessThan(1e-13);
    expect(Math.abs(at(program.gradients[0])[0] - byLambda)).toBeLessThan(1e-13);
    expect(Math.abs(at(program.gradients[1])[0] - yN)).toBeLessThan(1e-13);
  });
});

test("an adaptive solve is differentiated by replaying its steps", () => {
  // y' = lambda y cos t: dy/dlambda = y sin t at lambda = 1.
  const lambda = 1;
  const field = (t: number, [y]: Float64Array): number[] => [lambda * y * Math.cos(t)];
  const options = { from: 0, to: 2, method: "dopri5", adaptive: { rtol: 1e-9, atol: 1e-12 } };
  const { y, times } = solve(field, Float64Array.of(1), options);
  const graph = createGraph();
  const parameter = graph.parameter("lambda", 1, 1);
  const start = broadcast(graph.constant(1), "B", 1);
  const [end] = unroll(([v], t) => [scale(mul(v, parameter), Math.cos(t))], tableaus.dopri5, [start], { times });
  const program = createProgram({ name: "replay", parameters: [parameter], loss: end });
  const at = run(program, 1, { lambda: [lambda] });
  expect(Math.abs(at(program.values[0].node)[0] - y[0])).toBeLessThan(1e-13);
  const exact = Math.exp(Math.sin(2)) * Math.sin(2);
  expect(Math.abs(at(program.gradients[0])[0] / exact - 1)).toBeLessThan(1e-6);
});

test("wrong steps are an InputError", () => {
  const start = [createGraph().rows("x", 1)];
  for (const interval of [
    { from: 0, to: 1, steps: 0 },
    { from: 0, to: 1, steps: 1.5 },
    { times: [0] },
    { times: [0, 0] },
  ]) {
    expect(() => unroll((state) => state, tableaus.rk4, start, interval)).toThrow(/steps|times/);
  }
});
