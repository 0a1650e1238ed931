/** Fitting a standardiser to training rows: the scale and the principal components of their transformed columns. */
import { InputError } from "../errors/errors.ts";
import { shortestFloat32 } from "../numbers/text.ts";
import { symmetricEigen } from "./eigen.ts";
import { type MarginRows, marginRows } from "./marginRows.ts";
import { regularRange } from "./oddCells.ts";
import { ownValue } from "./own.ts";
import {
  createStandardizer,
  type Standardizer,
  type StandardizerKind,
  type StandardizerState,
  scaleRow,
} from "./standardizer.ts";
import { constantColumns } from "./summary.ts";
import { columnIndex, columnValues, type Table } from "./table.ts";
import {
  applyTransform,
  type Bounds,
  boundsText,
  type ColumnTransform,
  fitTransform,
  isRegular,
  marginTransform,
  type TransformChoice,
  tailsTransform,
} from "./transform.ts";
import { withRadial } from "./withRadial.ts";

export interface StandardizeOptions {
  /** "zscore" by default. */
  readonly kind?: StandardizerKind;
  /** For all columns, or by column name (others "none"). "none" by default. */
  readonly transform?: TransformChoice | Readonly<Record<string, TransformChoice>>;
  /** Declared bounds by column name: their transform takes the place of another one. */
  readonly bounds?: Readonly<Record<string, Bounds>>;
  /**
   * Rows of the same columns whose odd values count for "auto" too: held-out ones, which judge the training. "margins"
   * choose the width of their kernels on them, and need them.
   */
  readonly heldOut?: Table;
}

const needRows = (): InputError =>
  new InputError({
    where: "standardize",
    place: "transform",
    came: "margins without held-out rows",
    expected: "held-out rows, which choose the widths of their kernels",
    fix: "give heldOut",
  });

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const NO_VALUES = new Float64Array(0);

/** A flow of more columns takes longer over one update than anyone waits, and its file could not be read. */
const MOST_FITTED = 4096;

/** Jacobi rotations of more columns take longer than a second or two, in which nothing else can be done. */
export const MOST_WHITENED = 256;

/** Below this share of the mean eigenvalue a direction is rounding noise of float32 columns. */
const SMALLEST_EIGENVALUE = 1e-8;

/**
 * Fits a standardiser to training rows.
 * @throws InputError when a column is constant (naming it) or not inside its bounds, or for "whiten" and "radial" when columns
 * are linearly dependent, or more than 256.
 */
export function fitStandardizer(train: Table, options: StandardizeOptions = {}): Standardizer {
  const kind = options.kind ?? "zscore";
  const { columns } = train;
  const d = columns.length;
  if (d > MOST_FITTED) {
    const fix = "choose columns, or put their principal components in their place";
    throw new InputError({ where: "table", came: `${d} columns`, expected: `at most ${MOST_FITTED} for a flow`, fix });
  }
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
  let rows: MarginRows | undefined;
  const transforms = columns.map((name, k): ColumnTransform => {
    const bounds = ownValue(options.bounds, name);
    const chosen = typeof choice === "string" ? choice : (ownValue(choice, name) ?? "none");
    if (chosen === "margins") {
      if (options.heldOut === undefined) throw needRows();
      rows ??= marginRows(train, options.heldOut);
      if (!rows.recurring.has(name))
        return marginTransform(columnValues(rows.train, k), columnValues(rows.heldOut, k), bounds ?? null);
    }
    const asked = chosen === "margins" ? "auto" : chosen;
    if (bounds !== undefined) return { kind: "bounded", bounds };
    // One column at a time: a second copy of the whole table is never made.
    const values = asked === "none" ? NO_VALUES : columnValues(train, k);
    if (asked !== "auto") return fitTransform(asked, values);
    const range = regularRange(options.heldOut ? joined(values, columnValues(options.heldOut, k)) : values);
    return range === undefined ? { kind: "none" } : tailsTransform(range);
  });
  const { mean, sd } = kind === "none" ? identityScale(d) : moments(train, transforms);
  const state: StandardizerState = { kind, columns, transforms, mean, sd };
  if (kind !== "whiten" && kind !== "radial") return createStandardizer(state);
  checkRank(train);
  const { values, vectors } = symmetricEigen(correlations(train, state), d);
  if (!(values[d - 1] > SMALLEST_EIGENVALUE)) throw dependent(vectors.subarray((d - 1) * d), columns, values[d - 1]);
  const whitened: StandardizerState = {
    ...state,
    kind: "whiten",
    eigenvalues: Array.from(values),
    eigenvectors: Array.from(vectors),
  };
  return createStandardizer(kind === "radial" ? withRadial(whitened, train) : whitened);
}

/** What is known of the correlation matrix before it is made. */
function checkRank({ rows, columns }: Table): void {
  const d = columns.length;
  const fix = "standardise by zscore, or choose columns";
  if (rows <= d) {
    const came = `${rows} rows of ${d} columns, which are linearly dependent`;
    throw new InputError({ where: "standardize", came, expected: "more rows than columns", fix });
  }
  if (d <= MOST_WHITENED) return;
  throw new InputError({ where: "standardize", came: `${d} columns`, expected: `at most ${MOST_WHITENED}`, fix });
}

/** @throws InputError naming the first value that is not strictly inside. */
function checkInside({ values, columns, rows }: Table, column: number, [low, high]: Bounds): void {
  for (let i = 0; i < rows; i++) {
    const x = values[i * columns.length + column];
    if ((low === null || x > low) && (high === null || x < high)) continue;
    const place = `row ${i + 1}, column ${JSON.stringify(columns[column])}`;
    throw new InputError({ where: "standardize", place, came: shortestFloat32(x), expected: boundsText([low, high]) });
  }
}

const identityScale = (d: number): { mean: number[]; sd: number[] } => ({
  mean: new Array<number>(d).fill(0),
  sd: new Array<number>(d).fill(1),
});

/** Mean and population standard deviation of the regular values of each transformed column, in two passes over the rows. */
function moments({ values, columns }: Table, transforms: readonly ColumnTransform[]) {
  const d = columns.length;
  const sums = new Array<number>(d).fill(0);
  const counts = new Array<number>(d).fill(0);
  for (let at = 0; at < values.length; at += d) {
    for (let k = 0; k < d; k++) {
      if (!isRegular(transforms[k], values[at + k])) continue;
      sums[k] += applyTransform(transforms[k], values[at + k]);
      counts[k]++;
    }
  }
  const mean = sums.map((sum, k) => sum / counts[k]);
  const squares = new Array<number>(d).fill(0);
  for (let at = 0; at < values.length; at += d) {
    for (let k = 0; k < d; k++) {
      if (!isRegular(transforms[k], values[at + k])) continue;
      const centred = applyTransform(transforms[k], values[at + k]) - mean[k];
      squares[k] += centred * centred;
    }
  }
  return { mean, sd: squares.map((sum, k) => Math.sqrt(sum / counts[k])) };
}

/** [d, d], in one pass over the rows; those with an odd value count only where most rows have one. */
function correlations(train: Table, state: StandardizerState): Float64Array {
  const regular = correlationsOf(train, state, "regular rows");
  return regular.rows > train.rows / 2 ? regular.sums : correlationsOf(train, state, "all rows").sums;
}

function correlationsOf({ values, columns }: Table, state: StandardizerState, which: "regular rows" | "all rows") {
  const d = columns.length;
  const sums = new Float64Array(d * d);
  const z = new Float64Array(d);
  let rows = 0;
  for (let at = 0; at < values.length; at += d) {
    const isOdd = (transform: ColumnTransform, k: number): boolean => !isRegular(transform, values[at + k]);
    if (which === "regular rows" && state.transforms.some(isOdd)) continue;
    scaleRow(state, values, at, z);
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[i * d + j] += z[i] * z[j];
    rows++;
  }
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) sums[j * d + i] = sums[i * d + j] /= rows;
  return { sums, rows };
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
