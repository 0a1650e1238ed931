/**
 * One accepted step of adaptive size. sigma = sign(to - from); h > 0; p = order of the embedded solution.
 *
 *   tiny = 10 |next float64 after t - t|;   hmin = max(minStep, tiny)
 *   new step: h = clamp(h, hmin, maxStep);  retry: h < hmin is StepUnderflow
 *   tn = t + sigma h; if it passes `to`: tn = to, h = |tn - t|
 *   q = || sigma h sum e_i k_i / (atol + rtol max(|y|, |y1|)) ||
 *   q < 1: accept, h = h fac with fac = 10 if q = 0, else min(10, 0.9 q^(-1/(p+1))); at most 1 after a rejection
 *   else:  reject, h = h max(0.2, 0.9 q^(-1/(p+1)))
 *
 * Source: SciPy 1.17 `RK45`, from its code, with the norm of norm.ts. Differences from torchdiffeq 0.2.5: it lands on the
 * end, the factor after acceptance may be below 1, and a NaN is called a NaN (see "Failures" below).
 *
 * Failures: a trial that is not finite counts as a rejection with factor 0.2, and ends the solve as NonFinite after 12 of
 * them or when the step becomes too small. Without that limit the solver creeps up to the bad point and reports an
 * underflow, the oldest complaint of this field (rtqichen/torchdiffeq#27, #57, #58, #244).
 */
import { type Norm, normOf } from "./norm.ts";
import type { Problem } from "./problem.ts";
import type { Bad, Stages, Trial } from "./stages.ts";
import { accept, describe, failure, rowOf, type SolverState } from "./state.ts";
import type { Vector } from "./types.ts";

const SAFETY = 0.9;
const SMALLEST_FACTOR = 0.2;
const LARGEST_FACTOR = 10;
const LARGEST_NOT_FINITE = 12;
/** Steps below so many spacings of float64 at t do not resolve time any more. */
const SPACINGS = 10;

/** |next float64 after t in the direction - t| */
export function spacing(t: number, direction: 1 | -1): number {
  if (t === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(1);
  const value = new Float64Array(bits.buffer);
  value[0] = t;
  bits[0] += t > 0 === direction > 0 ? 1n : -1n;
  return Math.abs(value[0] - t);
}

/** || err / (atol + rtol max(|y|, |y1|)) || */
function errorNorm<V extends Vector>(problem: Problem<V>, y: V, { h, y1, slopes }: Trial<V>): Norm {
  const { rtol, atol } = problem.control!;
  const terms = problem.tableau.error!.flatMap((e, j) => (e === 0 ? [] : [{ e, slope: slopes[j] }]));
  return normOf(problem.layout, (i) => {
    let error = 0;
    for (const { e, slope } of terms) error += e * slope[i];
    return (h * error) / (atol + rtol * Math.max(Math.abs(y[i]), Math.abs(y1[i])));
  });
}

export function adaptiveStep<V extends Vector>(
  problem: Problem<V>,
  stages: Stages<V>,
  start: SolverState<V>,
): SolverState<V> {
  const { to, direction, signal, onStep, tableau } = problem;
  const { minStep, maxStep, maxSteps, acceptAtMinStep } = problem.control!;
  const { t, y } = start;
  const hmin = Math.max(minStep, SPACINGS * spacing(t, direction));
  const power = -1 / (tableau.embeddedOrder! + 1);
  let { notFinite, stats } = start;
  let h = Math.min(Math.max(stats.nextStep, hmin), maxStep);
  let bad: Bad | undefined;
  let worst: Norm | undefined;
  let slope = start.slope;

  const worstRow = (row: number | undefined) =>
    row === undefined ? undefined : { row, q: worst?.ofRow, y: rowOf(problem, y, row) };

  for (let retry = false; ; retry = true) {
    if (signal?.aborted) throw failure(start, "Aborted", stats, direction * h, "");
    if (stats.accepted + stats.rejected >= maxSteps) {
      const detail = `${maxSteps} was`;
      throw failure(start, "MaxSteps", stats, direction * h, detail, worstRow(worst?.row));
    }
    if (bad !== undefined && (notFinite >= LARGEST_NOT_FINITE || h < hmin)) {
      throw failure(start, "NonFinite", stats, direction * h, describe(bad), worstRow(bad.row));
    }
    const atMinimum = acceptAtMinStep && h <= hmin;
    if (retry && h < hmin) {
      if (!atMinimum) throw failure(start, "StepUnderflow", stats, direction * h, String(hmin), worstRow(worst?.row));
      h = hmin;
    }
    let t1 = t + direction * h;
    if (direction * (t1 - to) > 0) t1 = to;
    h = Math.abs(t1 - t);

    const trial = stages.attempt(t, t1, direction * h, y, slope);
    // A method that is not first same as last has its first slope now; a retry need not ask for it again.
    if (slope === undefined && trial.nfe > 1) slope = trial.slopes[0].slice() as V;
    stats = { ...stats, nfe: stats.nfe + trial.nfe };
    const norm = trial.bad === undefined ? errorNorm(problem, y, trial) : undefined;
    const q = norm?.value ?? Number.NaN;
    const forced = atMinimum && norm !== undefined && !(q < 1);
    const accepted = q < 1 || forced;
    onStep?.({ t, h: direction * h, q: norm?.value, accepted });
    if (accepted) {
      const growth = q === 0 ? LARGEST_FACTOR : Math.min(LARGEST_FACTOR, SAFETY * q ** power);
      const nextStep = h * (retry || forced ? Math.min(1, growth) : growth);
      const counted = { ...stats, forced: stats.forced + (forced ? 1 : 0), nextStep };
      return accept(problem, stages, { ...start, notFinite }, trial, counted);
    }
    bad = trial.bad;
    if (bad === undefined && Number.isNaN(q)) bad = { what: "state", t: t1, row: norm!.row, value: q };
    if (bad !== undefined) notFinite++;
    worst = norm ?? worst;
    h *= bad === undefined ? Math.max(SMALLEST_FACTOR, SAFETY * q ** power) : SMALLEST_FACTOR;
    stats = { ...stats, rejected: stats.rejected + 1 };
  }
}
