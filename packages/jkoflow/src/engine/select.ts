/**
 * From nodes to steps: which kernel operation computes which value, with neighbouring nodes fused where the kernel has one
 * operation for them. Works backwards from what a program returns, so nodes that were fused away cost nothing.
 */
import { isRow, type Node, type Program } from "../graph/index.ts";
import { pairSoftplus, sigmoidOfSlope, tanhOfSlope } from "./slopes.ts";
import { isVector, type Selection, type Step } from "./step.ts";
import { planSums } from "./sums.ts";
import { CODE, type Code } from "./tape.ts";

const sameShape = (a: Node, b: Node): boolean => a.rows === b.rows && a.cols === b.cols;
const isMultiple = (n: Node): boolean => n.op === "affine" && n.at.shift === 0;

const unary: Partial<Record<Node["op"], Code>> = {
  softplus: CODE.SOFTPLUS,
  sigmoid: CODE.SIGMOID,
  tanh: CODE.TANH,
  exp: CODE.EXP,
  log: CODE.LOG,
  sqrt: CODE.SQRT,
  reciprocal: CODE.RECIPROCAL,
  relu: CODE.RELU,
  step: CODE.STEP,
  abs: CODE.ABS,
  sign: CODE.SIGN,
  sin: CODE.SIN,
  cos: CODE.COS,
};

export function select(program: Program): Selection {
  const users = new Map<Node, number>();
  const use = (node: Node) => users.set(node, (users.get(node) ?? 0) + 1);
  for (const node of program.nodes) node.inputs.forEach(use);
  const roots = [...program.values, ...program.outputs].map(({ node }) => node).concat(program.gradients);
  roots.forEach(use);
  const once = (node: Node): boolean => users.get(node) === 1;

  const phaseOf = (node: Node) => program.phases.get(node)!;
  const { sums, sumOf } = planSums(program, once);
  const needed = new Set<Node>(roots);
  const steps = { prologue: [] as Step[], rows: [] as Step[], epilogue: [] as Step[] };

  const elementwise = (site: Node, code: Code, inputs: readonly Node[], c0 = 1, c1 = 0): Step => ({
    kind: "elementwise",
    code,
    outputs: [site],
    inputs,
    c0,
    c1,
    site,
  });
  /** a and b with a code for vector-vector and one for vector-number; b is the number. */
  const binary = (node: Node, vv: Code, vs: Code, c0 = 1): Step => {
    const [a, b] = node.inputs;
    if (isVector(a, node) && isVector(b, node)) return elementwise(node, vv, [a, b], c0);
    return isVector(a, node) ? elementwise(node, vs, [a, b], c0) : elementwise(node, vs, [b, a], c0);
  };

  /** c0 * m as a product that may be fused into its only user: m = mul, or a multiple of a mul. */
  const product = (m: Node, like: Node): { c0: number; a: Node; b: Node } | undefined => {
    if (!once(m) || !sameShape(m, like)) return undefined;
    const inner = isMultiple(m) ? m.inputs[0] : m;
    if (inner.op !== "mul" || (inner !== m && !once(inner)) || sigmoidOfSlope(inner) !== undefined) return undefined;
    if (inner.inputs.some((x) => sigmoidOfSlope(x) !== undefined || tanhOfSlope(x) !== undefined)) return undefined;
    let [a, b] = inner.inputs;
    if (!isVector(a, like)) [a, b] = [b, a];
    return { c0: isMultiple(m) ? m.at.scale! : 1, a, b };
  };

  /** left + sign * right. */
  const sum = (node: Node, sign: 1 | -1): Step => {
    const [left, right] = node.inputs;
    if (sign === 1) {
      for (const [m, p] of [
        [left, right],
        [right, left],
      ]) {
        const biased =
          m.op === "matmul" && isRow(m) && once(m) && m.cols > 1 && !isRow(p) && p.rows === 1 && p.cols === m.cols;
        if (biased) return { kind: "matmul", outputs: [node], inputs: m.inputs, c0: 1, c1: 0, bias: p, site: m };
      }
    }
    if (isVector(left, node) && isVector(right, node)) {
      const r = product(right, node);
      if (r) {
        const code = isVector(r.b, node) ? CODE.FMA_VV : CODE.FMA_VS;
        return elementwise(node, code, [r.a, r.b, left], sign * r.c0);
      }
      const l = sign === 1 ? product(left, node) : undefined;
      if (l) {
        const code = isVector(l.b, node) ? CODE.FMA_VV : CODE.FMA_VS;
        return elementwise(node, code, [l.a, l.b, right], l.c0);
      }
      // A multiple that is a sum over rows of its own is in memory; what it is a multiple of is not.
      const scaled = (x: Node): [number, Node] =>
        isMultiple(x) && once(x) && !sumOf.has(x) ? [x.at.scale!, x.inputs[0]] : [1, x];
      const [c0, a] = scaled(left);
      const [c1, b] = scaled(right);
      if (c0 !== 1 || c1 !== 1) return elementwise(node, CODE.AXPBY, [a, b], c0, sign * c1);
    }
    if (sign === 1) return binary(node, CODE.ADD_VV, CODE.ADD_VS);
    if (!isVector(left, node)) return elementwise(node, CODE.SUB_SV, [left, right]);
    return elementwise(node, isVector(right, node) ? CODE.SUB_VV : CODE.SUB_VS, [left, right]);
  };

  const multiply = (node: Node, c0: number, site: Node): Step | undefined => {
    for (const [x, m] of [node.inputs, [...node.inputs].reverse()]) {
      if (!isVector(x, node) || !isVector(m, node)) continue;
      const s = sigmoidOfSlope(m);
      if (s) return elementwise(site, CODE.SIGMOID_SLOPE, [x, s], c0);
      const y = tanhOfSlope(m);
      if (y) return elementwise(site, CODE.TANH_SLOPE, [x, y], c0);
    }
    return undefined;
  };

  const choose = (node: Node): Step => {
    const [a, b] = node.inputs;
    const code = unary[node.op];
    if (code !== undefined) return elementwise(node, code, [a], node.at.beta ?? 1);
    switch (node.op) {
      case "add":
        return sum(node, 1);
      case "sub":
        return sum(node, -1);
      case "mul":
        return multiply(node, 1, node) ?? binary(node, CODE.MUL_VV, CODE.MUL_VS);
      case "affine": {
        if (a.op === "mul" && once(a)) {
          const slope = isMultiple(node) ? multiply(a, node.at.scale!, node) : undefined;
          if (slope) return slope;
          if (a.inputs.every((x) => isVector(x, node))) {
            return elementwise(node, CODE.MUL_AFFINE, a.inputs, node.at.scale, node.at.shift);
          }
        }
        return elementwise(node, CODE.AFFINE, [a], node.at.scale, node.at.shift);
      }
      case "detach":
        return elementwise(node, CODE.AFFINE, [a], 1, 0);
      case "rowDot":
        return elementwise(node, CODE.ROW_DOT, [a, b]);
      case "rowSum":
        return elementwise(node, CODE.ROW_SUM, [a]);
      case "columnSum": // of a parameter-space value
        return elementwise(node, a.cols === 1 ? CODE.TOTAL : CODE.COLUMN_SUM, [a]);
      case "broadcast":
        return isVector(a, node) ? elementwise(node, CODE.AFFINE, [a], 1, 0) : elementwise(node, CODE.FILL, [a]);
      case "matmul": // one column: a dot product with the column, which lies in memory as a row would
        return node.cols === 1
          ? elementwise(node, CODE.ROW_DOT, [a, b])
          : { kind: "matmul", outputs: [node], inputs: [a, b], c0: 1, c1: 0, site: node };
      case "groupDot":
      case "groupScale":
        return { kind: "groups", outputs: [node], inputs: [a, b], c0: 1, c1: 0, site: node };
      case "slice":
      case "pad":
      case "concat":
      case "transpose":
        return { kind: node.op, outputs: [node], inputs: node.inputs, c0: 1, c1: 0, site: node };
      default:
        throw new Error(`operation "${node.op}" has no kernel operation; add one to the selection`);
    }
  };

  const leaf = new Set<Node["op"]>(["rows", "parameter", "scalar", "rowCount", "constant"]);
  const require = (step: Step): Step => {
    for (const x of step.inputs) needed.add(x);
    if (step.bias) needed.add(step.bias);
    return step;
  };

  for (const { name, node } of program.outputs) {
    steps.rows.push({ kind: "store", outputs: [], inputs: [node], c0: 1, c1: 0, output: name, site: node });
  }
  for (let i = program.nodes.length - 1; i >= 0; i--) {
    const node = program.nodes[i];
    const planned = sumOf.get(node);
    if (needed.has(node) && planned !== undefined) {
      for (const other of planned.others) needed.add(other.node);
      for (const { reduction, factor } of planned.sum.parts) {
        const [x, g] = reduction.inputs;
        const step: Step =
          reduction.op === "outer"
            ? {
                kind: "outer",
                outputs: [],
                inputs: planned.sum.transposed ? [g, x] : [x, g],
                c0: factor,
                c1: 0,
                sum: planned.sum,
                site: reduction,
              }
            : {
                ...elementwise(reduction, x.cols === 1 ? CODE.TOTAL : CODE.COLUMN_SUM, [x], factor),
                outputs: [],
                sum: planned.sum,
              };
        steps.rows.push(require(step));
      }
      let so: Node = planned.sum.node;
      for (const { node: other, factor } of planned.others) {
        steps.epilogue.push({ ...elementwise(node, CODE.AXPBY, [so, other], 1, factor), outputs: [node] });
        so = node;
      }
      continue;
    }
    if (!needed.has(node) || (leaf.has(node.op) && node.op !== "rows")) continue;
    if (node.op === "rows") {
      steps.rows.push({ kind: "load", outputs: [node], inputs: [], c0: 1, c1: 0, site: node });
      continue;
    }
    steps[phaseOf(node)].push(require(choose(node)));
  }
  return {
    prologue: inOrder(steps.prologue),
    rows: pairSoftplus(inOrder(steps.rows)),
    epilogue: inOrder(steps.epilogue),
    sums,
  };
}

/** By the number of the node that is computed; equal numbers (sums in several parts) keep their order. */
function inOrder(steps: readonly Step[]): Step[] {
  return [...steps].sort((p, q) => p.site.id - q.site.id);
}
