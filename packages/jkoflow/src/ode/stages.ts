/** The stages of one Runge-Kutta step on a host array, in buffers that the next trial uses again. */
import { InputError } from "../errors/index.ts";
import type { Problem } from "./problem.ts";
import type { Vector } from "./types.ts";

/** Where a value first stopped being finite. */
export interface Bad {
  readonly what: "velocity" | "state";
  readonly t: number;
  readonly row: number;
  readonly value: number;
}

/** A step that was tried. `slopes` is overwritten by the next trial. */
export interface Trial<V extends Vector> {
  readonly h: number;
  readonly t1: number;
  readonly y1: V;
  /** k_1 ... k_s, as far as they were needed. */
  readonly slopes: readonly V[];
  readonly nfe: number;
  readonly bad: Bad | undefined;
}

export interface Stages<V extends Vector> {
  make(): V;
  /** f(t, y) into `into`; says what is not finite in it. */
  evaluate(t: number, y: V, into: V): Bad | undefined;
  /** The step from (t, y) to t1; h = t1 - t up to rounding. `slope`: f(t, y) when it is known. */
  attempt(t: number, t1: number, h: number, y: V, slope: V | undefined): Trial<V>;
}

/** The time of a stage, never past the end of the step. */
export const stageTime = (t: number, t1: number, h: number, node: number): number => {
  const at = t + node * h;
  return node === 1 || (h > 0 ? at > t1 : at < t1) ? t1 : at;
};

/** out = y + h sum_j factors_j slopes_j; the sum is in float64 whatever the state is. */
export function advance<V extends Vector>(
  out: V,
  y: V,
  h: number,
  factors: readonly number[],
  slopes: readonly V[],
): V {
  const terms = factors.flatMap((factor, j) => (factor === 0 ? [] : [{ factor, slope: slopes[j] }]));
  for (let i = 0; i < y.length; i++) {
    let sum = 0;
    for (const { factor, slope } of terms) sum += factor * slope[i];
    out[i] = y[i] + h * sum;
  }
  return out;
}

export function createStages<V extends Vector>({ field, y0, tableau, layout }: Problem<V>): Stages<V> {
  const make = (): V => new (y0.constructor as new (length: number) => V)(y0.length);
  const { nodes, stages, weights, fsal = false } = tableau;
  const slopes = stages.map(make);
  const argument = make();

  const firstBad = (what: Bad["what"], t: number, values: Vector): Bad | undefined => {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) return { what, t, row: Math.floor(i / layout.cols), value: values[i] };
    }
    return undefined;
  };

  const evaluate = (t: number, y: V, into: V): Bad | undefined => {
    const slope = field(t, y);
    if (slope.length !== y.length) {
      throw new InputError({
        where: "field",
        came: `${slope.length} numbers`,
        expected: `${y.length}, as many as y0 has`,
      });
    }
    into.set(slope);
    return firstBad("velocity", t, into);
  };

  const attempt: Stages<V>["attempt"] = (t, t1, h, y, slope) => {
    const y1 = make();
    let nfe = 0;
    const finish = (bad: Bad | undefined): Trial<V> => ({ h, t1, y1, slopes: [...slopes], nfe, bad });
    const last = stages.length - 1;
    for (let i = 0; i <= last; i++) {
      if (i === 0 && slope !== undefined) {
        slopes[0].set(slope);
        continue;
      }
      // The last argument of a method that is first same as last is its new state.
      const at = i === 0 ? y : advance(fsal && i === last ? y1 : argument, y, h, stages[i], slopes);
      nfe++;
      const bad = evaluate(stageTime(t, t1, h, nodes[i]), at, slopes[i]);
      // Later stages would only carry it on.
      if (bad !== undefined) return finish(bad);
    }
    if (!fsal) advance(y1, y, h, weights, slopes);
    return finish(firstBad("state", t1, y1));
  };
  return { make, evaluate, attempt };
}
