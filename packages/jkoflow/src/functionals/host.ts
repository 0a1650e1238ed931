/**
 * A potential that JavaScript computes, row by row: of whatever cannot be said in nodes, such as a simulation or a table.
 *
 *     loss of a row:  V(y) + <g, y - y*>,   g = grad V(y*), y* = y as numbers
 *
 * has the value of V and its slope, so that a map is trained by it as by a formula: rows go out, the host computes V and g, rows
 * come back, at the price of one more forward pass.
 */
import type { Engine, RowSource, Table } from "../engine/index.ts";
import { cameOf } from "../errors/came.ts";
import { InputError, NumericError } from "../errors/index.ts";
import { add, detach, type Graph, rowDot, sub } from "../graph/index.ts";
import type { AtRows, HostFunction, HostNodes, HostTogether, Term } from "./functional.ts";

/** The term of a host function without what surrounds it. */
export const hostTerm = (host: HostFunction | HostTogether, name = "potential"): Term => ({
  name,
  weight: 1,
  needs: "together" in host ? ["host", "together"] : ["host"],
  host,
  perRow: ({ y }, { host: nodesOf }) => {
    if (nodesOf === undefined) {
      const expected = "a system that asks the host for values and slopes, such as jko-icnn";
      throw new InputError({
        where: "functional",
        came: "a function of the host",
        expected,
        fix: "write it as a formula",
      });
    }
    const { value, slope } = nodesOf(host);
    return add(value, rowDot(slope, sub(y, detach(y))));
  },
});

/** What host functions say of rows, as inputs of programs. */
export interface HostRows {
  /** The nodes of a graph that hold values and slopes, for `perRow`. */
  nodes(graph: Graph): { readonly host?: (of: HostFunction | HostTogether) => HostNodes };
  /** Computes them at rows [n, d], which programs that run next are given. */
  fill(points: ArrayLike<number>): void;
  /** Inputs by name, those rows from a place on; none before anything was filled. */
  sources(from: number): Readonly<Record<string, RowSource>>;
  dispose(): void;
}

/**
 * Of the host functions of terms in d columns; of terms without there are none, and `fill` does nothing.
 *
 * @example
 * ```ts
 * import { createEngine } from "jkoflow";
 * import { createHostRows, type HostRows, hostPotential } from "jkoflow/functionals";
 *
 * const engine = await createEngine({ threads: 1 });
 * const well = hostPotential({ value: ([x]) => (x * x) / 2, gradient: ([x]) => [x] });
 * const rows: HostRows = createHostRows(engine, well.terms, 1);
 * rows.fill([1, 2, 3]);
 * console.log(Object.keys(rows.sources(0))); // [ 'host 0 value', 'host 0 slope' ]
 * rows.dispose();
 * engine.dispose();
 * ```
 */
export function createHostRows(engine: Engine, terms: readonly Term[], d: number): HostRows {
  const functions = [...new Set(terms.flatMap(({ host }) => (host === undefined ? [] : [host])))];
  const names = (k: number) => ({ value: `host ${k} value`, slope: `host ${k} slope` });
  const bySize = new Map<number, readonly { readonly value: Table; readonly slope: Table }[]>();
  let now: ReturnType<typeof bySize.get>;
  return {
    nodes: (graph) =>
      functions.length === 0
        ? {}
        : {
            host: (of) => {
              const { value, slope } = names(functions.indexOf(of));
              return { value: graph.rows(value, 1), slope: graph.rows(slope, d) };
            },
          },
    fill: (points) => {
      if (functions.length === 0) return;
      const n = points.length / d;
      now = bySize.get(n) ?? functions.map(() => ({ value: engine.table(n, 1), slope: engine.table(n, d) }));
      bySize.set(n, now);
      functions.forEach((f, k) => {
        const { values, slopes } = atRows(f, points, d);
        now![k].value.write(Float32Array.from(values));
        now![k].slope.write(Float32Array.from(slopes));
      });
    },
    sources: (from) =>
      Object.fromEntries(
        (now ?? []).flatMap((tables, k) =>
          (["value", "slope"] as const).map((part) => [names(k)[part], { table: tables[part], from }]),
        ),
      ),
    dispose: () => {
      for (const tables of bySize.values())
        for (const { value, slope } of tables) [value, slope].forEach((t) => void t.dispose());
    },
  };
}

/** Values [n] and slopes [n, d] at rows. @throws NumericError for what is no finite number, InputError for slopes that are not d. */
export function atRows(of: HostFunction | HostTogether, rows: ArrayLike<number>, d: number): AtRows {
  if ("together" in of) return of.together(Float64Array.from(rows), d);
  const { value, gradient } = of;
  const n = rows.length / d;
  const [values, slopes] = [new Float64Array(n), new Float64Array(n * d)];
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) row[k] = rows[i * d + k];
    values[i] = value(row);
    const g = gradient(row);
    if (g?.length !== d) {
      throw new InputError({ where: "gradient", came: cameOf(g), expected: `${d} numbers, one slope for each column` });
    }
    slopes.set(g, i * d);
    if (Number.isFinite(values[i]) && slopes.subarray(i * d, i * d + d).every(Number.isFinite)) continue;
    const place = Array.from(row, (v) => Number(v.toPrecision(4))).join(", ");
    throw new NumericError(
      `a function of the host gives ${values[i]} with slopes ${Array.from(g).join(", ")} at (${place}): finite numbers are needed wherever rows come`,
    );
  }
  return { values, slopes };
}
