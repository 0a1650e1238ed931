/**
 * Rows as a start. A flow needs its start's density, which rows have none of: what begins is a mixture of Gaussians that is fitted
 * to four fifths of them and whose number of components the others choose (evaluate/mixture.ts). Samples and densities are those of
 * the mixture, so that they fit each other; how well it describes the rows is said.
 */
import { type GaussianMixture, gaussianMixture, normalDistribution } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import { fitMixture, scoreLogProb } from "../evaluate/index.ts";
import { invertLower } from "../evaluate/linalg.ts";
import { momentsOf } from "../evaluate/moments.ts";
import { fold, type Key, permutation } from "../random/index.ts";

/** Numbers of components that are tried: each is a part of the graph of the start. */
const COMPONENTS = [1, 2, 3, 5, 8, 12, 20] as const;
/** Of five rows one is held out. */
const HELD = 5;

export interface RowsStart {
  readonly start: GaussianMixture;
  /** What was fitted, and how well it describes rows that were held out, in a sentence. */
  readonly says: string;
}

/**
 * @throws InputError for too few rows, numbers that are not finite, and columns that depend on each other.
 *
 * @example
 * ```ts
 * import { createKey, random } from "jkoflow";
 * import { type RowsStart, startOfRows } from "jkoflow/problems";
 *
 * const { start, says }: RowsStart = startOfRows(random.normal(createKey(1), 400), ["x", "y"], createKey(2));
 * console.log(start.dimension, says.length > 0); // 2 true
 * ```
 */
export function startOfRows(rows: Float32Array, columns: readonly string[], key: Key, where = "rows"): RowsStart {
  const d = columns.length;
  const n = rows.length / d;
  const least = leastRows(d);
  if (!(n >= least)) {
    throw new InputError({
      where,
      came: `${n} rows of ${d} columns`,
      expected: `at least ${least}, to fit a start to`,
    });
  }
  checkVolume(rows, columns, where);
  const order = permutation(fold(key, "rows"), n);
  const take = (which: (at: number) => boolean): Float32Array =>
    Float32Array.from([...order].flatMap((row, at) => (which(at) ? [...rows.subarray(row * d, row * d + d)] : [])));
  const [train, held] = [take((at) => at % HELD > 0), take((at) => at % HELD === 0)];
  const mixture = fitMixture(train, held, d, fold(key, "mixture"), { components: COMPONENTS });
  const { weights, means, factors } = mixture.parts();
  const components = Array.from(weights, (_, k) =>
    normalDistribution(means.subarray(k * d, k * d + d), covarianceOf(factors, k, d)),
  );
  const start = gaussianMixture([...weights], components);
  const { nll, standardError } = scoreLogProb(mixture.logProb(held, held.length / d));
  const one = -mixture.candidates[0].validationNll;
  const gain = components.length === 1 ? "" : `; one Gaussian ${one.toFixed(3)}`;
  const count = components.length === 1 ? "one Gaussian" : `a mixture of ${components.length} Gaussians`;
  const says = `the start is ${count} fitted to ${n} rows; log-density of ${held.length / d} rows held out ${(-nll).toFixed(3)} +- ${standardError.toFixed(3)} nats a row${gain}`;
  return { start: { ...start, title: `${count} fitted to ${n} rows` }, says };
}

/** Rows of d columns to which a density is fitted, or that stand for one. */
export const leastRows = (d: number): number => HELD * (d + 2);

/** Of a column's variance, what the columns before it leave: below this it is rounding of float32. */
const LEAST_SHARE = 1e-10;
/** And of the square of its mean. */
const LEAST_SPREAD = 1e-14;

/** A density needs rows that fill a volume. @throws InputError for a column that is constant or follows from the others */
export function checkVolume(rows: Float32Array, columns: readonly string[], where: string): void {
  const d = columns.length;
  const { mean, covariance: left } = momentsOf(rows, d);
  const variance = columns.map((_, k) => left[k * (d + 1)]);
  // Columns are eliminated one after the other, as a Cholesky factor does.
  for (let k = 0; k < d; k++) {
    const pivot = left[k * (d + 1)];
    if (!(pivot > LEAST_SHARE * variance[k] && pivot > LEAST_SPREAD * mean[k] ** 2)) {
      const came = `a column ${JSON.stringify(columns[k])} that is constant or follows from the others`;
      const fix = `leave it out by --columns`;
      throw new InputError({ where, came, expected: "columns whose rows fill a volume, as a density needs", fix });
    }
    for (let i = k + 1; i < d; i++) {
      const factor = left[i * d + k] / pivot;
      for (let j = k + 1; j < d; j++) left[i * d + j] -= factor * left[k * d + j];
    }
  }
}

/** S = A^-1 A^-T of the packed factor A of the k-th component: [d, d] */
function covarianceOf(factors: Float64Array, k: number, d: number): Float64Array {
  const lower = new Float64Array(d * d);
  let at = (k * d * (d + 1)) / 2;
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) lower[i * d + j] = factors[at++];
  const inverse = invertLower(lower, d);
  return Float64Array.from({ length: d * d }, (_, place) => {
    const [i, j] = [Math.floor(place / d), place % d];
    let sum = 0;
    for (let c = 0; c < d; c++) sum += inverse[i * d + c] * inverse[j * d + c];
    return sum;
  });
}
