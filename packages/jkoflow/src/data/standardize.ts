/**
 * Standardisation: the invertible map between the units of the data and those a flow is trained in. It is fitted on
 * training rows, works in float64, and carries its log-determinant, so that densities come back in the data's units:
 * ln p(x) = ln p_flow(forward(x)) + logAbsDet(x).
 *
 *   u = transform(x)                      column by column, see transform.ts
 *   none     y = u
 *   zscore   y = (u - mean) / sd          population standard deviation
 *   whiten   y = L^(-1/2) V (u - mean) / sd, V L V^T the correlation matrix (principal components, largest first)
 */
import { InputError } from "../errors/errors.ts";
import { log } from "../random/index.ts";
import { symmetricEigen } from "./eigen.ts";
import { constantColumns } from "./summary.ts";
import { columnIndex, columnValues, createTable, matchColumns, type Table } from "./table.ts";
import {
  applyTransform,
  type Bounds,
  boundsText,
  type ColumnTransform,
  fitTransform,
  invertTransform,
  type TransformKind,
  transformLogSlope,
} from "./transform.ts";

export interface StandardizeOptions {
  /** "zscore" by default. */
  readonly kind?: "zscore" | "whiten" | "none";
  /** For all columns, or by column name (others "none"). "none" by default. */
  readonly transform?: TransformKind | Readonly<Record<string, TransformKind>>;
  /** Declared bounds by column name: their transform takes the place of another one. */
  readonly bounds?: Readonly<Record<string, Bounds>>;
}

/** All a standardiser is made of: plain data that survives JSON. */
export interface StandardizerState {
  readonly kind: "zscore" | "whiten" | "none";
  readonly columns: readonly string[];
  readonly transforms: readonly ColumnTransform[];
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  /** Only for "whiten": eigenvalues [d] and unit eigenvectors [d, d], row k for value k. */
  readonly eigenvalues?: readonly number[];
  readonly eigenvectors?: readonly number[];
}

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

const NO_VALUES = new Float64Array(0);

/** Below this share of the mean eigenvalue a direction is rounding noise of float32 columns. */
const SMALLEST_EIGENVALUE = 1e-8;

/**
 * Fits a standardiser to training rows.
 * @throws InputError when a column is constant (naming it) or not inside its bounds, or for "whiten" when columns are linearly dependent.
 */
export function fitStandardizer(train: Table, options: StandardizeOptions = {}): Standardizer {
  const kind = options.kind ?? "zscore";
  const { columns } = train;
  const d = columns.length;
  const constant = constantColumns(train);
  if (constant.length > 0) {
    const place = `column ${JSON.stringify(constant[0])}`;
    const more = constant.length > 1 ? ` (and ${constant.length - 1} more columns)` : "";
    throw new InputError({
      where: "standardize",
      place,
      came: `one value in all ${train.rows} rows${more}`,
      expected: "values that differ",
      fix: "drop it: a constant has no density",
    });
  }
  const choice = options.transform ?? "none";
  if (typeof choice !== "string") for (const name of Object.keys(choice)) columnIndex(train, name);
  for (const [name, bounds] of Object.entries(options.bounds ?? {}))
    checkInside(train, columnIndex(train, name), bounds);
  const transforms = columns.map((name, k): ColumnTransform => {
    const bounds = options.bounds?.[name];
    if (bounds !== undefined) return { kind: "bounded", bounds };
    const wanted = typeof choice === "string" ? choice : (choice[name] ?? "none");
    // One column at a time: a second copy of the whole table is never made.
    return fitTransform(wanted, wanted === "none" ? NO_VALUES : columnValues(train, k));
  });
  const { mean, sd } = kind === "none" ? identityScale(d) : moments(train, transforms);
  const state: StandardizerState = { kind, columns, transforms, mean, sd };
  if (kind !== "whiten") return createStandardizer(state);
  const { values, vectors } = symmetricEigen(correlations(train, state), d);
  if (!(values[d - 1] > SMALLEST_EIGENVALUE)) throw dependent(vectors.subarray((d - 1) * d), columns, values[d - 1]);
  return createStandardizer({ ...state, eigenvalues: Array.from(values), eigenvectors: Array.from(vectors) });
}

/** The standardiser of a state that `fitStandardizer` made; for a state from a file use `parseStandardizer`. */
export function createStandardizer(state: StandardizerState): Standardizer {
  const { columns, transforms, mean, sd } = state;
  const d = columns.length;
  const whitening = state.kind === "whiten" ? createWhitening(state.eigenvalues!, state.eigenvectors!) : undefined;
  let constant = whitening?.logDet ?? 0;
  for (const s of sd) constant -= log(s);
  const valuesOf = (rows: Table | Float32Array): Float32Array => {
    const { values } = rows instanceof Float32Array ? createTable(rows, columns) : matchColumns(rows, columns);
    return values;
  };
  return {
    columns,
    forward(rows, into) {
      const x = valuesOf(rows); // [n, d]
      const y = into === undefined ? new Float32Array(x.length) : into.subarray(0, x.length);
      const z = new Float64Array(d);
      for (let start = 0; start < x.length; start += d) {
        scaleRow(state, x, start, z);
        if (whitening === undefined) y.set(z, start);
        else whitening.forward(z, y, start);
      }
      return y;
    },
    inverse(standardized) {
      const x = new Float32Array(standardized.length);
      const table = createTable(x, columns);
      for (let start = 0; start < x.length; start += d) {
        const row = Float64Array.from(standardized.subarray(start, start + d));
        const z = whitening === undefined ? row : whitening.inverse(row);
        for (let k = 0; k < d; k++) x[start + k] = invertTransform(transforms[k], mean[k] + sd[k] * z[k]);
      }
      return table;
    },
    logAbsDet(rows) {
      const x = valuesOf(rows);
      return Float64Array.from({ length: x.length / d }, (_, i) => {
        let sum = constant;
        for (let k = 0; k < d; k++) sum += transformLogSlope(transforms[k], x[i * d + k]);
        return sum;
      });
    },
    toJSON: () => state,
  };
}

interface Whitening {
  /** Writes the whitened row into `y` from `start` on. */
  readonly forward: (z: Float64Array, y: Float32Array, start: number) => void;
  readonly inverse: (y: Float64Array) => Float64Array;
  readonly logDet: number;
}

function createWhitening(eigenvalues: readonly number[], vectors: readonly number[]): Whitening {
  const d = eigenvalues.length;
  const roots = eigenvalues.map(Math.sqrt);
  const dot = (z: Float64Array, start: number, step: number): number => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += vectors[start + j * step] * z[j];
    return sum;
  };
  return {
    forward: (z, y, start) => {
      for (let k = 0; k < d; k++) y[start + k] = dot(z, k * d, 1) / roots[k];
    },
    inverse: (y) => {
      const scaled = y.map((v, k) => v * roots[k]);
      return y.map((_, j) => dot(scaled, j, d));
    },
    logDet: eigenvalues.reduce((sum, value) => sum - 0.5 * log(value), 0),
  };
}

/** @throws InputError naming the first value that is not strictly inside. */
function checkInside({ values, columns, rows }: Table, column: number, [low, high]: Bounds): void {
  for (let i = 0; i < rows; i++) {
    const x = values[i * columns.length + column];
    if ((low === null || x > low) && (high === null || x < high)) continue;
    const place = `row ${i + 1}, column ${JSON.stringify(columns[column])}`;
    throw new InputError({ where: "standardize", place, came: String(x), expected: boundsText([low, high]) });
  }
}

/** z = (transform(x) - mean) / sd of the row that begins at `start`. */
function scaleRow(
  { transforms, mean, sd }: Pick<StandardizerState, "transforms" | "mean" | "sd">,
  x: Float32Array,
  start: number,
  z: Float64Array,
): void {
  for (let k = 0; k < z.length; k++) z[k] = (applyTransform(transforms[k], x[start + k]) - mean[k]) / sd[k];
}

const identityScale = (d: number): { mean: number[]; sd: number[] } => ({
  mean: new Array<number>(d).fill(0),
  sd: new Array<number>(d).fill(1),
});

/** Mean and population standard deviation of each transformed column, in two passes over the rows. */
function moments({ values, rows, columns }: Table, transforms: readonly ColumnTransform[]) {
  const d = columns.length;
  const sums = new Array<number>(d).fill(0);
  for (let at = 0; at < values.length; at += d) {
    for (let k = 0; k < d; k++) sums[k] += applyTransform(transforms[k], values[at + k]);
  }
  const mean = sums.map((sum) => sum / rows);
  const squares = new Array<number>(d).fill(0);
  for (let at = 0; at < values.length; at += d) {
    for (let k = 0; k < d; k++) {
      const centred = applyTransform(transforms[k], values[at + k]) - mean[k];
      squares[k] += centred * centred;
    }
  }
  return { mean, sd: squares.map((sum) => Math.sqrt(sum / rows)) };
}

/** [d, d], in one pass over the rows. */
function correlations({ values, rows, columns }: Table, state: StandardizerState): Float64Array {
  const d = columns.length;
  const sums = new Float64Array(d * d);
  const z = new Float64Array(d);
  for (let at = 0; at < values.length; at += d) {
    scaleRow(state, values, at, z);
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[i * d + j] += z[i] * z[j];
  }
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[j * d + i] = sums[i * d + j] /= rows;
  return sums;
}

function dependent(vector: Float64Array, columns: readonly string[], eigenvalue: number): InputError {
  const order = columns.map((_, k) => k).sort((i, j) => Math.abs(vector[j]) - Math.abs(vector[i]));
  const named = order.filter((k) => Math.abs(vector[k]) > 0.1).slice(0, 4);
  const names = named.map((k) => JSON.stringify(columns[k])).join(", ");
  return new InputError({
    where: "standardize",
    came: `linearly dependent columns (${names}; eigenvalue ${eigenvalue.toExponential(1)})`,
    expected: "a correlation matrix of full rank",
    fix: "drop one of them",
  });
}
