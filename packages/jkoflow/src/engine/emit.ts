/** Instructions of single steps: twelve-word elementwise operations, products, copies of columns. */
import { isRow, type Node } from "../graph/index.ts";
import { roundUp } from "./arena.ts";
import type { Layout } from "./layout.ts";
import { isVector, type Step } from "./step.ts";
import { BASE, bits, CODE, INSTRUCTION, NO_OPERAND, ROW_UNIT } from "./tape.ts";

export interface Emitter {
  /** The words of one elementwise operation; `width` is the group's. */
  operation(step: Step, width: number): number[];
  /** A product; its weight is packed by `packTape`, once per phase. */
  matmul(tape: number[], packTape: number[], phase: string, step: Step, rows: number): void;
  /** groupDot or groupScale: one elementwise operation for each group of columns. */
  groups(tape: number[], step: Step, rows: number): void;
  /** slice, pad or concat. */
  columns(tape: number[], step: Step, rows: number): void;
}

/** Floats of the widest vector of a kernel. */
const VECTOR = 16;

/** Does the step turn a row into one number, or add to a sum? */
export const reduces = (step: Step): boolean =>
  step.outputs.length === 0 ||
  step.code === CODE.ROW_DOT ||
  step.code === CODE.ROW_SUM ||
  step.code === CODE.COLUMN_SUM ||
  step.code === CODE.TOTAL;

export function createEmitter(layout: Layout): Emitter {
  const { operand, common, placeOf } = layout;
  const none: readonly [number, number] = [operand(BASE.TILE, 0), 0];

  const operation = (step: Step, width: number): number[] => {
    const code = step.code!;
    const like =
      step.outputs.length === 0 || code === CODE.ROW_DOT || code === CODE.ROW_SUM ? step.inputs[0] : step.outputs[0];
    const single = width === 1; // one number per row: the rows form one vector
    const at = (node: Node, k: number): readonly [number, number] => {
      const { operand: word, stride } = placeOf(node);
      if (single) return [word, 0];
      const column = step.site.op === "matmul" && k === 1; // a column that is read as a row
      const repeats = column || (!isRow(node) && node.rows === 1);
      return [word, repeats ? 0 : isVector(node, like) ? stride : 1];
    };
    const target = (node: Node): readonly [number, number] => {
      const { operand: word, stride } = placeOf(node);
      const adds = code === CODE.COLUMN_SUM || code === CODE.TOTAL;
      return [word, single || adds ? 0 : node.cols === 1 ? 1 : stride];
    };
    const [a = none, b = none, third = none] = step.inputs.map(at);
    const d = step.sum ? [layout.sumPlace(step.sum).operand, 0] : target(step.outputs[0]);
    const e = step.outputs.length > 1 ? target(step.outputs[1]) : third;
    return [code, ...d, ...e, ...a, ...b, bits(step.c0), bits(step.c1), step.site.id];
  };

  const packs = new Map<string, number>();
  const packInto = (
    tape: number[],
    phase: string,
    w: Node,
    transposed: boolean,
  ): { pack: number; k: number; n: number } => {
    const [k, n] = transposed ? [w.cols, w.rows as number] : [w.rows as number, w.cols];
    const key = `${phase}|${w.id}|${transposed}`;
    let pack = packs.get(key);
    if (pack === undefined) {
      pack = operand(BASE.COMMON, common(k * roundUp(n)));
      packs.set(key, pack);
      const { operand: from, stride } = placeOf(w);
      tape.push(INSTRUCTION.PACK, from, stride === 0 ? w.cols : stride, k, n, transposed ? 1 : 0, pack);
    }
    return { pack, k, n };
  };
  const matmul = (tape: number[], packTape: number[], phase: string, step: Step, rows: number): void => {
    const [a, w] = step.inputs;
    const { pack, k, n } = packInto(packTape, phase, w, step.site.at.transposed === true);
    const [from, to] = [placeOf(a), placeOf(step.outputs[0])];
    const bias = step.bias === undefined ? NO_OPERAND : placeOf(step.bias).operand;
    tape.push(
      INSTRUCTION.MATMUL,
      rows,
      from.operand,
      from.stride,
      pack,
      k,
      n,
      to.operand,
      to.stride,
      bias,
      step.site.id,
    );
  };
  const groups = (tape: number[], step: Step, rows: number): void => {
    const [a, b] = step.inputs;
    const node = step.outputs[0];
    const dot = node.op === "groupDot";
    const width = dot ? node.cols : a.cols;
    const count = b.cols / width;
    // A kernel writes whole vectors: where groups end inside of one, rows go one by one, so that what is written past
    // the end of a row is written over by the next.
    const chunk = width % VECTOR === 0 ? ROW_UNIT : 1;
    tape.push(INSTRUCTION.ELEMENTWISE, rows, width, chunk, count);
    const at = (x: Node, k: number): readonly [number, number] => {
      const { operand: word, stride } = placeOf(x);
      return [word + k * width, stride];
    };
    for (let k = 0; k < count; k++) {
      const to = at(node, dot ? 0 : k);
      const code = dot && k > 0 ? CODE.FMA_VV : CODE.MUL_VV;
      const from = [...at(a, dot ? k : 0), ...at(b, k)];
      tape.push(code, ...to, ...(code === CODE.FMA_VV ? to : none), ...from, bits(1), 0, step.site.id);
    }
  };
  const columns = (tape: number[], step: Step, rows: number): void => {
    const node = step.outputs[0];
    const to = placeOf(node);
    const copy = (source: Node, fromColumn: number, toColumn: number, n: number): void => {
      const { operand: word, stride } = placeOf(source);
      const repeats = !isRow(source) && source.rows === 1;
      const from: readonly number[] = [word + fromColumn, repeats ? 0 : stride];
      const into = [to.operand + toColumn, to.stride];
      tape.push(INSTRUCTION.ELEMENTWISE, rows, n, ROW_UNIT, 1);
      tape.push(CODE.COPY_ROW, ...into, ...none, ...from, ...none, bits(1), 0, step.site.id);
    };
    const [x, y] = step.inputs;
    if (step.kind === "slice") copy(x, node.at.from!, 0, node.cols);
    if (step.kind === "pad") {
      tape.push(INSTRUCTION.CLEAR, rows, node.cols, to.operand, to.stride);
      copy(x, 0, node.at.from!, x.cols);
    }
    if (step.kind === "concat") {
      copy(x, 0, 0, x.cols);
      copy(y, 0, x.cols, y.cols);
    }
  };

  return { operation, matmul, groups, columns };
}
