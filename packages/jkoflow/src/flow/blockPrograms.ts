/**
 * The programs of one block: the particle motion x' = v(x, s), s in [0, 1], with its log-determinant, forward, backward,
 * and inside the objective of a JKO step.
 *
 *   L_k = E[ |x(1)|^2 / 2 - int_0^1 div v ds + |x(1) - x(0)|^2 / (2 h_k) ]
 *
 * Source: Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424, the block objective of section 3; the integral runs over unit time
 * and h_k occurs only as a weight, so that changing h_k never changes a map.
 */
import {
  add,
  createGraph,
  createProgram,
  mul,
  type Node,
  type Program,
  scale,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import type { MlpConfig } from "../nn/index.ts";
import { rk4, type Tableau, unroll } from "../ode/index.ts";
import { type Divergence, mlpField } from "./field.ts";

export interface BlockConfig {
  readonly field: MlpConfig;
  /** In training. Densities are always evaluated with the exact divergence. */
  readonly divergence: Divergence;
  readonly tableau?: Tableau;
}

export type Direction = "forward" | "inverse";

/** Position and integral of the divergence after the block. */
function solve(config: BlockConfig, x: Node, steps: number, direction: Direction, probe?: Node) {
  const field = mlpField(x.graph, config.field, probe ? "hutchinson" : "exact", probe);
  const interval = direction === "forward" ? { from: 0, to: 1, steps } : { from: 1, to: 0, steps };
  const [y, logDet] = unroll(
    ([position], s) => {
      const { velocity, divergence } = field.at(position, s);
      return [velocity, divergence];
    },
    config.tableau ?? rk4,
    [x, undefined],
    interval,
  );
  return { y: y!, logDet: logDet!, parameters: field.parameters };
}

/** What a push gathers: positions alone cost about half. */
export type Gathered = "positions" | "positions and log-determinants";

/**
 * Rows through the block: input `x` `[B, d]`, output `y`; with log-determinants also input `logDet` `[B, 1]` (what earlier
 * blocks gathered) and output `logDet`. Backward, the log-determinant of the inverse map is added.
 */
export function pushProgram(config: BlockConfig, steps: number, direction: Direction, gathered: Gathered): Program {
  const graph = createGraph();
  const x = graph.rows("x", config.field.dimension);
  const { y, logDet, parameters } = solve(config, x, steps, direction);
  const outputs: Record<string, Node> = { y };
  if (gathered !== "positions") outputs.logDet = add(graph.rows("logDet", 1), logDet);
  return createProgram({ name: `block ${direction}, ${steps} steps`, parameters, outputs });
}

/**
 * The field of a block at one time, for a solver that chooses its own steps: input `x` `[B, d]`, scalar `s`; outputs
 * `velocity` and `divergence` (an output without a table costs a little, so there is one program for each need).
 */
export function fieldProgram(config: BlockConfig, wanted: "velocity" | "velocity and divergence"): Program {
  const graph = createGraph();
  const field = mlpField(graph, config.field, "exact");
  const { velocity, divergence } = field.at(graph.rows("x", config.field.dimension), graph.scalar("s"));
  return createProgram({
    name: `field, ${wanted}`,
    parameters: field.parameters,
    outputs: wanted === "velocity" ? { velocity } : { velocity, divergence },
  });
}

/**
 * The objective of a JKO step. Inputs `x`, with jitter `noise`, with a Hutchinson divergence `probe` `[B, d]`; scalars
 * `halfInverseH` = 1 / (2 h) (0 for a free block) and `jitter`. Means: `energy` = |x(1)|^2 / 2, `logDet`, `movement` =
 * |x(1) - x(0)|^2.
 */
export function trainingProgram(config: BlockConfig, steps: number, input: "plain" | "jittered"): Program {
  const graph = createGraph();
  const given = graph.rows("x", config.field.dimension);
  const noise = input === "jittered" ? graph.rows("noise", config.field.dimension) : undefined;
  const x = noise ? add(given, mul(noise, graph.scalar("jitter"))) : given;
  const probe = config.divergence === "hutchinson" ? graph.rows("probe", config.field.dimension) : undefined;
  const { y, logDet, parameters } = solve(config, x, steps, "forward", probe);
  graph.label(y, "x at the end of the block");
  graph.label(logDet, "log-determinant of the block");
  const energy = scale(squaredNorm(y), 1 / 2);
  const movement = squaredNorm(sub(y, x));
  const loss = add(sub(energy, logDet), mul(movement, graph.scalar("halfInverseH")));
  return createProgram({
    name: `JKO step, ${steps} steps`,
    parameters,
    loss: graph.label(loss, "loss"),
    means: { energy, logDet, movement },
  });
}
