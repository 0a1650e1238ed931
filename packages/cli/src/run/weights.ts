/** What encoded rows add to their log-densities, so that those are of the user's rows. */

export interface Weights {
  readonly validation?: Float64Array;
  readonly test?: Float64Array;
}

/** Log-densities of encoded rows as those of the user's rows. */
export const addWeight = (logProb: Float64Array, weight: Float64Array | undefined): Float64Array =>
  weight === undefined ? logProb : logProb.map((value, i) => value + weight[i]);
