/** What defaults are chosen for. */

/** How long to try: less than normal; the settings for this table; longer, with stages after growth where a system has them. */
export type Effort = "fast" | "normal" | "best";
export const efforts: readonly Effort[] = ["fast", "normal", "best"];

/** What a model is for: the likelihood of rows, or telling rows of another kind apart. */
export type Purpose = "density" | "anomalies";
export const purposes: readonly Purpose[] = ["density", "anomalies"];

/** Below this many rows a table over-fits. */
export const SMALL_TABLE = 20_000;
