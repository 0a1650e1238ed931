/**
 * What an opened model offers, be it a chain of maps or a model of a table: what it can do is there; what it cannot is absent,
 * and `lacks` says why.
 */
import type { ConditionRows, Table } from "../data/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";

/** What may be asked of a model, in the order in which it is told. */
export const abilities = ["sample", "draw", "logProb", "toBase", "fromBase", "inversionError"] as const;

export type Ability = (typeof abilities)[number];

/** Rows with named columns: a table, or the same in float64. */
export interface NamedRows {
  /** [rows, columns] */
  readonly values: Float32Array | Float64Array;
  readonly rows: number;
  readonly columns: readonly string[];
}

/** Rows and the log-density of each, nats. */
export interface ScoredRows extends NamedRows {
  readonly logProb: Float64Array;
}

/** Given columns, or covariates `[n, c]`. */
export type Conditions = ConditionRows | Float32Array;

/** What is said beside rows. A model without times, or without given columns, refuses them. */
export interface Beside {
  /** Of a chain with times: the density at which of them; the last by default. */
  readonly at?: number | undefined;
  /** Of a conditional model p(x | y): y of each row. */
  readonly given?: Conditions | undefined;
}

/** An opened model. Densities in nats; rows go in as numbers row after row, or as a table whose columns are matched by name. */
export interface Opened {
  /** In a few words, such as "a chain of 3 maps". */
  readonly title: string;
  readonly columns: readonly string[];
  /** Rising; absent: the model is of no time. */
  readonly times?: readonly number[];
  /** Of what it cannot: why not, such as "part 2 has no inverse". */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  /** n rows by key. */
  readonly sample?: (key: Key, n: number, beside?: Beside) => NamedRows;
  /** The same rows with the log-density of each as it follows from where they came: no inverse is needed for it. */
  readonly draw?: (key: Key, n: number, beside?: Beside) => ScoredRows;
  /** log p of each row, up to ln Z of the base where that is not known. */
  readonly logProb?: (rows: Table | Float32Array, beside?: Beside) => Float64Array;
  /** Rows of the model to rows of the base, [n, d]. */
  readonly toBase?: (rows: Table | Float32Array, beside?: Beside) => Float32Array | Float64Array;
  /** Rows of the base [n, d] to rows of the model. */
  readonly fromBase?: (rows: Float32Array, beside?: Beside) => Float32Array | Float64Array;
  /** max over numbers |x - there and back|; of a model of a table in standardised units. */
  readonly inversionError?: (rows: Table | Float32Array, beside?: Beside) => number;
  dispose(): void;
}

/** A model that says what it can. */
export type Able = { readonly [A in Ability]?: unknown } & Pick<Opened, "title" | "lacks">;

/**
 * What the model must be able to do for a caller.
 * @throws InputError for what it cannot: one line with why not, and what it can.
 *
 * @example
 * ```ts
 * import { InputError } from "jkoflow";
 * import { abilities, type Able, need } from "jkoflow/chain";
 *
 * const open: Able = { title: "a chain of 2 maps", lacks: { logProb: "part 2 has no inverse" }, sample: () => [] };
 * console.log(abilities.filter((ability) => open[ability] !== undefined)); // [ 'sample' ]
 * try {
 *   need(open, "logProb");
 * } catch (error) {
 *   console.log(error instanceof InputError && error.message);
 *   // model: no logProb of a chain of 2 maps: part 2 has no inverse, expected what it can: sample
 * }
 * ```
 */
export function need<M extends Able, A extends Ability>(open: M, ability: A, where = "model"): NonNullable<M[A]> {
  const able: M[A] | undefined = open[ability];
  if (able !== undefined && able !== null) return able;
  const why = open.lacks[ability];
  const can = abilities.filter((name) => open[name] !== undefined);
  throw new InputError({
    where,
    came: `no ${ability} of ${open.title}${why === undefined ? "" : `: ${why}`}`,
    expected: can.length > 0 ? `what it can: ${can.join(" | ")}` : "a model that can do something",
  });
}

/** @throws InputError for what is no such object, as given columns themselves are none. */
export function checkBeside(beside: Beside | undefined): Beside {
  if (beside === undefined) return {};
  const known = typeof beside === "object" && beside !== null && !Array.isArray(beside) && !ArrayBuffer.isView(beside);
  const other = known ? Object.keys(beside).find((name) => name !== "at" && name !== "given") : undefined;
  if (known && other === undefined) return beside;
  const came = other === undefined ? cameOf(beside) : `an object with ${JSON.stringify(other)}`;
  throw new InputError({
    where: "beside rows",
    came,
    expected: "{ at } or { given }",
    fix: "given columns: { given }",
  });
}
