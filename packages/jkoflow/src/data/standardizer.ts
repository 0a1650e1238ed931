/**
 * Standardisation: the invertible map between the units of the data and those a flow is trained in. It works in float64, and carries its log-determinant, so that densities come back in the data's units:
 * ln p(x) = ln p_flow(forward(x)) + logAbsDet(x).
 *
 *   u = transform(x)                      column by column, see transform.ts
 *   none     y = u
 *   zscore   y = (u - mean) / sd          population standard deviation
 *   whiten   y = L^(-1/2) V (u - mean) / sd, V L V^T the correlation matrix (principal components, largest first)
 *   radial   y = w s(|w|) / |w| of whitened rows w, by which their lengths are those of normal ones (radial.ts)
 */
import { checkKind } from "../errors/kinds.ts";
import { log } from "../random/index.ts";
import { createRadial } from "./radial.ts";
import type { Spline } from "./spline.ts";
import { createTable, matchColumns, type Table } from "./table.ts";
import { applyTransform, type ColumnTransform, invertTransform, transformLogSlope } from "./transform.ts";
import { createWhitening } from "./whitening.ts";

export type StandardizerKind = "zscore" | "whiten" | "radial" | "none";

/** All a standardiser is made of: plain data that survives JSON. */
export interface StandardizerState {
  readonly kind: StandardizerKind;
  readonly columns: readonly string[];
  readonly transforms: readonly ColumnTransform[];
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  /** Only for "whiten" and "radial": eigenvalues [d] and unit eigenvectors [d, d], row k for value k. */
  readonly eigenvalues?: readonly number[];
  readonly eigenvectors?: readonly number[];
  /** Only for "radial": ln s by ln r. */
  readonly radial?: Spline;
}

/**
 * The map to standardised rows and back.
 * @throws InputError for a table with other columns, or numbers that do not fill whole rows.
 */
export interface Standardizer {
  readonly columns: readonly string[];
  /**
   * Standardised rows [n, d]. A table's columns are matched by name; an array is taken in the order of `columns`. The rows
   * are written to the front of `into`, by default a new array.
   */
  forward(rows: Table | Float32Array, into?: Float32Array): Float32Array;
  /** Rows in the units of the data. */
  inverse(standardized: Float32Array): Table;
  /** ln |det d forward / d x| at each row, in nats. [n] */
  logAbsDet(rows: Table | Float32Array): Float64Array;
  toJSON(): StandardizerState;
}

/** z = (transform(x) - mean) / sd of the row that begins at `start`. */
export function scaleRow(
  { transforms, mean, sd }: Pick<StandardizerState, "transforms" | "mean" | "sd">,
  x: Float32Array,
  start: number,
  z: Float64Array,
): void {
  for (let k = 0; k < z.length; k++) z[k] = (applyTransform(transforms[k], x[start + k]) - mean[k]) / sd[k];
}

/** |w| */
export function lengthOf(w: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < w.length; k++) sum += w[k] * w[k];
  return Math.sqrt(sum);
}

const isTable = (rows: Table | Float32Array): rows is Table =>
  typeof rows === "object" && rows !== null && "columns" in rows;

/** The standardiser of a state that `fitStandardizer` made; for a state from a file use `parseStandardizer`. */
export function createStandardizer(state: StandardizerState): Standardizer {
  const { columns, transforms, mean, sd } = state;
  const d = columns.length;
  const { kind, eigenvalues, eigenvectors } = state;
  const whitens = kind === "whiten" || kind === "radial";
  const whitening = whitens ? createWhitening(eigenvalues!, eigenvectors!) : undefined;
  const radial = kind === "radial" ? createRadial(state.radial!, d) : undefined;
  let constant = whitening?.logDet ?? 0;
  for (const s of sd) constant -= log(s);
  const valuesOf = (rows: Table | Float32Array): Float32Array => {
    const { values } = isTable(rows) ? matchColumns(rows, columns) : createTable(rows, columns);
    return values;
  };
  return {
    columns,
    forward(rows, into) {
      if (into !== undefined) checkKind(into, "Float32Array", "standardizer", "into");
      const x = valuesOf(rows); // [n, d]
      const y = into === undefined ? new Float32Array(x.length) : into.subarray(0, x.length);
      const z = new Float64Array(d);
      const w = new Float64Array(radial ? d : 0);
      for (let start = 0; start < x.length; start += d) {
        scaleRow(state, x, start, z);
        if (whitening === undefined) y.set(z, start);
        else whitening.forward(z, radial ? w : y, radial ? 0 : start);
        if (radial === undefined) continue;
        const { factor } = radial.forward(lengthOf(w));
        for (let k = 0; k < d; k++) y[start + k] = w[k] * factor;
      }
      return y;
    },
    inverse(standardized) {
      checkKind(standardized, "Float32Array", "standardizer", "rows");
      const x = new Float32Array(standardized.length);
      const table = createTable(x, columns);
      for (let start = 0; start < x.length; start += d) {
        const row = Float64Array.from(standardized.subarray(start, start + d));
        if (radial) {
          const factor = radial.inverseFactor(lengthOf(row));
          for (let k = 0; k < d; k++) row[k] *= factor;
        }
        const z = whitening === undefined ? row : whitening.inverse(row);
        for (let k = 0; k < d; k++) x[start + k] = invertTransform(transforms[k], mean[k] + sd[k] * z[k]);
      }
      return table;
    },
    logAbsDet(rows) {
      const x = valuesOf(rows);
      const [z, w] = [new Float64Array(d), new Float64Array(d)];
      return Float64Array.from({ length: x.length / d }, (_, i) => {
        let sum = constant;
        for (let k = 0; k < d; k++) sum += transformLogSlope(transforms[k], x[i * d + k]);
        if (radial === undefined) return sum;
        scaleRow(state, x, i * d, z);
        whitening!.forward(z, w, 0);
        return sum + radial.forward(lengthOf(w)).logDet;
      });
    },
    toJSON: () => state,
  };
}
