/**
 * The order of the row phase: elementwise steps on rows of one width run together, products run one by one in the order in
 * which their values were written down, sums of outer products as soon as they can, because they end the life of
 * activations.
 */
import { isRow, type Node } from "../graph/index.ts";
import type { Step } from "./step.ts";
import { CODE } from "./tape.ts";

/** Elementwise steps over the same columns, or one step of another kind. */
export interface Group {
  readonly steps: readonly Step[];
  /** Columns of the rows that an elementwise group works on; 1: one number per row, kept as one vector. */
  readonly width: number;
}

/** Columns an elementwise step runs over: those of what it reads when it reduces. */
function widthOf(step: Step): number {
  const reduces = step.outputs.length === 0 || step.code === CODE.ROW_DOT || step.code === CODE.ROW_SUM;
  return (reduces ? step.inputs[0] : step.outputs[0]).cols;
}

export function schedule(steps: readonly Step[]): Group[] {
  const producer = new Map<Node, Step>();
  for (const step of steps) for (const node of step.outputs) producer.set(node, step);
  const waiting = new Map<Step, number>();
  const users = new Map<Step, Step[]>();
  const ready = { elementwise: new Map<number, Step[]>(), others: [] as Step[] };
  const release = (step: Step): void => {
    if (step.kind !== "elementwise") {
      ready.others.push(step);
      return;
    }
    const width = widthOf(step);
    const same = ready.elementwise.get(width);
    if (same) same.push(step);
    else ready.elementwise.set(width, [step]);
  };
  for (const step of steps) {
    const needs = new Set(step.inputs.filter(isRow).map((node) => producer.get(node)!));
    waiting.set(step, needs.size);
    for (const p of needs) users.set(p, [...(users.get(p) ?? []), step]);
    if (needs.size === 0) release(step);
  }
  const finish = (step: Step): void => {
    for (const user of users.get(step) ?? []) {
      const left = waiting.get(user)! - 1;
      waiting.set(user, left);
      if (left === 0) release(user);
    }
  };

  const groups: Group[] = [];
  const first = (list: readonly Step[]): Step => list.reduce((a, b) => (b.site.id < a.site.id ? b : a));
  for (;;) {
    const candidates = [...ready.elementwise.values()].filter((list) => list.length > 0);
    if (candidates.length > 0) {
      const width = widthOf(first(candidates.map(first)));
      const list = ready.elementwise.get(width)!;
      const members: Step[] = [];
      while (list.length > 0) {
        const next = first(list);
        list.splice(list.indexOf(next), 1);
        members.push(next);
        finish(next);
      }
      groups.push({ steps: members, width });
    } else if (ready.others.length > 0) {
      const sums = ready.others.filter((step) => step.kind === "outer");
      const next = first(sums.length > 0 ? sums : ready.others);
      ready.others.splice(ready.others.indexOf(next), 1);
      groups.push({ steps: [next], width: 0 });
      finish(next);
    } else {
      return groups;
    }
  }
}
