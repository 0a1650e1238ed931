/** What a run is compared with. */

/** One line of the table of results. */
export interface Comparison {
  readonly name: string;
  readonly energy: number | null;
  /** KL(p|q) + KL(q|p) to the exact density at the last time, nats. */
  readonly symKl: number | null;
  readonly seconds: number | null;
  readonly says: string;
}
