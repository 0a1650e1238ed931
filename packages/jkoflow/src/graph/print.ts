/** A program as text: its three phases, one line per node. */
import { isConstant, type Node } from "./node.ts";
import type { Phase, Program } from "./program.ts";

const titles: Readonly<Record<Phase, string>> = {
  prologue: "prologue: parameters and scalars, once per run",
  rows: "rows: once per tile",
  epilogue: "epilogue: from the sums over rows, once per run",
};

/** A node's short name, as used in messages: its label, or operation and number. */
export function nameOf(node: Node): string {
  if (isConstant(node)) return String(node.at.value);
  const label = node.graph.labelOf(node);
  return label === undefined ? `${node.op}#${node.id}` : label;
}

function expression(node: Node): string {
  const [a, b] = node.inputs.map(nameOf);
  const { scale, shift, beta, transposed, from } = node.at;
  switch (node.op) {
    case "add":
      return `${a} + ${b}`;
    case "sub":
      return `${a} - ${b}`;
    case "mul":
      return `${a} * ${b}`;
    case "affine":
      return `${scale} * ${a}${shift === 0 ? "" : ` + ${shift}`}`;
    case "matmul":
      return `${a} @ ${b}${transposed ? "^T" : ""}`;
    case "outer":
      return `sum over rows ${a}^T @ ${b}`;
    case "columnSum":
      return `sum over rows ${a}`;
    case "softplus":
    case "sigmoid":
      return `${node.op}(${beta === 1 ? "" : `${beta} `}${a})`;
    case "slice":
      return `${a}[${from}..${from! + node.cols}]`;
    case "pad":
      return `pad(${a}, ${from})`;
    default:
      return node.inputs.length === 0
        ? `${node.op} ${node.at.name ?? ""}`.trimEnd()
        : `${node.op}(${node.inputs.map(nameOf).join(", ")})`;
  }
}

/** The program's phases with one line per node: name, shape, expression. */
export function print(program: Program): string {
  const lines = [`program ${program.name}`];
  for (const phase of ["prologue", "rows", "epilogue"] as const) {
    const members = program.nodes.filter((node) => program.phases.get(node) === phase && !isConstant(node));
    if (members.length === 0) continue;
    lines.push("", titles[phase]);
    for (const node of members) lines.push(`  ${nameOf(node)} [${node.rows}, ${node.cols}] = ${expression(node)}`);
  }
  lines.push("", "returns");
  const returned = [
    ...program.values,
    ...program.outputs,
    ...program.parameters.map((p, i) => ({ name: `d loss / d ${p.at.name}`, node: program.gradients[i] })),
  ];
  for (const { name, node } of returned) if (node !== undefined) lines.push(`  ${name} = ${nameOf(node)}`);
  return lines.join("\n");
}
