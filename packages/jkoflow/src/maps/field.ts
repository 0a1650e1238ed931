/**
 * A velocity field v(x, s) on rows with its divergence, as graph nodes.
 *
 * Divergence estimators:
 *   exact      the trace of dv/dx. One hidden layer: <diag(W_2 W_1), slope>. Two hidden layers: with
 *              K = W_2 o (W_3 W_1)^T, formed once per update, tr(dv/dx) = slope_1^T K slope_2, at the price of one product
 *              of the size of W_2 and without variance; gates of the last layer multiply the columns of W_3, those of
 *              hidden layers the slopes. Otherwise d products with unit vectors.
 *   hutchinson <e, J^T e> with a probe e per row (M. F. Hutchinson, Comm. Stat. Simul. Comput. 19 (1990), 433-450), which
 *              the caller gives as a row input; one probe serves the whole solve.
 */
import {
  add,
  broadcast,
  type Graph,
  matmul,
  mul,
  type Node,
  type Operand,
  rowDot,
  rowSum,
  scale,
  slice,
  transpose,
  vjp,
} from "../graph/index.ts";
import {
  createGraphNetwork,
  createMlp,
  createPotential,
  evaluateMlp,
  type GraphConfig,
  type Mlp,
  type MlpConfig,
  type PotentialConfig,
} from "../nn/index.ts";

/** The trace of dv/dx, or Hutchinson's estimate of it (see above). */
export type Divergence = "exact" | "hutchinson";

/** A field at rows and one time. */
export interface FieldValue {
  readonly velocity: Node; // [B, d]
  readonly divergence: Node; // [B, 1]
  /** e^T J of a Hutchinson divergence, the row vector whose product with e it is. */
  readonly probed?: Node | undefined; // [B, d]
  /** Of a field over a learned time [0, T]: T. The velocity is dx/ds over s in [0, 1]. */
  readonly duration?: Node | undefined; // [1, 1]
  /** Of a field v = -grad Phi / inertia: dPhi/dt. */
  readonly potential?: { readonly rate: Node; readonly inertia: number }; // [B, 1]
}

/** A field in a graph: its parameters and its value at rows x `[B, d]` and time s in [0, 1], a number or a scalar node. */
export interface Field {
  readonly parameters: readonly Node[];
  at(x: Node, s: Operand): FieldValue;
}

/** What a field is built with besides its parameters. */
export interface FieldInputs {
  readonly divergence: Divergence;
  /** For a Hutchinson divergence: a row input `[B, d]`. */
  readonly probe?: Node | undefined;
  /** For a conditional field: its covariates, a row input `[B, c]`. */
  readonly condition?: Node | undefined;
  /** Begins the names of the parameters, where a graph holds several fields. */
  readonly prefix?: string;
}

/** sum_i d v_i / d x_i, one reverse sweep per column. */
export function divergenceByUnitVectors(v: Node, x: Node): Node {
  let total: Node | undefined;
  for (let i = 0; i < x.cols; i++) {
    const [g] = vjp([[slice(v, i, i + 1), v.graph.constant(1)]], [x]);
    const part = slice(g, i, i + 1);
    total = total ? add(total, part) : part;
  }
  return total!;
}

/** The trace of the Jacobian of an MLP with one or two hidden layers, from the slopes of its hidden layers. */
function traceFromSlopes({ layers }: Mlp, slopes: readonly Node[], gate: Node | undefined): Node {
  const weights = layers.map((layer) => layer.weight);
  if (gate) weights.push(mul(weights.pop()!, gate));
  const [first, second, third] = weights;
  if (slopes.length === 1) return matmul(slopes[0], rowSum(mul(transpose(first), second)));
  const k = mul(second, transpose(matmul(third, first))); // [H_1, H_2]
  return rowDot(matmul(slopes[0], k), slopes[1]);
}

/** The field of an MLP. */
export const mlpField = (graph: Graph, config: MlpConfig, inputs: FieldInputs): Field =>
  networkField(createMlp(graph, config, inputs.prefix), inputs);

/** The field of a network on the nodes of a graph: an MLP whose first matrix has structure. */
export const graphField = (graph: Graph, config: GraphConfig, inputs: FieldInputs): Field =>
  networkField(createGraphNetwork(graph, config, inputs.prefix), inputs);

function networkField(mlp: Mlp, { divergence, probe, condition }: FieldInputs): Field {
  const closedForm = mlp.config.hidden.length <= 2;
  const at = (x: Node, s: Operand): FieldValue => {
    const { velocity: perTime, slopes, gate, duration } = evaluateMlp(mlp, x, s, condition);
    const timed = (value: Node): Node => (duration ? mul(value, duration) : value);
    const velocity = timed(perTime);
    const probed = probe && vjp([[velocity, probe]], [x])[0];
    if (divergence === "hutchinson") return { velocity, divergence: rowDot(probe!, probed!), probed, duration };
    const trace = closedForm ? timed(traceFromSlopes(mlp, slopes, gate)) : divergenceByUnitVectors(velocity, x);
    return { velocity, divergence: broadcast(trace, "B", 1), ...(probed ? { probed } : {}), duration };
  };
  return { parameters: mlp.parameters, at };
}

/** v = -grad Phi / inertia, div v = -Laplacian / inertia (OT-Flow, arXiv:2006.00104); always with the exact divergence. */
export function potentialField(graph: Graph, config: PotentialConfig, { prefix }: FieldInputs): Field {
  const potential = createPotential(graph, config, prefix);
  const { inertia = 1 } = config;
  const at = (x: Node, s: Operand): FieldValue => {
    const { gradient, rate, laplacian } = potential.at(x, s);
    return {
      velocity: scale(gradient, -1 / inertia),
      divergence: scale(laplacian, -1 / inertia),
      potential: { rate, inertia },
    };
  };
  return { parameters: potential.parameters, at };
}
