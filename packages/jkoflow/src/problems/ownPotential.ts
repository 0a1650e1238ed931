/** The potential of a problem of one's own: a formula, a function that makes nodes, or a pair of functions of the host. */
import type { Distribution } from "../distributions/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { type Functional, type HostFunction, hostPotential, potential } from "../functionals/index.ts";
import { type Node, negate } from "../graph/index.ts";
import { createKey } from "../random/index.ts";
import { checkFormula } from "./formula.ts";
import { checkBounded, checkFinite, placeOf, short, valuesOf } from "./tried.ts";

export interface PotentialPlace {
  readonly columns: readonly string[];
  readonly start: Distribution;
  /** h */
  readonly step: number;
  /** Name of the part, for messages. */
  readonly where: string;
}

/** int V rho of what was given, V itself or -V. @throws InputError for what is none, has no values, or falls without end. */
export function ownPotential(given: unknown, kind: "potential" | "log-density", place: PotentialPlace): Functional {
  const { columns, start, step, where } = place;
  const d = columns.length;
  if (typeof given === "object" && given !== null) {
    const host = checkHost(given, place);
    const signed = kind === "potential" ? host : opposite(host);
    checkBounded({ values: (rows) => farValues(signed, rows, d), came: "a function", where }, d, step);
    return hostPotential(signed);
  }
  const made = checkFormula(given, columns, where);
  const v = kind === "potential" ? made : (x: Node) => negate(made(x));
  const tried = { values: valuesOf(v, d), came: typeof given === "function" ? "a function" : cameOf(given), where };
  checkFinite(tried, start);
  checkBounded(tried, d, step);
  return potential(v);
}

const opposite = ({ value, gradient }: HostFunction): HostFunction => ({
  value: (row) => -value(row),
  gradient: (row) => Float64Array.from(gradient(row), (slope) => -slope),
});

/** Rows of the start at which slopes are compared with differences of values. */
const ROWS = 16;
/** Of a difference of values; the error of central ones is its square, or rounding over it. */
const DIFFERENCE = 1e-4;
const AGREE = 1e-3;

function checkHost(given: object, { columns, start, where }: PotentialPlace): HostFunction {
  const { value, gradient } = given as Partial<HostFunction>;
  if (typeof value !== "function" || typeof gradient !== "function") {
    const expected = "a formula, or functions { value(row), gradient(row) }";
    throw new InputError({
      where,
      came: cameOf(given),
      expected,
      fix: "rows are moved by the slopes, so both are needed",
    });
  }
  const d = columns.length;
  const ask = <T>(part: string, of: () => T): T => {
    try {
      return of();
    } catch (error) {
      const came = `it threw ${error instanceof Error ? error.message : String(error)}`;
      throw new InputError({ where: `${where}.${part}`, came, expected: "a result at every row of the start" });
    }
  };
  const rows = start.sample!(createKey("tried"), ROWS);
  for (let i = 0; i < ROWS; i++) {
    const row = Float64Array.from(rows.subarray(i * d, i * d + d));
    const at = (k: number, by: number): number => {
      const moved = row.slice();
      moved[k] += by;
      return ask("value", () => value(moved));
    };
    const slopes = ask("gradient", () => gradient(row.slice()));
    if (slopes?.length !== d)
      throw new InputError({
        where: `${where}.gradient`,
        came: cameOf(slopes),
        expected: `${d} slopes, one for each column`,
      });
    const here = at(0, 0);
    if (typeof here !== "number" || !Number.isFinite(here)) {
      const came = `${cameOf(here)} at ${placeOf(rows, i, d)}`;
      throw new InputError({ where: `${where}.value`, came, expected: "a finite number wherever the start has rows" });
    }
    for (let k = 0; k < d; k++) {
      const by = DIFFERENCE * (1 + Math.abs(row[k]));
      const difference = (at(k, by) - at(k, -by)) / (2 * by);
      if (Math.abs(slopes[k] - difference) <= AGREE * (1 + Math.abs(difference))) continue;
      throw new InputError({
        where: `${where}.gradient`,
        came: `a slope of ${short(slopes[k])} by ${columns[k]} at ${placeOf(rows, i, d)}, where values rise by ${short(difference)}`,
        expected: "the slopes of value",
        fix: "look at its sign and at the order of columns",
      });
    }
  }
  return { value: (row) => value(row), gradient: (row) => gradient(row) };
}

/** Far from the start, where no row may ever come, a function need not have values: what throws there says nothing of its fall. */
function farValues({ value }: HostFunction, rows: Float32Array, d: number): Float64Array {
  return Float64Array.from({ length: rows.length / d }, (_, i) => {
    try {
      return value(Float64Array.from(rows.subarray(i * d, i * d + d)));
    } catch {
      return Number.NaN;
    }
  });
}
