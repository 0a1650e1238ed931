/** The prologue and the epilogue of a program: in order, every value keeps its place. */
import type { Node, Program } from "../graph/index.ts";
import { type Emitter, reduces } from "./emit.ts";
import type { Layout } from "./layout.ts";
import type { Selection, Step } from "./step.ts";
import { BASE, CODE, INSTRUCTION, NO_OPERAND, ROW_UNIT } from "./tape.ts";

export interface ValuePlace {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  /** Offset in the common region, in floats; rows lie back to back. */
  readonly offset: number;
}

/** Instructions for parameter-space steps. */
export function emitParameterPhase(layout: Layout, emitter: Emitter, steps: readonly Step[], phase: string): number[] {
  const { placeOf, makeCommon } = layout;
  const tape: number[] = [];
  for (const step of steps) {
    const node = step.outputs[0];
    const to = makeCommon(node);
    const rows = node.rows as number;
    if (step.kind === "elementwise") {
      const adds = step.code === CODE.COLUMN_SUM || step.code === CODE.TOTAL;
      if (adds) tape.push(INSTRUCTION.CLEAR, 1, node.cols, to.operand, 0);
      const like = reduces(step) ? step.inputs[0] : node;
      const width = like.cols;
      const counts = width === 1 ? [1, like.rows as number] : [like.rows as number, width];
      tape.push(INSTRUCTION.ELEMENTWISE, ...counts, ROW_UNIT, 1, ...emitter.operation(step, width));
    } else if (step.kind === "matmul") {
      emitter.matmul(tape, tape, phase, step, rows);
    } else if (step.kind === "groups") {
      emitter.groups(tape, step, rows);
    } else if (step.kind === "transpose") {
      const x = step.inputs[0];
      const from = placeOf(x);
      tape.push(
        INSTRUCTION.TRANSPOSE,
        x.rows as number,
        x.cols,
        from.operand,
        from.stride || x.cols,
        to.operand,
        to.stride,
      );
    } else {
      emitter.columns(tape, step, rows);
    }
  }
  return tape;
}

/** The epilogue: from the finished sums to gradients and values. */
export function emitEpilogue(
  layout: Layout,
  emitter: Emitter,
  selection: Selection,
): { readonly tape: number[]; readonly values: readonly ValuePlace[] } {
  const { program, operand, common, placeOf, makeCommon } = layout;
  const epilogue: number[] = [];
  for (const sum of selection.sums) {
    const from = layout.sumPlace(sum);
    if (!sum.transposed && sum.cols > 1) {
      layout.place(sum.node, from);
      continue;
    }
    const to = makeCommon(sum.node);
    if (sum.transposed) {
      epilogue.push(INSTRUCTION.TRANSPOSE, sum.cols, sum.rows, from.operand, from.stride, to.operand, to.stride);
    } else {
      epilogue.push(INSTRUCTION.COPY, sum.rows, 1, from.operand, from.stride, to.operand, to.stride, NO_OPERAND);
    }
  }
  const scaledGradients = new Set(program.gradients);
  const late = selection.epilogue.filter((step) => !skipScaling(step, scaledGradients, program));
  epilogue.push(...emitParameterPhase(layout, emitter, late, "epilogue"));

  // Results: gradients to their flat place, values to the common region.
  let gradientOffset = 0;
  program.gradients.forEach((node, i) => {
    const [factor, x] = isScaling(node) ? [scalingFactor(node), scaled(node)] : [undefined, node];
    const known = factor !== undefined && !layout.has(node);
    const source = known ? x : node;
    const from = placeOf(source);
    const [r, c] = [program.parameters[i].rows as number, program.parameters[i].cols];
    const lda = source.rows === 1 && r > 1 ? 0 : from.stride;
    const word = known ? placeOf(factor).operand : NO_OPERAND;
    epilogue.push(INSTRUCTION.COPY, r, c, from.operand, lda, operand(BASE.GRADIENT, gradientOffset), c, word);
    gradientOffset += r * c;
  });
  const values = program.values.map(({ name, node }): ValuePlace => {
    const [r, c] = [node.rows as number, node.cols];
    const offset = common(r * c);
    const from = placeOf(node);
    epilogue.push(INSTRUCTION.COPY, r, c, from.operand, from.stride, operand(BASE.COMMON, offset), c, NO_OPERAND);
    return { name, rows: r, cols: c, offset };
  });

  return { tape: epilogue, values };
}

/** x * s with s a number: a gradient times 1 / B. */
const scalingFactor = (node: Node): Node => node.inputs.find((x) => x.rows === 1 && x.cols === 1)!;
const isScaling = (node: Node): boolean =>
  node.op === "mul" && node.inputs.filter((x) => x.rows === 1 && x.cols === 1).length === 1;
const scaled = (node: Node): Node => node.inputs.find((x) => x !== scalingFactor(node))!;

/** The copy of a gradient to its place multiplies by 1 / B itself, unless the product is used elsewhere too. */
function skipScaling(step: Step, gradients: ReadonlySet<Node>, program: Program): boolean {
  const node = step.outputs[0];
  if (step.kind !== "elementwise" || !gradients.has(node) || !isScaling(node)) return false;
  if (program.values.some((v) => v.node === node)) return false;
  return !program.nodes.some((user) => user.inputs.includes(node));
}
