/**
 * A program: what one run computes from a batch of rows.
 *
 *   L(theta) = (1/B) sum_i  l(x_i, noise_i; theta, scalars)
 *
 * Its nodes fall into three phases. The prologue depends on parameters and scalars only and runs once; the row phase runs
 * once per tile of rows and may end in sums over rows; the epilogue continues from those sums in parameter space.
 */
import { InputError } from "../errors/index.ts";
import { mul, reciprocal } from "./elementwise.ts";
import { columnSum, mean } from "./linear.ts";
import { type Graph, isRow, type Node, topological } from "./node.ts";
import { gradient } from "./vjp.ts";

/** When a node is computed: before, in or after the pass over the rows. */
export type Phase = "prologue" | "rows" | "epilogue";

/** What a program should compute. All nodes belong to one graph. */
export interface ProgramSpec {
  readonly name: string;
  /** Order of the flat parameter array. Leaves of kind `parameter`. */
  readonly parameters?: readonly Node[];
  /** Per-sample loss `[B, 1]`; its mean and the gradient of the mean are computed. */
  readonly loss?: Node;
  /** Row values `[B, c]` whose means over the batch are wanted. */
  readonly means?: Readonly<Record<string, Node>>;
  /** Row values `[B, c]` to be stored row by row. */
  readonly outputs?: Readonly<Record<string, Node>>;
  /** Parameter-space values to be returned. */
  readonly values?: Readonly<Record<string, Node>>;
}

/** A result and the name it comes back under. */
export interface Named {
  readonly name: string;
  readonly node: Node;
}

/** A checked specification, differentiated and sorted: what `engine.load` takes. */
export interface Program {
  readonly name: string;
  readonly graph: Graph;
  readonly parameters: readonly Node[];
  /** Gradient of the mean loss, one node per parameter; empty without a loss. */
  readonly gradients: readonly Node[];
  /** `loss`, the means and the values, in parameter space. */
  readonly values: readonly Named[];
  readonly outputs: readonly Named[];
  readonly inputs: readonly Node[];
  readonly scalars: readonly Node[];
  /** Every node that is needed, inputs before users. */
  readonly nodes: readonly Node[];
  readonly phases: ReadonlyMap<Node, Phase>;
}

const named = (record: Readonly<Record<string, Node>> | undefined): Named[] =>
  Object.entries(record ?? {}).map(([name, node]) => ({ name, node }));

/**
 * Check a specification, differentiate its loss and sort its nodes into phases.
 *
 * @throws InputError when the loss is not `[B, 1]`, a parameter is missing from the list or stands there twice, two results
 * have one name, or a row value depends on a sum over rows (rows are independent in a program; a system that needs pairs makes the pair the row).
 */
export function createProgram(spec: ProgramSpec): Program {
  const where = `program "${spec.name}"`;
  const parameters = spec.parameters ?? [];
  const outputs = named(spec.outputs);
  const values = named(spec.values);
  parameters.forEach((node, i) => {
    const came =
      node.op !== "parameter" ? `${node.op} at ${i}` : parameters.indexOf(node) < i ? `"${node.at.name}" twice` : "";
    if (came !== "")
      throw new InputError({ where, place: "parameters", came, expected: "every parameter once, and nothing else" });
  });
  for (const { name, node } of [...outputs, ...named(spec.means)]) {
    if (!isRow(node))
      throw new InputError({ where, place: name, came: "a parameter-space value", expected: "rows [B, c]" });
  }
  for (const { name, node } of values) {
    if (isRow(node)) throw new InputError({ where, place: name, came: "rows", expected: "a parameter-space value" });
  }
  let gradients: Node[] = [];
  if (spec.loss !== undefined) {
    const loss = spec.loss;
    if (!isRow(loss) || loss.cols !== 1) {
      throw new InputError({
        where,
        place: "loss",
        came: `[${loss.rows}, ${loss.cols}]`,
        expected: "[B, 1], one number per row",
      });
    }
    values.unshift({ name: "loss", node: mean(loss) });
    const perRow = reciprocal(loss.graph.rowCount());
    gradients = gradient(columnSum(loss), parameters).map((g) => mul(g, perRow));
  }
  values.push(...named(spec.means).map(({ name, node }) => ({ name, node: mean(node) })));

  values.forEach(({ name }, i) => {
    if (values.some((v, k) => k < i && v.name === name)) {
      throw new InputError({
        where,
        place: name,
        came: "the name twice",
        expected: "a name of its own for loss, means and values",
      });
    }
  });

  const roots = [...values, ...outputs].map(({ node }) => node).concat(gradients);
  if (roots.length === 0)
    throw new InputError({ where, came: "nothing to compute", expected: "a loss, outputs or values" });
  const nodes = topological(roots);
  for (const node of nodes) {
    if (node.op === "parameter" && !parameters.includes(node)) {
      throw new InputError({
        where,
        came: `parameter "${node.at.name}"`,
        expected: "every parameter that is used in the list `parameters`",
      });
    }
  }
  const leaves = (op: Node["op"]) => nodes.filter((node) => node.op === op);
  return {
    name: spec.name,
    graph: roots[0].graph,
    parameters,
    gradients,
    values,
    outputs,
    inputs: leaves("rows"),
    scalars: leaves("scalar"),
    nodes,
    phases: sortPhases(nodes, where),
  };
}

function sortPhases(nodes: readonly Node[], where: string): Map<Node, Phase> {
  const phases = new Map<Node, Phase>();
  const summed = new Set<Node>(); // parameter-space values that need a finished pass over the rows
  for (const node of nodes) {
    const afterSum = node.inputs.some((input) => summed.has(input));
    if (isRow(node)) {
      if (afterSum) {
        throw new InputError({
          where,
          came: `row value ${node.op}#${node.id} that depends on a sum over rows`,
          expected: "rows that are independent of one another",
          fix: "make the pair the row, or return the sum as a value and run a second program",
        });
      }
      phases.set(node, "rows");
    } else if (node.inputs.some(isRow)) {
      phases.set(node, "rows");
      summed.add(node);
    } else {
      phases.set(node, afterSum ? "epilogue" : "prologue");
      if (afterSum) summed.add(node);
    }
  }
  return phases;
}
