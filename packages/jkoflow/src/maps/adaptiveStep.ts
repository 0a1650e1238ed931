/** The programs of one step of a solver that chooses its own, with time and size of the step as scalars. */
import type { PathIntegral } from "../functionals/index.ts";
import { add, createGraph, createProgram, mul, type Node, type Program, rowDot, scale, vjp } from "../graph/index.ts";
import { dopri5, type Tableau } from "../ode/index.ts";
import { type BlockConfig, fieldOf } from "./blockPrograms.ts";
import { pathIntegrands, weightName } from "./pathIntegrands.ts";

/** Stages that the solution is made of: the last one of dopri5 serves its error estimate only. */
export const stagesOf = ({ stages, weights }: Tableau): number =>
  weights.findLastIndex((b) => b !== 0) + 1 || stages.length;

/** One step from time t of size h: scalars `t` and `h`, rows `x`, with a loss also the cotangent `g` of where it ends. */
export function stepProgram(
  config: BlockConfig,
  path: readonly PathIntegral[],
  wanted: "forward" | "backward",
): Program {
  const graph = createGraph();
  const [x, t, h] = [graph.rows("x", config.field.dimension), graph.scalar("t"), graph.scalar("h")];
  const field = fieldOf(graph, { ...config, chain: 1 }, config.divergence, 0, path);
  const tableau = dopri5;
  const slopes: Node[][] = [];
  /** h sum_i c_i k_i of one part of the slopes. */
  const moved = (factors: readonly number[], part: number): Node | undefined => {
    const parts = slopes.flatMap((k, i) => (factors[i] ? [scale(k[part], factors[i])] : []));
    return parts.length > 0
      ? mul(
          parts.reduce((a, b) => add(a, b)),
          h,
        )
      : undefined;
  };
  for (let i = 0; i < stagesOf(tableau); i++) {
    const change = moved(tableau.stages[i], 0);
    const value = field.at(change ? add(x, change) : x, add(t, scale(h, tableau.nodes[i])));
    slopes.push([value.velocity, value.divergence, ...path.map((name) => pathIntegrands[name](value))]);
  }
  const y = add(x, moved(tableau.weights, 0)!);
  const [logDet, ...integrals] = slopes[0].slice(1).map((_, k) => moved(tableau.weights, k + 1)!);
  if (wanted === "forward") {
    const means = { logDet, ...Object.fromEntries(path.map((name, k) => [name, integrals[k]])) };
    return createProgram({ name: "step", parameters: field.parameters, outputs: { y }, means });
  }
  const weighted = path.map((name, k) => mul(integrals[k], graph.scalar(weightName(name))));
  const likelihood = mul(scale(logDet, -1), graph.scalar(weightName("likelihood")));
  const loss = weighted.reduce((a, b) => add(a, b), add(rowDot(graph.rows("g", y.cols), y), likelihood));
  const [back] = vjp([[loss, graph.constant(1)]], [x]);
  return createProgram({ name: "step back", parameters: field.parameters, loss, outputs: { back } });
}

/** What the error test sees: velocity and divergence as training has them. */
export function slopeProgram(config: BlockConfig): Program {
  const graph = createGraph();
  const field = fieldOf(graph, { ...config, chain: 1 }, config.divergence, 0);
  const { velocity, divergence } = field.at(graph.rows("x", config.field.dimension), graph.scalar("s"));
  return createProgram({ name: "slopes", parameters: field.parameters, outputs: { velocity, divergence } });
}
