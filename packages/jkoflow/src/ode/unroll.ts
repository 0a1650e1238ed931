/**
 * A fixed-step solve as graph nodes: every stage of every step is written down, so the vjp of the program is the exact
 * gradient of the discrete solution.
 */
import { InputError } from "../errors/index.ts";
import { add, type Node, scale } from "../graph/index.ts";
import { gridOf } from "./problem.ts";
import { stageTime } from "./stages.ts";
import type { Tableau } from "./tableaus.ts";

/** A state of several parts that move together: position, log-determinant, ... */
export type State = readonly Node[];

/** The right-hand side: one derivative per part of the state. */
export type RightHandSide = (state: State, t: number) => readonly Node[];

/** From where to where, in which steps. */
export type Interval =
  | {
      readonly from: number;
      /** Below `from` integrates backward; the field is called with the true time and is not negated. */
      readonly to: number;
      /** Equal steps. */
      readonly steps: number;
    }
  /** The steps of another solve, for the gradient of what an adaptive solve did (`Solution.times`). */
  | { readonly times: readonly number[] };

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

/** Times of the steps, and the one size of equal steps. */
function timesOf(interval: Interval): { readonly times: readonly number[]; readonly size: number | undefined } {
  if ("times" in interval) {
    const { times } = interval;
    if (times.length < 2) {
      throw new InputError({
        where: "times",
        came: `${times.length} times`,
        expected: "both ends of the interval at least",
      });
    }
    return { times: gridOf({ times }, times[0], times[times.length - 1]), size: undefined };
  }
  const { from, to, steps } = interval;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new InputError({ where: "steps", came: String(steps), expected: "a whole number above 0" });
  }
  return { times: gridOf({ count: steps }, from, to), size: (to - from) / steps };
}

/**
 * Integrate from `from` to `to` in `steps` equal steps, or along `times`. Parts that start at undefined start at 0 (an
 * integral that begins empty costs no node).
 *
 * @throws InputError when `steps` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { createGraph, negate } from "jkoflow/graph";
 * import { midpoint, unroll } from "jkoflow/ode";
 *
 * const g = createGraph();
 * const [end] = unroll(([y]) => [negate(y)], midpoint, [g.rows("y", 1)], { from: 0, to: 1, steps: 2 });
 * console.log(end?.rows, end?.cols, g.nodes.length > 4); // B 1 true
 * ```
 */
export function unroll(
  rightHandSide: RightHandSide,
  tableau: Tableau,
  start: readonly (Node | undefined)[],
  interval: Interval,
): (Node | undefined)[] {
  const { times, size } = timesOf(interval);
  let state = [...start];
  for (let k = 0; k + 1 < times.length; k++) {
    const [t, t1] = [times[k], times[k + 1]];
    const h = size ?? t1 - t;
    const slopes: (readonly Node[])[] = [];
    const moved = (factors: readonly number[]): (Node | undefined)[] =>
      state.map((y, part) => {
        const change = combine(
          factors,
          slopes.map((slope) => slope[part]),
          h,
        );
        return y ? plus(y, change) : change;
      });
    tableau.stages.forEach((row, i) => {
      slopes.push(rightHandSide(moved(row) as State, stageTime(t, t1, h, tableau.nodes[i])));
    });
    state = moved(tableau.weights);
  }
  return state;
}
