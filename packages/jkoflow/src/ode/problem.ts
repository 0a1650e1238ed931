/** The checked form of a solve's arguments. Everything wrong with them is said here, before the field is called. */
import { InputError } from "../errors/index.ts";
import { checkKind } from "../errors/kinds.ts";
import { methodOf } from "./tableauCheck.ts";
import type { Tableau } from "./tableaus.ts";
import type { Adaptive, Attempt, SolveOptions, Steps, Vector, VectorField } from "./types.ts";

/** Rows and columns of the state, and which columns count in the error norm. */
export interface Layout {
  readonly rows: number;
  readonly cols: number;
  readonly counted: readonly number[];
  readonly norm: "max-row" | "rms";
}

/** Options of adaptive steps with their defaults. */
export interface Control {
  readonly rtol: number;
  readonly atol: number;
  readonly firstStep: number | undefined;
  readonly minStep: number;
  readonly maxStep: number;
  readonly maxSteps: number;
  readonly acceptAtMinStep: boolean;
}

export interface Problem<V extends Vector> {
  readonly field: VectorField<V>;
  readonly y0: V;
  readonly tableau: Tableau;
  readonly from: number;
  readonly to: number;
  /** sign(to - from) */
  readonly direction: 1 | -1;
  readonly layout: Layout;
  /** Fixed steps: their times, both ends included. Otherwise `control`. */
  readonly grid: readonly number[] | undefined;
  /** Signed size of equal steps. */
  readonly size: number | undefined;
  readonly control: Control | undefined;
  /** Keep what dense output needs of each step. */
  readonly interpolates: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onStep: ((attempt: Attempt) => void) | undefined;
}

const reject = (where: string, came: unknown, expected: string, fix?: string): never => {
  throw new InputError({ where, came: String(came), expected, ...(fix === undefined ? {} : { fix }) });
};

function positive(where: string, value: number): number {
  return Number.isFinite(value) && value > 0 ? value : reject(where, value, "a finite number above 0");
}

/** Ratios this close above a whole number are that number: 0.3 / 0.1 is not a reason for a fourth step. */
const RATIO_ROUNDING = 1e-12;

/** t_k = from + k h by multiplication: adding h up drifts, and may ask the field for a time outside of the interval. */
export function gridOf(steps: Steps, from: number, to: number): number[] {
  if ("times" in steps) {
    const { times } = steps;
    const sign = Math.sign(to - from);
    const ordered = times.every((t, k) => k === 0 || sign * (t - times[k - 1]) > 0);
    if (times[0] !== from || times.at(-1) !== to || !ordered || !times.every(Number.isFinite)) {
      reject("steps.times", `[${times[0]}, ..., ${times.at(-1)}]`, `finite times in order from ${from} to ${to}`);
    }
    return [...times];
  }
  const count =
    "count" in steps
      ? steps.count
      : Math.max(1, Math.ceil((Math.abs(to - from) / positive("steps.size", steps.size)) * (1 - RATIO_ROUNDING)));
  if (!Number.isSafeInteger(count) || count < 1) reject("steps.count", count, "a whole number above 0");
  const h = (to - from) / count;
  return Array.from({ length: count + 1 }, (_, k) => (k === count ? to : from + k * h));
}

function controlOf(adaptive: Adaptive, tableau: Tableau, span: number): Control {
  if (tableau.error === undefined) {
    reject("adaptive", `method "${tableau.name}"`, "a method with an embedded error", 'use "dopri5", or give `steps`');
  }
  const { minStep = 0, maxStep, maxSteps = 10_000, firstStep, acceptAtMinStep = false } = adaptive;
  if (!(Number.isFinite(minStep) && minStep >= 0)) reject("minStep", minStep, "a finite number, 0 or above");
  if (!Number.isSafeInteger(maxSteps) || maxSteps < 1) reject("maxSteps", maxSteps, "a whole number above 0");
  if (acceptAtMinStep && minStep === 0) reject("acceptAtMinStep", "no minStep", "a minStep above 0 beside it");
  const largest = maxStep === undefined ? span : positive("maxStep", maxStep);
  if (minStep > largest) reject("minStep", minStep, `at most maxStep = ${largest}`);
  return {
    rtol: positive("rtol", adaptive.rtol),
    atol: positive("atol", adaptive.atol),
    firstStep: firstStep === undefined ? undefined : positive("firstStep", firstStep),
    minStep,
    maxStep: largest,
    maxSteps,
    acceptAtMinStep,
  };
}

function layoutOf(y0: Vector, rows: number, adaptive: Adaptive | undefined): Layout {
  const cols = y0.length / rows;
  if (!Number.isInteger(rows) || rows < 1 || !Number.isInteger(cols) || cols < 1) {
    reject("rows", `${rows} rows in ${y0.length} numbers`, "whole rows, at least one");
  }
  const mask = adaptive?.inErrorNorm;
  if (mask !== undefined && (mask.length !== cols || !mask.includes(true))) {
    reject("inErrorNorm", `${mask.length} entries`, `${cols}, one per column, at least one of them true`);
  }
  const { norm = "max-row" } = adaptive ?? {};
  if (norm !== "max-row" && norm !== "rms") reject("norm", norm, '"max-row" or "rms"');
  const counted = Array.from({ length: cols }, (_, j) => j).filter((j) => mask?.[j] ?? true);
  return { rows, cols, counted, norm };
}

/** @throws InputError for anything that is not finite, missing, contradictory or out of range. */
export function createProblem<V extends Vector>(field: VectorField<V>, y0: V, options: SolveOptions): Problem<V> {
  const { from, to, steps, adaptive, rows = 1 } = options;
  checkKind(y0, ["Float64Array", "Float32Array"], "y0");
  for (const [name, t] of Object.entries({ from, to })) {
    if (!Number.isFinite(t)) reject(name, t, "a finite time");
  }
  const bad = y0.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) reject(`y0[${bad}]`, y0[bad], "a finite number");
  if ((steps === undefined) === (adaptive === undefined)) {
    const came = steps === undefined ? "neither `steps` nor `adaptive`" : "both `steps` and `adaptive`";
    reject("solve", came, "one of them", "steps: { count: 20 }, or adaptive: { rtol: 1e-6, atol: 1e-9 }");
  }
  const tableau = methodOf(options.method);
  const layout = layoutOf(y0, rows, adaptive);
  const control = adaptive && controlOf(adaptive, tableau, Math.abs(to - from));
  const grid = steps && gridOf(steps, from, to);
  checkOutputs(options, tableau, grid);
  return {
    field,
    y0,
    tableau,
    from,
    to,
    direction: to < from ? -1 : 1,
    layout,
    grid,
    size: steps && !("times" in steps) ? (to - from) / (grid!.length - 1) : undefined,
    control,
    interpolates: tableau.middle !== undefined && (options.dense === true || (options.at?.length ?? 0) > 0),
    signal: options.signal,
    onStep: options.onStep,
  };
}

/** Times this close, in units of the interval, are one time of the grid. */
const SAME_TIME = 1e-12;
export const sameTime = (a: number, b: number, { from, to }: SolveOptions): boolean =>
  Math.abs(a - b) <= SAME_TIME * Math.abs(to - from);

/** Times of `at` lie in the interval, and on the grid when the method has no dense output. */
function checkOutputs(options: SolveOptions, tableau: Tableau, grid?: readonly number[]): void {
  const { from, to, at = [], dense } = options;
  const between = tableau.middle !== undefined;
  if (dense && !between) {
    reject("dense", `method "${tableau.name}"`, "a method with dense output", 'use "dopri5"');
  }
  for (const t of at) {
    if (!(t >= Math.min(from, to) && t <= Math.max(from, to))) reject("at", t, `times between ${from} and ${to}`);
    if (!between && !(grid ?? [from, to]).some((node) => sameTime(node, t, options))) {
      const fix = 'take "dopri5", or steps that meet it';
      reject("at", t, `a time of the grid, as "${tableau.name}" has no dense output`, fix);
    }
  }
}
