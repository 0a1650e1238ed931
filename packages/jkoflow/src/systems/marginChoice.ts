/**
 * Whether a flow is put behind kernel margins (data/kernelMargin.ts): where small mixtures behind them are clearly better on
 * held-out rows than without. Margins hold what a column has of spikes, edges and grids, which a smooth velocity follows slowly
 * or not at all; they cost what a kernel estimate of each column costs, which is why a clear gain is asked for.
 *
 * Rounded values are drawn from their cells for both (evaluate/roundingCells.ts): nothing is gained by ties.
 */
import { fitStandardizer, type Standardizer, type Table, takeRows } from "../data/index.ts";
import { drawInCells, type Estimate, fitMixture, pairedDifference, tiedColumns } from "../evaluate/index.ts";
import { createKey, fold } from "../random/index.ts";
import type { Problem } from "./system.ts";

type Rows = Pick<Problem, "train" | "validation" | "bounds">;

/** Margins are fitted to so many rows at most: their kernels are far narrower than what more could show. */
const MARGIN_ROWS = 100_000;
/** What a choice is made by. */
const PROBE_ROWS = 5000;
const PROBE = { components: [1, 3, 8], maxRows: PROBE_ROWS, passes: 4 } as const;
const HELD_ROWS = 2000;
/** A gain below this, nats per row, or below so many standard errors, leaves the columns as they are. */
const LEAST_GAIN = 0.25;
const CLEAR = 3;

const KEY = createKey("margins");

/** At most `most` rows, evenly over the table. */
function someRows(table: Table, most: number): Table {
  if (table.rows <= most) return table;
  return takeRows(
    table,
    Array.from({ length: most }, (_, i) => Math.floor((i * table.rows) / most)),
  );
}

/** The rows that margins are fitted to. */
export function marginRows({ train, validation, bounds }: Rows): { readonly train: Table; readonly heldOut: Table } {
  const { grids } = tiedColumns(train);
  const drawn = (table: Table, part: string): Table =>
    grids.length === 0 ? table : drawInCells(table, grids, fold(KEY, part), bounds);
  return {
    train: drawn(someRows(train, MARGIN_ROWS), "train"),
    heldOut: drawn(someRows(validation, MARGIN_ROWS), "validation"),
  };
}

/** Held-out nats per row by which small mixtures gain from margins, paired over rows. */
export function marginGain(problem: Rows): Estimate {
  const rows = marginRows(problem);
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

export const isClearGain = ({ mean, standardError }: Estimate): boolean =>
  mean > LEAST_GAIN && mean > CLEAR * standardError;
