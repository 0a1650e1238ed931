/** The row phase: groups in their order, activations in an arena of the tile, passing values in scratch. */
import type { Node } from "../graph/index.ts";
import { createArena, roundUp } from "./arena.ts";
import type { Emitter } from "./emit.ts";
import { type Layout, SLACK } from "./layout.ts";
import { type Group, schedule } from "./schedule.ts";
import type { Step } from "./step.ts";
import { BASE, bits, INSTRUCTION, ROWS_OF_TILE } from "./tape.ts";

/** Floats that an elementwise group may touch per chunk of rows: half of a first-level cache. */
const CHUNK_BUDGET = 4096;

/** Distance between rows of an activation; wide ones get an odd number of lines, so that rows do not share cache sets. */
const tileStride = (cols: number): number => (cols === 1 ? 1 : cols >= 128 ? roundUp(cols) + 16 : roundUp(cols));

export interface RowPhase {
  readonly tape: number[];
  readonly scratchOffset: number;
  readonly tileFloats: number;
}

/** Weights are packed at the end of `prologue`. */
export function emitRowPhase(
  layout: Layout,
  emitter: Emitter,
  steps: readonly Step[],
  tileRows: number,
  prologue: number[],
): RowPhase {
  const { program, operand, placeOf } = layout;
  const slots = new Map<string, number>();
  for (const [i, node] of program.inputs.entries()) slots.set(`in ${node.at.name}`, i);
  for (const [i, { name }] of program.outputs.entries()) slots.set(`out ${name}`, program.inputs.length + i);

  const rows: number[] = [];
  const groups = schedule(steps);
  const last = new Map<Node, number>();
  groups.forEach(({ steps }, i) => {
    for (const step of steps) for (const node of [...step.inputs, ...step.outputs]) last.set(node, i);
  });
  const arena = createArena();
  const offsets = new Map<Node, number>();
  let scratchFloats = 0;
  const make = (node: Node): void => {
    if (layout.has(node)) return;
    const stride = tileStride(node.cols);
    const offset = arena.allocate(tileRows * stride + SLACK);
    offsets.set(node, offset);
    layout.place(node, { operand: operand(BASE.TILE, offset), stride });
  };
  const emit = (group: Group, index: number): void => {
    const { steps: members, width } = group;
    const [step] = members;
    if (step.kind === "elementwise") {
      const made = new Set(members.flatMap((s) => s.outputs));
      // values that only this group knows; they live in scratch
      const inside = [...made].filter((node) => last.get(node) === index && node.cols === width && width > 1);
      const touched = new Set([...made, ...members.flatMap((s) => s.inputs)]);
      const stride = tileStride(width);
      const wide = [...touched].filter((node) => node.cols === width).length;
      const chunk = Math.min(tileRows, Math.max(1, Math.floor(CHUNK_BUDGET / (wide * stride))));
      inside.forEach((node, i) => {
        layout.place(node, { operand: operand(BASE.SCRATCH, i * chunk * stride), stride });
      });
      if (width > 1) scratchFloats = Math.max(scratchFloats, inside.length * chunk * stride + SLACK);
      for (const node of made) make(node);
      const counts = width === 1 ? [1, ROWS_OF_TILE] : [ROWS_OF_TILE, width];
      rows.push(
        INSTRUCTION.ELEMENTWISE,
        ...counts,
        chunk,
        members.length,
        ...members.flatMap((s) => emitter.operation(s, width)),
      );
    } else {
      for (const node of step.outputs) make(node);
      if (step.kind === "matmul") emitter.matmul(rows, prologue, "rows", step, ROWS_OF_TILE);
      else if (step.kind === "groups") emitter.groups(rows, step, ROWS_OF_TILE);
      else if (step.kind === "outer") {
        const [a, g] = step.inputs;
        const [from, with_, sum] = [placeOf(a), placeOf(g), layout.sumPlace(step.sum!)];
        const ends = [sum.operand, sum.stride, bits(step.c0), step.site.id];
        rows.push(INSTRUCTION.OUTER, from.operand, from.stride, with_.operand, with_.stride, a.cols, g.cols, ...ends);
      } else if (step.kind === "load" || step.kind === "store") {
        const node = step.kind === "load" ? step.outputs[0] : step.inputs[0];
        const slot = slots.get(step.kind === "load" ? `in ${node.at.name}` : `out ${step.output}`)!;
        const { operand: word, stride } = placeOf(node);
        rows.push(step.kind === "load" ? INSTRUCTION.LOAD : INSTRUCTION.STORE, slot, word, stride, node.cols, node.id);
      } else emitter.columns(rows, step, ROWS_OF_TILE);
    }
    for (const node of new Set(members.flatMap((s) => [...s.inputs, ...s.outputs]))) {
      if (last.get(node) === index && offsets.has(node)) arena.release(offsets.get(node)!);
    }
  };
  groups.forEach(emit);

  const scratchOffset = arena.size;
  return { tape: rows, scratchOffset, tileFloats: scratchOffset + scratchFloats + SLACK };
}
