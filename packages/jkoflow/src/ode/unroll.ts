/**
 * A fixed-step solve as graph nodes: every stage of every step is written down, so the vjp of the program is the exact
 * gradient of the discrete solution.
 */
import { InputError } from "../errors/index.ts";
import { add, type Node, scale } from "../graph/index.ts";
import type { Tableau } from "./tableaus.ts";

/** A state of several parts that move together: position, log-determinant, ... */
export type State = readonly Node[];

/** The right-hand side: one derivative per part of the state. */
export type RightHandSide = (state: State, t: number) => readonly Node[];

export interface Interval {
  readonly from: number;
  /** Below `from` integrates backward; the field is called with the true time and is not negated. */
  readonly to: number;
  readonly steps: number;
}

/** sum_i c_i x_i without the terms whose factor is 0; equal factors are taken together. */
function combine(factors: readonly number[], terms: readonly (Node | undefined)[], h: number): Node | undefined {
  const byFactor = new Map<number, Node>();
  factors.forEach((factor, i) => {
    const term = terms[i];
    if (factor === 0 || term === undefined) return;
    const known = byFactor.get(factor);
    byFactor.set(factor, known ? add(known, term) : term);
  });
  let total: Node | undefined;
  for (const [factor, term] of byFactor) {
    const part = scale(term, h * factor);
    total = total ? add(total, part) : part;
  }
  return total;
}

const plus = (y: Node, change: Node | undefined): Node => (change ? add(y, change) : y);

/**
 * Integrate from `from` to `to` in `steps` equal steps. Parts that start at undefined start at 0 (an integral that begins
 * empty costs no node).
 *
 * @throws InputError when `steps` is not a whole number above 0.
 */
export function unroll(
  rightHandSide: RightHandSide,
  tableau: Tableau,
  start: readonly (Node | undefined)[],
  { from, to, steps }: Interval,
): (Node | undefined)[] {
  if (!Number.isInteger(steps) || steps < 1) {
    throw new InputError({ where: "steps", came: String(steps), expected: "a whole number above 0" });
  }
  const h = (to - from) / steps;
  let state = [...start];
  for (let k = 0; k < steps; k++) {
    const t = from + k * h;
    const slopes: (readonly Node[])[] = [];
    tableau.stages.forEach((row, i) => {
      const at = state.map((y, part) => {
        const change = combine(
          row,
          slopes.map((s) => s[part]),
          h,
        );
        return y ? plus(y, change) : change;
      });
      slopes.push(rightHandSide(at as State, t + tableau.nodes[i] * h));
    });
    state = state.map((y, part) => {
      const change = combine(
        tableau.weights,
        slopes.map((s) => s[part]),
        h,
      );
      return y ? plus(y, change) : change;
    });
  }
  return state;
}
