/**
 * The programs of one block: the particle motion x' = v(x, s), s in [0, 1], with its log-determinant, forward, backward,
 * and inside a training objective (a functional, see functionals/).
 *
 * The integral runs over unit time, and the step size h of a JKO step occurs only as a weight, so that changing h never
 * changes a map.
 */
import { standardEnergy } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import type { PathIntegral, Term } from "../functionals/index.ts";
import {
  add,
  createGraph,
  createProgram,
  type Graph,
  mul,
  type Node,
  type Program,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import { rk4, type Tableau, unroll } from "../ode/index.ts";
import type { Divergence, Field } from "./field.ts";
import { createField, type FieldConfig } from "./fieldKinds.ts";
import { integralsOf, pathIntegrands, weightName } from "./pathIntegrands.ts";

/** What kind of block: its field, and how it is trained and integrated. Weights are apart from it. */
export interface BlockConfig {
  readonly field: FieldConfig;
  /** In training. Densities are always evaluated with the exact divergence. */
  readonly divergence: Divergence;
  readonly tableau?: Tableau;
  /** What the flow carries data to: N(0, I), the default, or N(mu(y), I) of each row's labels y. A matter of training. */
  readonly base?: "standard" | "labels";
  /**
   * Fields passed one after the other and trained together, as a flow without block-wise training is; default 1. The
   * parameters of all lie one behind the other; `createFlow` takes such a chain apart.
   */
  readonly chain?: number;
}

/** Data to noise, or noise to data. */
export type Direction = "forward" | "inverse";

/** Row inputs that a field asks for, and the field. `link` is its place in a chain. */
export function fieldOf(
  graph: Graph,
  { field, chain = 1 }: BlockConfig,
  divergence: Divergence,
  link: number,
  path: readonly PathIntegral[] = [],
): Field {
  const { dimension, condition = 0 } = field;
  const probed = divergence === "hutchinson" || path.includes("jacobian");
  return createField(graph, field, {
    divergence,
    probe: probed ? graph.rows("probe", dimension) : undefined,
    condition: condition > 0 ? graph.rows("condition", condition) : undefined,
    prefix: chain > 1 ? `${link + 1}.` : "",
  });
}

interface Solved {
  readonly y: Node; // [B, d]
  readonly logDet: Node; // [B, 1]
  /** Integrals along the path, [B, 1]. */
  readonly path: Readonly<Partial<Record<PathIntegral, Node>>>;
  readonly parameters: readonly Node[];
}

/** Position, integral of the divergence, and the wanted integrals along the path. */
function solve(
  config: BlockConfig,
  x: Node,
  steps: number,
  direction: Direction,
  divergence: Divergence,
  path: readonly PathIntegral[] = [],
): Solved {
  const interval = direction === "forward" ? { from: 0, to: 1, steps } : { from: 1, to: 0, steps };
  const links = Array.from({ length: config.chain ?? 1 }, (_, link) =>
    fieldOf(x.graph, config, divergence, link, path),
  );
  const parameters = links.flatMap((field) => field.parameters);
  let state: (Node | undefined)[] = [x, undefined, ...path.map(() => undefined)];
  for (const field of direction === "forward" ? links : links.reverse()) {
    state = unroll(
      ([position], s) => {
        const value = field.at(position, s);
        return [value.velocity, value.divergence, ...path.map((name) => pathIntegrands[name](value))];
      },
      config.tableau ?? rk4,
      state,
      interval,
    );
  }
  const [y, logDet, ...integrals] = state;
  return {
    y: y!,
    logDet: logDet!,
    path: Object.fromEntries(path.map((name, i) => [name, integrals[i]!])),
    parameters,
  };
}

/** What a push gathers: positions alone cost about half; with the movement E|T(x) - x|^2 becomes known. */
export type Gathered = "positions" | "positions and movement" | "positions and log-determinants";

/**
 * Rows through the block: input `x` `[B, d]`, output `y`; with log-determinants also input `logDet` `[B, 1]` (what earlier
 * blocks gathered) and output `logDet`; with the movement the mean `moved`. Backward, the log-determinant of the inverse map
 * is added. A conditional field has the further input `condition` `[B, c]`.
 */
export function pushProgram(config: BlockConfig, steps: number, direction: Direction, gathered: Gathered): Program {
  const graph = createGraph();
  const x = graph.rows("x", config.field.dimension);
  const { y, logDet, parameters } = solve(config, x, steps, direction, "exact");
  const outputs: Record<string, Node> = { y };
  if (gathered === "positions and log-determinants") outputs.logDet = add(graph.rows("logDet", 1), logDet);
  const means = gathered === "positions and movement" ? { means: { moved: squaredNorm(sub(y, x)) } } : {};
  return createProgram({ name: `block ${direction}, ${steps} steps`, parameters, outputs, ...means });
}

/**
 * The field of a block at one time, for a solver that chooses its own steps: input `x` `[B, d]` (a conditional field also
 * `condition` `[B, c]`), scalar `s`; outputs
 * `velocity` and `divergence` (an output without a table costs a little, so there is one program for each need). Not of a
 * chain.
 */
export function fieldProgram(config: BlockConfig, wanted: "velocity" | "velocity and divergence"): Program {
  const graph = createGraph();
  const field = fieldOf(graph, config, "exact", 0);
  const { velocity, divergence } = field.at(graph.rows("x", config.field.dimension), graph.scalar("s"));
  return createProgram({
    name: `field, ${wanted}`,
    parameters: field.parameters,
    outputs: wanted === "velocity" ? { velocity } : { velocity, divergence },
  });
}

/**
 * A training objective of the given terms. Inputs `x`, with jitter `noise`, with a Hutchinson divergence or the Jacobian term
 * `probe` `[B, d]`, with a conditional field `condition` `[B, c]`, with base "labels" `mean` `[B, d]`; scalars: the weight of
 * every term (`weightScalars`) and, with noise, `jitter`. Means: `energy` = |x(1) - mean|^2 / 2 (mean 0 by default), `logDet`,
 * `movement` = |x(1) - x(0)|^2, and every integral along the path.
 * @throws InputError for terms that need the density of the rows, or pairs of them: a table has none.
 */
export function trainingProgram(
  config: BlockConfig,
  steps: number,
  input: "plain" | "jittered",
  terms: readonly Term[],
): Program {
  checkTerms(terms);
  const graph = createGraph();
  const given = graph.rows("x", config.field.dimension);
  const noise = input === "jittered" ? graph.rows("noise", config.field.dimension) : undefined;
  const x = noise ? add(given, mul(noise, graph.scalar("jitter"))) : given;
  const solved = solve(config, x, steps, "forward", config.divergence, integralsOf(terms));
  const { y, logDet, path, parameters } = solved;
  graph.label(y, "x at the end of the block");
  graph.label(logDet, "log-determinant of the block");
  const mean = config.base === "labels" ? graph.rows("mean", config.field.dimension) : undefined;
  const energy = standardEnergy(mean ? sub(y, mean) : y);
  const also = mean ? { mean } : {};
  const weighted = terms.map((term) =>
    mul(term.perRow({ x, y, logDet, path }, also), graph.scalar(weightName(term.name))),
  );
  const loss = weighted.reduce((a, b) => add(a, b));
  return createProgram({
    name: `training, ${steps} steps`,
    parameters,
    loss: graph.label(loss, "loss"),
    means: { energy, logDet, movement: squaredNorm(sub(y, x)), ...path },
  });
}

function checkTerms(terms: readonly Term[]): void {
  for (const { name, needs } of terms) {
    const need = needs.find((one) => one === "logDensity" || one === "pair");
    if (need === undefined) continue;
    const came = `the term "${name}", which needs ${need === "pair" ? "pairs of rows" : "the density of the rows"}`;
    throw new InputError({ where: "objective", came, expected: "terms of where rows go and of their way" });
  }
}
