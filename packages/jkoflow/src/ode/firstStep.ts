/**
 * The first step of an adaptive solve, from the sizes of y, f and an estimate of y''.
 *
 *   sc = atol + rtol |y0|;   d0 = ||y0/sc||;   d1 = ||f0/sc||
 *   h0 = 1e-6 if d0 < 1e-5 or d1 < 1e-5, else 0.01 d0/d1;       h0 = min(h0, span)
 *   f1 = f(from + sigma h0, y0 + sigma h0 f0);   d2 = ||(f1 - f0)/sc|| / h0
 *   h1 = max(1e-6, 1e-3 h0) if d1 <= 1e-15 and d2 <= 1e-15, else (0.01 / max(d1, d2))^(1/(p+1))
 *   h  = min(100 h0, h1, span, maxStep)
 *
 * Source: Hairer, Norsett, Wanner, "Solving Ordinary Differential Equations I", II.4, as in SciPy 1.17; p = order of the
 * embedded solution. Mistyped twice in one well-kept library (jax-ml/jax#1428, #13983), hence the golden values in the tests.
 */
import { normOf } from "./norm.ts";
import type { Problem } from "./problem.ts";
import type { Stages } from "./stages.ts";
import type { Vector } from "./types.ts";

/** A positive step size, at the price of one evaluation beside f0. */
export function estimateFirstStep<V extends Vector>(problem: Problem<V>, stages: Stages<V>, f0: V): number {
  const { y0, from, to, direction, layout, tableau } = problem;
  const { rtol, atol, maxStep } = problem.control!;
  const span = Math.abs(to - from);
  const norm = (entry: (i: number) => number): number =>
    normOf(layout, (i) => entry(i) / (atol + rtol * Math.abs(y0[i]))).value;
  const d0 = norm((i) => y0[i]);
  const d1 = norm((i) => f0[i]);
  const h0 = Math.min(d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : (0.01 * d0) / d1, span);
  const y1 = stages.make();
  for (let i = 0; i < y1.length; i++) y1[i] = y0[i] + direction * h0 * f0[i];
  const f1 = stages.make();
  const t1 = h0 === span ? to : from + direction * h0;
  // A field that is not finite so near to the start: the first trial will find it, with an error that says where.
  if (stages.evaluate(t1, y1, f1) !== undefined) return Math.min(h0, maxStep);
  const d2 = norm((i) => f1[i] - f0[i]) / h0;
  const h1 =
    d1 <= 1e-15 && d2 <= 1e-15
      ? Math.max(1e-6, 1e-3 * h0)
      : (0.01 / Math.max(d1, d2)) ** (1 / (tableau.embeddedOrder! + 1));
  return Math.min(100 * h0, h1, span, maxStep);
}
