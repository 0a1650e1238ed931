/**
 * A chain: a base and maps of any kinds, one after the other.
 *
 *   from the base:  x = T_K o ... o T_1 (b),   log p_k(T_k x) = log p_{k-1}(x) - log |det DT_k(x)|,   p_0 the base
 *   to the base:    b = T_K o ... o T_1 (x),   log p(x) = log p_base(b) + sum_k log |det DT_k|
 *
 * A chain from the base may have times: the density after k parts is that of time k, as along the flow of a functional.
 */
import { type Distribution, standardNormal } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import type { Ability } from "./abilities.ts";
import { type OpenPart, openPart, type Part } from "./part.ts";

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

/** Of which time: one of the chain's; the last where none is said. */
export interface At {
  readonly at?: number;
}

/** A chain that can be used; what it cannot is absent. Rows are [n, d], row after row; densities in nats, float64. */
export interface OpenChain {
  readonly title: string;
  readonly columns: readonly string[];
  readonly times?: readonly number[];
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  /** n rows by key. */
  readonly sample?: (key: Key, n: number, when?: At) => Float64Array;
  /** log p of each row, up to ln Z of the base where that is not known. */
  readonly logProb?: (rows: ArrayLike<number>, when?: At) => Float64Array;
  /** Rows of the model to rows of the base. */
  readonly toBase?: (rows: ArrayLike<number>, when?: At) => Float64Array;
  /** Rows of the base to rows of the model. */
  readonly fromBase?: (rows: ArrayLike<number>, when?: At) => Float64Array;
  /** max over numbers |x - there and back|. */
  readonly inversionError?: (rows: ArrayLike<number>, when?: At) => number;
  dispose(): void;
}

/**
 * @param given the engine, which parts of kind "block" need, and the start of a chain that has none of its own.
 * @throws InputError for parts that do not fit, and a start of other columns. The methods throw it for rows that are not
 *   whole and for a time that is none of the chain's; NumericError where an inverse does not come near enough.
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
  const noInverse = oneWay < 0 ? undefined : `part ${oneWay + 1} has no inverse`;
  const noBase = base ? undefined : "its start is not in the file";
  const noSampler = base && !base.sample ? `its base, ${base.title}, has no sampler` : noBase;
  const isFrom = direction === "from base";

  const through = (rows: ArrayLike<number>, chosen: readonly OpenPart[], way: "push" | "invert") => {
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
  const upTo = (when: At = {}): readonly OpenPart[] =>
    when.at === undefined ? parts : parts.slice(0, partsTo(times, when.at, where));
  const [toWay, fromWay] = isFrom ? (["invert", "push"] as const) : (["push", "invert"] as const);
  const toBase = (rows: ArrayLike<number>, when?: At) => through(rows, upTo(when), toWay);
  const fromBase = (rows: ArrayLike<number>, when?: At) => through(rows, upTo(when), fromWay);

  const lacks: Partial<Record<Ability, string>> = {};
  const unless = <F>(why: string | undefined, ability: Ability, method: F): F | undefined => {
    if (why === undefined) return method;
    lacks[ability] = why;
    return undefined;
  };
  const noWayTo = isFrom ? noInverse : undefined;
  const noWayFrom = isFrom ? undefined : noInverse;
  const sample = unless(noSampler ?? noWayFrom, "sample", (key: Key, n: number, when?: At) => {
    return fromBase(base!.sample!(key, n), when).x;
  });
  const logProb = unless(noBase ?? noWayTo, "logProb", (rows: ArrayLike<number>, when?: At) => {
    const { x, logDet } = toBase(rows, when);
    const sign = isFrom ? -1 : 1;
    const logZ = base!.logZ ?? 0;
    return logDet.map((l, i) => base!.logDensityAt(x.subarray(i * d, (i + 1) * d)) - logZ + sign * l);
  });
  const rowsToBase = unless(noWayTo, "toBase", (rows: ArrayLike<number>, when?: At) => toBase(rows, when).x);
  const rowsFromBase = unless(noWayFrom, "fromBase", (rows: ArrayLike<number>, when?: At) => fromBase(rows, when).x);
  const inversionError = unless(noInverse, "inversionError", (rows: ArrayLike<number>, when?: At) => {
    const back = fromBase(toBase(rows, when).x, when).x;
    return back.reduce((most, value, i) => Math.max(most, Math.abs(value - rows[i])), 0);
  });
  return {
    title,
    columns,
    ...(times ? { times } : {}),
    lacks,
    ...(sample ? { sample } : {}),
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
