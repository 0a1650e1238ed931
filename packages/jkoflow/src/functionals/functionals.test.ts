/** Functionals on maps whose image is known: values and slopes in closed form. */
import { describe, expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { affine, createGraph, gradient, mul, type Node, scale, slice, squaredNorm } from "../graph/index.ts";
import { evaluator } from "../graph/values.testing.ts";
import {
  entropy,
  type Functional,
  interaction,
  internalEnergy,
  kl,
  likelihood,
  movement,
  potential,
  sum,
  transport,
} from "./index.ts";

/** T(x) = e^theta x of rows in d columns: value and d/dtheta at one row, its partner and its log-density. */
function at(
  functional: Functional,
  theta: number,
  row: readonly number[],
  pair: readonly number[],
  logDensity: number,
) {
  const d = row.length;
  const graph = createGraph();
  const factor = graph.parameter("e^theta", 1, 1);
  const rows = { x: graph.rows("x", d), pair: graph.rows("pair", d), logDensity: graph.rows("logDensity", 1) };
  const logTheta = graph.parameter("theta", 1, 1);
  const move = (x: Node) => ({ x, y: mul(x, factor), logDet: scaleRow(x, logTheta, d) });
  const node = functional.perRow(move(rows.x), { logDensity: rows.logDensity, pair: move(rows.pair) });
  const leaves = new Map([
    [factor, { rows: 1, cols: 1, data: Float64Array.of(Math.exp(theta)) }],
    [logTheta, { rows: 1, cols: 1, data: Float64Array.of(theta) }],
    [rows.x, { rows: 1, cols: d, data: Float64Array.from(row) }],
    [rows.pair, { rows: 1, cols: d, data: Float64Array.from(pair) }],
    [rows.logDensity, { rows: 1, cols: 1, data: Float64Array.of(logDensity) }],
  ]);
  const [byFactor, byLog] = gradient(node, [factor, logTheta]);
  const slope = Math.exp(theta) * evaluator(byFactor, 1)(leaves).data[0] + evaluator(byLog, 1)(leaves).data[0];
  return { value: evaluator(node, 1)(leaves).data[0], slope };
}

const scaleRow = (x: Node, by: Node, d: number): Node => mul(affine(scale(slice(x, 0, 1), 0), 1, d), by);

describe("functionals of a scaled row", () => {
  const [row, pair, logDensity, theta] = [[0.5, -1], [1, 2], -1.7, 0.3];
  const factor = Math.exp(theta);
  const logR = logDensity - 2 * theta;
  const squares = factor ** 2 * 1.25;
  const away = factor ** 2 * (0.25 + 9);
  const target = normalDistribution([0, 0], Float64Array.of(2, 0, 0, 2));
  it.each<[string, Functional, number, number]>([
    ["potential", potential(squaredNorm), squares, 2 * squares],
    ["entropy", entropy(), logR, -2],
    ["KL", kl(standardNormal(2)), logR + squares / 2 + Math.log(2 * Math.PI), -2 + squares],
    ["KL to another", kl(target), logR + squares / 4 + Math.log(4 * Math.PI), -2 + squares / 2],
    // d/dtheta of r^(m-1) = -(m-1) d r^(m-1)
    ["rho^2", internalEnergy(2), Math.exp(logR), -2 * Math.exp(logR)],
    ["rho^3 / 2", internalEnergy(3, 0.5), 0.5 * Math.exp(2 * logR), -2 * Math.exp(2 * logR)],
    ["-rho^0.7", internalEnergy(0.7, -1), -Math.exp(-0.3 * logR), -0.6 * Math.exp(-0.3 * logR)],
    ["interaction", interaction(squaredNorm), away / 2, away],
    // KL to N(0, I) less what no map changes: the log-density of the rows, and ln 2 pi
    ["likelihood", likelihood(), squares / 2 - 2 * theta, -2 + squares],
    ["movement", movement(), (1.25 * (factor - 1) ** 2) / 2, 1.25 * factor * (factor - 1)],
    [
      "a JKO step",
      sum([1, likelihood()], [4, movement()]),
      squares / 2 - 2 * theta + 2.5 * (factor - 1) ** 2,
      -2 + squares + 5 * factor * (factor - 1),
    ],
    ["a sum", sum([2, entropy()], [3, potential(squaredNorm)]), 2 * logR + 3 * squares, -4 + 6 * squares],
  ])("%s", (_, functional, value, slope) => {
    const found = at(functional, theta, row, pair, logDensity);
    expect(Math.abs(found.value - value)).toBeLessThan(1e-12);
    expect(Math.abs(found.slope - slope)).toBeLessThan(1e-12);
  });
});

it("leaves out a part of weight 0, and what it would ask for", () => {
  const one = sum([0, entropy()], [2, potential(squaredNorm)], [0, interaction(squaredNorm)]);
  expect([one.title, one.needs, one.terms.length]).toEqual([`2 times ${potential(squaredNorm).title}`, [], 1]);
  expect(() => sum([0, entropy()])).toThrow("functional: no terms, expected at least one");
});

it("a sum names its terms and gathers what they need", () => {
  const all = sum([1, potential(squaredNorm)], [2, kl(standardNormal(1))], [0.5, interaction(squaredNorm)]);
  expect(all.terms.map(({ name, weight }) => [name, weight])).toEqual([
    ["potential", 1],
    ["entropy", 2],
    ["potential2", 2],
    ["interaction", 0.5],
  ]);
  expect([...all.needs].sort()).toEqual(["logDensity", "pair"]);
});

it.each([
  [() => internalEnergy(1), "internal energy: 1 rho^1, expected c above 0 with m above 1"],
  [() => internalEnergy(2, -1), "internal energy: -1 rho^2"],
  [() => sum(), "functional: no terms, expected at least one"],
  [
    () => {
      const x = createGraph().rows("x", 1);
      return entropy().perRow({ x, y: x }, { logDensity: x });
    },
    "functional: nothing, expected a map that knows its log-determinant",
  ],
  [
    () => {
      const x = createGraph().rows("x", 1);
      return transport().perRow({ x, y: x }, {});
    },
    'functional: nothing, expected a map with the integral "transport" along its way',
  ],
])("refuses %#", (make, message) => {
  expect(make).toThrow(message);
});
