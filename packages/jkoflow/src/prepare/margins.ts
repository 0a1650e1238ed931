/**
 * Whether a flow is put behind kernel margins (data/kernelMargin.ts): where small mixtures behind them are clearly better on
 * held-out rows than without. Margins hold what a column has of spikes, edges and grids, which a smooth velocity follows slowly
 * or not at all; they cost what a kernel estimate of each column costs, which is why a clear gain is asked for.
 *
 * Columns whose values recur get none (data/marginRows.ts): nothing is gained by ties.
 */
import { fitStandardizer, marginRows, type Problem, type Standardizer, someRows, type Table } from "../data/index.ts";
import { type Estimate, fitMixture, pairedDifference } from "../evaluate/index.ts";
import { createKey, fold } from "../random/index.ts";

type Rows = Pick<Problem, "train" | "validation" | "bounds">;

/** What a choice is made by. */
const PROBE_ROWS = 5000;
const PROBE = { components: [1, 3, 8], maxRows: PROBE_ROWS, passes: 4 } as const;
const HELD_ROWS = 2000;
/**
 * A gain below this, nats per row, or below so many standard errors, leaves the columns as they are. Per column, because mixtures
 * of many columns over-fit, and behind margins by another amount: 0.035 nats on 64 columns of N(0, I), 0.25 on 256 (2,000 rows).
 */
const LEAST_GAIN = 0.25;
const LEAST_GAIN_PER_COLUMN = 0.01;
const CLEAR = 3;
/** A choice for more columns takes longer than a few seconds, in which nothing else can be done. */
const MOST_COLUMNS = 128;

const KEY = createKey("margins");

/** Held-out nats per row by which small mixtures gain from margins, paired over rows. */
export function marginGain(problem: Rows): Estimate {
  const rows = marginRows(problem.train, problem.validation);
  const [fitted, held] = [someRows(rows.train, PROBE_ROWS), someRows(rows.heldOut, HELD_ROWS)];
  const bounds = problem.bounds ? { bounds: problem.bounds } : {};
  const score = (transform: "auto" | "margins"): Float64Array => {
    const space = fitStandardizer(rows.train, { kind: "zscore", transform, heldOut: rows.heldOut, ...bounds });
    return scoreIn(space, fitted, held);
  };
  return pairedDifference(score("auto"), score("margins"));
}

function scoreIn(space: Standardizer, train: Table, held: Table): Float64Array {
  const [x, y] = [space.forward(train), space.forward(held)];
  const mixture = fitMixture(x, y, space.columns.length, fold(KEY, "probe"), PROBE);
  const scale = space.logAbsDet(held);
  return mixture.logProb(y, held.rows).map((value, i) => value + scale[i]);
}

/** Whether margins are taken. */
export function wantsMargins(problem: Rows): boolean {
  const d = problem.train.columns.length;
  if (d > MOST_COLUMNS) return false;
  const { mean, standardError } = marginGain(problem);
  return mean > Math.max(LEAST_GAIN, LEAST_GAIN_PER_COLUMN * d) && mean > CLEAR * standardError;
}
