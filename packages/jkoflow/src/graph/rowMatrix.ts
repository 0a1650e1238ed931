/**
 * Small symmetric positive definite matrices, one for each row: M = L D L^T unrolled into nodes, L with ones on its diagonal.
 *
 *   D_j = M_jj - sum_k<j L_jk^2 D_k,   L_ij = (M_ij - sum_k<j L_ik L_jk D_k) / D_j,   log det M = sum_j log D_j
 *
 * G. Golub, C. Van Loan, Matrix Computations, 4th ed. (2013), section 4.1.2. About d^3 / 6 products, each a node: meant for
 * d up to 12. The vjp of these nodes is that of any others.
 */
import { abs, add, log, mul, reciprocal, sub } from "./elementwise.ts";
import type { Node } from "./node.ts";
import { reject } from "./operands.ts";

/** Largest d: beyond, the nodes outgrow what they replace. */
export const LARGEST_ROW_MATRIX = 12;

/** [d][d] of [B, 1]; only entries on and below the diagonal are read. */
export type RowMatrix = readonly (readonly Node[])[];

/** M = L D L^T. */
export interface RowFactor {
  /** Below the diagonal, row i having i entries: [B, 1] each. */
  readonly lower: readonly (readonly Node[])[];
  /** [d] of [B, 1], above 0 where M is positive definite. */
  readonly diagonal: readonly Node[];
  /** 1 / diagonal. */
  readonly inverse: readonly Node[];
}

/**
 * @throws InputError for matrices that are empty or larger than {@link LARGEST_ROW_MATRIX}.
 *
 * @example
 * ```ts
 * import { createGraph, createProgram, factorRows, LARGEST_ROW_MATRIX, logDetRows, solveRows } from "jkoflow/graph";
 * import { createReferenceEngine } from "jkoflow/engine";
 *
 * const g = createGraph();
 * const [a, b, c] = [g.rows("a", 1), g.rows("b", 1), g.rows("c", 1)];
 * const factor = factorRows([[a], [b, c]]); // of the symmetric matrix [[a, b], [b, c]] of each row
 * const outputs = { logDet: logDetRows(factor), first: solveRows(factor, [a, b])[0] };
 * const program = createProgram({ name: "2 x 2", outputs });
 * const engine = createReferenceEngine();
 * const row = (value: number) => engine.table(1, 1, Float32Array.of(value));
 * const [logDet, first] = [engine.table(1, 1), engine.table(1, 1)];
 * engine.load(program).run({ inputs: { a: row(2), b: row(1), c: row(3) }, outputs: { logDet, first } });
 * console.log(Math.exp(logDet.read()[0]).toFixed(4), first.read()[0].toFixed(4), LARGEST_ROW_MATRIX); // 5.0000 1.0000 12
 * ```
 */
export function factorRows(matrix: RowMatrix): RowFactor {
  const d = matrix.length;
  if (d < 1 || d > LARGEST_ROW_MATRIX) reject("factorRows", `${d} rows and columns`, `1 to ${LARGEST_ROW_MATRIX}`);
  const lower: Node[][] = matrix.map(() => []);
  const diagonal: Node[] = [];
  const inverse: Node[] = [];
  const minus = (start: Node, i: number, j: number): Node => {
    let sum = start;
    for (let k = 0; k < j; k++) sum = sub(sum, mul(lower[i][k], mul(lower[j][k], diagonal[k])));
    return sum;
  };
  for (let j = 0; j < d; j++) {
    diagonal[j] = minus(matrix[j][j], j, j);
    inverse[j] = reciprocal(diagonal[j]);
    for (let i = j + 1; i < d; i++) lower[i][j] = mul(minus(matrix[i][j], i, j), inverse[j]);
  }
  return { lower, diagonal, inverse };
}

/** log det M: [B, 1] */
export const logDetRows = ({ diagonal }: RowFactor): Node => diagonal.map((d) => log(d)).reduce((a, b) => add(a, b));

/** M^-1 b, column by column: [d] of [B, 1]. */
export function solveRows({ lower, inverse }: RowFactor, b: readonly Node[]): Node[] {
  const x = [...b];
  for (let i = 0; i < x.length; i++) for (let k = 0; k < i; k++) x[i] = sub(x[i], mul(lower[i][k], x[k]));
  for (let i = x.length - 1; i >= 0; i--) {
    x[i] = mul(x[i], inverse[i]);
    for (let k = i + 1; k < x.length; k++) x[i] = sub(x[i], mul(lower[k][i], x[k]));
  }
  return x;
}

/**
 * log |det M| of matrices that need not be symmetric, by elimination without exchange of rows: [B, 1]. Meant for matrices whose
 * leading minors are not near 0, as those of the derivative of a map that is nearly optimal, which is nearly symmetric and
 * positive definite.
 *
 * @throws InputError as {@link factorRows}.
 *
 * @example
 * ```ts
 * import { createGraph, logAbsDetRows, slice } from "jkoflow/graph";
 *
 * const x = createGraph().rows("x", 4);
 * const [a, b, c, d] = [0, 1, 2, 3].map((k) => slice(x, k, k + 1));
 * console.log(logAbsDetRows([[a, b], [c, d]]).cols); // 1
 * ```
 */
export function logAbsDetRows(matrix: RowMatrix): Node {
  const d = matrix.length;
  if (d < 1 || d > LARGEST_ROW_MATRIX) reject("logAbsDetRows", `${d} rows and columns`, `1 to ${LARGEST_ROW_MATRIX}`);
  const left = matrix.map((row) => [...row]);
  for (let k = 0; k < d; k++) {
    for (let i = k + 1; i < d; i++) {
      const factor = mul(left[i][k], reciprocal(left[k][k]));
      for (let j = k + 1; j < d; j++) left[i][j] = sub(left[i][j], mul(factor, left[k][j]));
    }
  }
  return left.map((row, k) => log(abs(row[k]))).reduce((a, b) => add(a, b));
}
