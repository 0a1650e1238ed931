/**
 * A chain: a base and maps of any kinds, one after the other.
 *
 *   from the base:  x = T_K o ... o T_1 (b),   log p_k(T_k x) = log p_{k-1}(x) - log |det DT_k(x)|,   p_0 the base
 *   to the base:    b = T_K o ... o T_1 (x),   log p(x) = log p_base(b) + sum_k log |det DT_k|
 *
 * A chain from the base may have times: the density after k parts is that of time k, as along the flow of a functional.
 */

import { matchColumns, type Table } from "../data/index.ts";
import { type Distribution, standardNormal } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import { type Ability, type Beside, checkBeside, type NamedRows, type Opened, type ScoredRows } from "./opened.ts";
import { openPart } from "./part.ts";
import type { OpenPart, Part } from "./partTypes.ts";

/** A chain as data: what `encodeChain` writes and `openChain` opens. */
export interface Chain {
  /** Which system trained it. */
  readonly system: string;
  /** Names of the columns d. */
  readonly columns: readonly string[];
  /** N(0, I), or a start that whoever opens the chain brings: that of a problem. */
  readonly base: "standard" | "start";
  readonly direction: "from base" | "to base";
  readonly parts: readonly Part[];
  /** Rising, from that of the base on: one more than parts. Only of a chain from the base. */
  readonly times?: readonly number[];
}

/** Numbers row after row, or rows whose columns are matched by name. */
type RowsOf = Table | ArrayLike<number>;

/** A chain that can be used. Rows are [n, d], row after row, of any kind of numbers; computed in float64. */
export interface OpenChain extends Opened {
  readonly sample?: (key: Key, n: number, beside?: Beside) => NamedRows & { readonly values: Float64Array };
  readonly draw?: (key: Key, n: number, beside?: Beside) => ScoredRows & { readonly values: Float64Array };
  readonly logProb?: (rows: RowsOf, beside?: Beside) => Float64Array;
  readonly toBase?: (rows: RowsOf, beside?: Beside) => Float64Array;
  readonly fromBase?: (rows: ArrayLike<number>, beside?: Beside) => Float64Array;
  readonly inversionError?: (rows: RowsOf, beside?: Beside) => number;
}

/**
 * @param given the engine, which parts of kind "block" need, and the start of a chain that has none of its own.
 * @throws InputError for parts that do not fit, and a start of other columns. The methods throw it for rows that are not
 *   whole and for a time that is none of the chain's; NumericError where an inverse does not come near enough.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, evolve, problems } from "jkoflow";
 * import { type Chain, decodeChain, encodeChain, holdsChain, type OpenChain, openChain, partsTo } from "jkoflow/chain";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedProblem("ou:1", createKey(0), { time: 0.1, step: 0.05 });
 * const settings = { width: 8, updates: 20, poolRows: 1000, heldOutRows: 500 };
 * const flow: Chain = (await evolve(engine, problem, { settings })).flow;
 * const bytes = encodeChain(flow);
 * const again: OpenChain = openChain(decodeChain(bytes), { start: problem.start });
 * console.log(holdsChain(bytes), again.times, partsTo(again.times, 0.05, "my chain")); // true [ 0, 0.05, 0.1 ] 1
 * console.log(again.sample?.(createKey(1), 3, { at: 0.05 }).rows); // 3
 * again.dispose();
 * engine.dispose();
 * ```
 */
export function openChain(
  { columns, base: kind, direction, parts: stored, times }: Chain,
  given: { readonly engine?: Engine; readonly start?: Distribution } = {},
  where = "chain",
): OpenChain {
  const d = columns.length;
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  const base = kind === "standard" ? standardNormal(d) : given.start;
  if (base && base.dimension !== d) fail("columns", `${d} columns`, `${base.dimension}, as the start has`);
  const parts = stored.map((part) => openPart(part, given.engine, fail));
  const title = `a chain of ${parts.length} ${parts.length === 1 ? "map" : "maps"}`;
  const oneWay = parts.findIndex(({ invert }) => invert === undefined);
  const noInverse = oneWay < 0 ? undefined : `part ${oneWay + 1} has no inverse, as maps of jko-icnn have`;
  const noBase = base ? undefined : "its start is not in the file";
  const noSampler = base && !base.sample ? `its base, ${base.title}, has no sampler` : noBase;
  const isFrom = direction === "from base";

  const numbersOf = (rows: RowsOf): ArrayLike<number> =>
    "columns" in rows ? matchColumns(rows, columns).values : rows;
  const through = (given: RowsOf, chosen: readonly OpenPart[], way: "push" | "invert") => {
    const rows = numbersOf(given);
    if (rows.length % d !== 0) fail("rows", `${rows.length} numbers`, `rows of ${d}`);
    let x: Float64Array = Float64Array.from(rows);
    const logDet = new Float64Array(rows.length / d);
    for (const part of way === "push" ? chosen : [...chosen].reverse()) {
      const moved = part[way]!(x);
      x = moved.rows;
      for (let i = 0; i < logDet.length; i++) logDet[i] += moved.logDet[i];
    }
    return { x, logDet };
  };
  const upTo = (beside: Beside | undefined): readonly OpenPart[] => {
    const { at, given: y } = checkBeside(beside);
    if (y !== undefined) fail("given", "given columns", "none: a chain has no condition");
    return at === undefined ? parts : parts.slice(0, partsTo(times, at, where));
  };
  const [toWay, fromWay] = isFrom ? (["invert", "push"] as const) : (["push", "invert"] as const);
  const toBase = (rows: RowsOf, beside?: Beside) => through(rows, upTo(beside), toWay);
  const fromBase = (rows: ArrayLike<number>, beside?: Beside) => through(rows, upTo(beside), fromWay);
  const sign = isFrom ? -1 : 1; // log-determinants are those of the maps as they stand in the chain
  const baseAt = (x: Float64Array, i: number): number =>
    base!.logDensityAt(x.subarray(i * d, (i + 1) * d)) - (base!.logZ ?? 0);

  const lacks: Partial<Record<Ability, string>> = {};
  const unless = <F>(why: string | undefined, ability: Ability, method: F): F | undefined => {
    if (why === undefined) return method;
    lacks[ability] = why;
    return undefined;
  };
  const noWayTo = isFrom ? noInverse : undefined;
  const noWayFrom = isFrom ? undefined : noInverse;
  const drawn = (key: Key, n: number, beside?: Beside) => {
    const from = Float64Array.from(base!.sample!(key, n));
    const { x, logDet } = fromBase(from, beside);
    return { from, rows: { values: x, rows: n, columns }, logDet };
  };
  const sample = unless(noSampler ?? noWayFrom, "sample", (key: Key, n: number, beside?: Beside) => {
    return drawn(key, n, beside).rows;
  });
  const draw = unless(noSampler ?? noWayFrom, "draw", (key: Key, n: number, beside?: Beside) => {
    const { from, rows, logDet } = drawn(key, n, beside);
    return { ...rows, logProb: logDet.map((l, i) => baseAt(from, i) + sign * l) };
  });
  const logProb = unless(noBase ?? noWayTo, "logProb", (rows: RowsOf, beside?: Beside) => {
    const { x, logDet } = toBase(rows, beside);
    return logDet.map((l, i) => baseAt(x, i) + sign * l);
  });
  const rowsToBase = unless(noWayTo, "toBase", (rows: RowsOf, beside?: Beside) => {
    return toBase(rows, beside).x;
  });
  const rowsFromBase = unless(noWayFrom, "fromBase", (rows: ArrayLike<number>, beside?: Beside) => {
    return fromBase(rows, beside).x;
  });
  const inversionError = unless(noInverse, "inversionError", (rows: RowsOf, beside?: Beside) => {
    const x = numbersOf(rows);
    const back = fromBase(toBase(x, beside).x, beside).x;
    return back.reduce((most, value, i) => Math.max(most, Math.abs(value - x[i])), 0);
  });
  return {
    title,
    columns,
    ...(times ? { times } : {}),
    lacks,
    ...(sample ? { sample } : {}),
    ...(draw ? { draw } : {}),
    ...(logProb ? { logProb } : {}),
    ...(rowsToBase ? { toBase: rowsToBase } : {}),
    ...(rowsFromBase ? { fromBase: rowsFromBase } : {}),
    ...(inversionError ? { inversionError } : {}),
    dispose: () => {
      for (const part of parts) part.dispose();
    },
  };
}

/** How many parts lead to a time of a chain. @throws InputError for a time that is none of its own, with the nearest. */
export function partsTo(times: readonly number[] | undefined, at: number, where: string): number {
  const came = String(at);
  if (times === undefined) {
    throw new InputError({ where, place: "at", came, expected: "none: the chain has no times" });
  }
  const close = (time: number): boolean => Math.abs(time - at) <= 1e-9 * Math.max(Math.abs(time), Math.abs(at));
  const found = times.findIndex(close);
  if (found >= 0) return found;
  const nearest = times.reduce((a, b) => (Math.abs(b - at) < Math.abs(a - at) ? b : a));
  const expected = `a time of the chain, from ${times[0]} to ${times[times.length - 1]}`;
  throw new InputError({ where, place: "at", came, expected, fix: `the nearest is ${nearest}` });
}
