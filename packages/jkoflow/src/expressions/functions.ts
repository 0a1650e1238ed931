/**
 * The functions that a formula may call: value and slope in float64, and the node of the graph, side by side. The
 * transcendental ones come from `random/elementary`, so that a formula has the same bits on every machine.
 */
import * as graph from "../graph/index.ts";
import { cos, exp, expm1, log, log1p, sin } from "../random/index.ts";

export interface ScalarFunction {
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
  readonly node: (x: graph.Node) => graph.Node;
}

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));

/** (e^2x - 1) / (e^2x + 1), odd; beyond 20 it is 1 in float64. */
function tanh(x: number): number {
  const a = Math.abs(x);
  if (a > 20) return Math.sign(x);
  const e = expm1(2 * a);
  return (Math.sign(x) * e) / (e + 2);
}

export type FunctionName = "exp" | "log" | "sqrt" | "sin" | "cos" | "abs" | "tanh" | "sigmoid" | "softplus" | "relu";

export const functions: Readonly<Record<FunctionName, ScalarFunction>> = {
  exp: { value: exp, slope: exp, node: graph.exp },
  log: { value: log, slope: (x) => 1 / x, node: graph.log },
  sqrt: { value: Math.sqrt, slope: (x) => 0.5 / Math.sqrt(x), node: graph.sqrt },
  sin: { value: sin, slope: cos, node: graph.sin },
  cos: { value: cos, slope: (x) => -sin(x), node: graph.cos },
  abs: { value: Math.abs, slope: Math.sign, node: graph.abs },
  tanh: { value: tanh, slope: (x) => 1 - tanh(x) ** 2, node: graph.tanh },
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x), node: (x) => graph.sigmoid(x) },
  softplus: {
    value: (x) => Math.max(x, 0) + log1p(exp(-Math.abs(x))),
    slope: sigmoid,
    node: (x) => graph.softplus(x),
  },
  relu: { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0), node: graph.relu },
};

/** Names that mean the same. */
export const aliases: ReadonlyMap<string, FunctionName> = new Map([["ln", "log"]]);

export const functionNamed = (name: string): FunctionName | undefined =>
  Object.hasOwn(functions, name) ? (name as FunctionName) : aliases.get(name);
