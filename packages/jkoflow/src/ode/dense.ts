/**
 * Dense output: the solution inside of a step, without further evaluations.
 *
 *   y(theta) = A theta^4 + B theta^3 + C theta^2 + h f0 theta + y0,   ym = y0 + h sum m_i k_i,   theta in [0, 1]
 *   A = 2h(f1 - f0) - 8(y1 + y0) + 16 ym
 *   B = h(5 f0 - 3 f1) + 18 y0 + 14 y1 - 32 ym
 *   C = h(f1 - 4 f0) - 11 y0 - 5 y1 + 16 ym
 *
 * Source: L. F. Shampine, Math. Comp. 46 (1986), 135-150; the polynomial of torchdiffeq, SciPy and DOPRI5. Order 5 locally
 * where the middle is, at least 4 in between. The differences below are taken from y0, so that a large state does not cost
 * the small changes their digits.
 */
import { InputError } from "../errors/index.ts";
import { advance, type Trial } from "./stages.ts";
import type { Vector } from "./types.ts";

/** What is kept of a step; f1 - y1 in the notation above. */
export interface StepRecord<V extends Vector> {
  readonly t0: number;
  readonly t1: number;
  readonly h: number;
  readonly y0: V;
  readonly y1: V;
  readonly middle: V;
  readonly f0: V;
  readonly f1: V;
}

/** The record of an accepted trial; `middle` is filled. The slopes of a trial are overwritten, so the ends' are copied. */
export function recordOf<V extends Vector>(
  { t, y }: { readonly t: number; readonly y: V },
  { t1, y1, h, slopes }: Trial<V>,
  weights: readonly number[],
  middle: V,
): StepRecord<V> {
  return {
    t0: t,
    t1,
    h,
    y0: y,
    y1,
    middle: advance(middle, y, h, weights, slopes),
    f0: slopes[0].slice() as V,
    f1: slopes[slopes.length - 1].slice() as V,
  };
}

/** The solution at t, between the record's ends. */
export function interpolate<V extends Vector>({ t0, t1, h, y0, y1, middle, f0, f1 }: StepRecord<V>, t: number): V {
  if (t === t1) return y1.slice() as V;
  const theta = (t - t0) / h;
  const y = y0.slice() as V;
  for (let i = 0; i < y.length; i++) {
    const end = y1[i] - y0[i];
    const half = middle[i] - y0[i];
    const a = 2 * h * (f1[i] - f0[i]) - 8 * end + 16 * half;
    const b = h * (5 * f0[i] - 3 * f1[i]) + 14 * end - 32 * half;
    const c = h * (f1[i] - 4 * f0[i]) - 5 * end + 16 * half;
    y[i] += theta * (h * f0[i] + theta * (c + theta * (b + theta * a)));
  }
  return y;
}

/** The solution at any time that the records cover; they follow one another. */
export function createDense<V extends Vector>(
  records: readonly StepRecord<V>[],
  y0: V,
  from: number,
): (t: number) => V {
  const to = records.at(-1)?.t1 ?? from;
  return (t) => {
    if (!(t >= Math.min(from, to) && t <= Math.max(from, to))) {
      throw new InputError({ where: "dense", came: `t = ${t}`, expected: `a time from ${from} to ${to}` });
    }
    if (t === from) return y0.slice() as V;
    // The first step whose end is not before t.
    let [low, high] = [0, records.length - 1];
    while (low < high) {
      const at = (low + high) >> 1;
      if (Math.abs(records[at].t1 - from) >= Math.abs(t - from)) high = at;
      else low = at + 1;
    }
    return interpolate(records[low], t);
  };
}
