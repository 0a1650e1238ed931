/**
 * What a column of numbers shows of itself: whether its values are categories, how many decimals they have, whether it is
 * positive everywhere, and which values are atoms.
 */
import { log } from "../random/index.ts";
import { exactDecimals } from "./decimals.ts";
import { recurringValues } from "./recurringValues.ts";
import type { SchemaColumn } from "./schema.ts";
import { meanAndSd } from "./summary.ts";
import { applyTransform, type Bounds, transformLogSlope } from "./transform.ts";
import type { ValueCounts } from "./valueCounts.ts";

/** Whole numbers of at most so many different values are categories (docs/guide/tables.md has the measurement). */
const FEW_VALUES = 10;

/** Above it float32 knows even numbers only: what is whole there may be rounded. */
const LARGEST_WHOLE = 2 ** 24;
const isWhole = (x: number): boolean => Number.isInteger(x) && Math.abs(x) <= LARGEST_WHOLE;

/** NaN is left out. */
export const areWholeRows = (column: Float64Array): boolean => column.every((x) => Number.isNaN(x) || isWhole(x));

/** Values that show the shape of a column as well as all would. */
const SHAPE_ROWS = 50_000;

/** Evenly spaced rows of a long column, its smallest and largest value among them. */
export function thinned(column: Float64Array): Float64Array {
  if (column.length <= SHAPE_ROWS) return column;
  const some = Float64Array.from(
    { length: SHAPE_ROWS },
    (_, i) => column[Math.floor((i * column.length) / SHAPE_ROWS)],
  );
  let [smallest, largest] = [Infinity, -Infinity];
  for (const x of column) {
    if (x < smallest) smallest = x;
    if (x > largest) largest = x;
  }
  if (smallest <= largest) some.set([smallest, largest]);
  return some;
}

export const areWhole = ({ values }: ValueCounts): boolean => values.length > 0 && values.every(isWhole);

/** Whether whole numbers are rather categories: few, and each occurs again; two of them always, missing cells being one. */
export function areCategories({ values, counts }: ValueCounts, hasGaps: boolean): boolean {
  if (values.length <= 2) return values.length + (hasGaps ? 1 : 0) >= 2;
  return values.length <= FEW_VALUES && counts.every((count) => count > 1);
}

/** So many rows on one value are an atom, if its neighbours have far fewer: rounded numbers share their ties evenly. */
const ATOM = { share: 0.02, rows: 20, neighbours: 4, times: 8, decimals: 3 } as const;
/** Neighbours on one side. */
const SIDE = ATOM.neighbours / 2;

/**
 * Values that stand out of their neighbours: such as 0 of amounts, or where a column is censored. They are values that people
 * write, of few decimals: a column that was scaled before is taken as it is, so that its densities stay comparable.
 *
 * Of whole numbers, atoms near each other must not hide one another, such as 15, 18 and 24 of months: there the rarer of the
 * two next values on either side counts, if few values come of it. Numbers with decimals are left out of this, and many such
 * values too: they are readings of which some are finer, whose common ones are a grid and not atoms.
 */
export function findAtoms(found: ValueCounts): number[] {
  const { values, counts, rows } = found;
  if (values.length <= 2 * ATOM.neighbours) return [];
  const frequent = values
    .map((_, k) => k)
    .filter((k) => counts[k] > ATOM.share * rows && counts[k] >= ATOM.rows)
    .filter((k) => (exactDecimals([values[k]]) ?? Infinity) <= ATOM.decimals);
  const alone = frequent.filter((k) => {
    const from = Math.max(0, Math.min(k - SIDE, values.length - 1 - ATOM.neighbours));
    const near = counts.slice(from, from + ATOM.neighbours + 1);
    const others = near.reduce((sum, count) => sum + count, -counts[k]) / ATOM.neighbours;
    return counts[k] > ATOM.times * others;
  });
  const together = frequent.filter((k) => {
    // Values that fall off on one side only are a tail: at an end the first rule is all there is.
    if (k < SIDE || k >= values.length - SIDE) return alone.includes(k);
    const [below, above] = [counts.slice(k - SIDE, k), counts.slice(k + 1, k + 1 + SIDE)];
    return counts[k] > (ATOM.times / 2) * (Math.min(...below) + Math.min(...above));
  });
  const all = areWhole(found) && together.length <= FEW_VALUES ? [...new Set([...alone, ...together])] : alone;
  return all.map((k) => values[k]).sort((x, y) => x - y);
}

/**
 * Of whole numbers of few values, some of which occur once, so that others may turn up: those that are frequent, whose rates are
 * then exact. The others stay whole numbers.
 */
export function frequentValues({ values, counts, rows }: ValueCounts): number[] {
  if (values.length > FEW_VALUES) return [];
  return values.filter((_, k) => counts[k] > ATOM.share * rows && counts[k] >= ATOM.rows);
}

/** Scales that are tried for the transform of a positive column, in distances of its median from the bound. */
const SCALES = [1 / 16, 1 / 4, 1] as const;
/** Rows that choose among them. */
const MOST_ROWS = 10_000;

/**
 * What is found of a column of numbers: decimals, and where nobody declared bounds the range of whole numbers, and the support
 * of a column without negative values whose lower tail reaches 0, that is, whose smallest value is nearer to 0 than 48 % of
 * the rows, below the median, are wide. Its transform is the logarithm, or that near the bound only (see transform.ts, with
 * a scale), whichever makes it most like a normal on rows held out of fitting that normal.
 */
export function findShape(
  found: ValueCounts,
  kind: "number" | "integer",
  declared: Bounds | undefined,
  offset = 0,
): Pick<SchemaColumn, "decimals" | "range" | "support" | "values"> {
  const { values } = found;
  if (values.length === 0) return {};
  const [smallest, largest] = [values[0], values[values.length - 1]];
  const decimals = kind === "number" ? exactDecimals(values, offset) : undefined;
  const whole = kind === "integer" || decimals === 0;
  const recurring = declared ? undefined : recurringValues(found, kind === "integer" ? 0 : decimals);
  const own = { ...(decimals === undefined ? {} : { decimals }), ...(recurring ? { values: recurring } : {}) };
  const range = whole && largest > smallest ? { range: [smallest, largest] as const } : {};
  const step = decimals === undefined ? undefined : 10 ** -decimals;
  const median = quantileOf(found, 0.5);
  if (declared) return own;
  if (smallest < 0 || smallest > median - quantileOf(found, 0.02)) return { ...own, ...range };
  // Half a step below 0, where values are rounded: then a 0 has a density.
  const low = kind === "integer" ? 0 : step !== undefined ? -step / 2 : smallest > 0 ? 0 : -values[1] / 2;
  const support = supportFrom(low, found, kind === "integer" ? 0.5 : 0);
  // Rounding must not make a 0 of a positive value.
  const least = smallest > 0 ? (step ?? 0) : 0;
  return { ...own, ...(whole ? range : { range: [least, null] as const }), support };
}

/** The transform of best held-out likelihood: moments of the even rows, score of the odd ones. */
function supportFrom(low: number, found: ValueCounts, shift: number): Bounds {
  const spread = spaced(found, MOST_ROWS).map((x) => x + shift);
  const median = spread[Math.floor(spread.length / 2)] - low;
  const choices: Bounds[] = [[low, null], ...SCALES.map((scale): Bounds => [low, null, scale * median])];
  const score = (bounds: Bounds): number => {
    const transform = { kind: "bounded" as const, bounds };
    const { mean, sd } = meanAndSd(spread.filter((_, i) => i % 2 === 0).map((x) => applyTransform(transform, x)));
    return spread.reduce((sum, x, i) => {
      if (i % 2 === 0) return sum;
      return sum + transformLogSlope(transform, x) - ((applyTransform(transform, x) - mean) / sd) ** 2 / 2 - log(sd);
    }, 0);
  };
  const scores = choices.map(score);
  return choices[scores.indexOf(Math.max(...scores))];
}

/** At most `most` values of the rows, evenly spaced in their order. */
function spaced({ values, counts, rows }: ValueCounts, most: number): Float64Array {
  const taken = new Float64Array(Math.min(rows, most));
  let k = 0;
  let passed = counts[0];
  for (let i = 0; i < taken.length; i++) {
    const at = Math.floor(((i + 0.5) * rows) / taken.length);
    while (at >= passed) passed += counts[++k];
    taken[i] = values[k];
  }
  return taken;
}

/** The value below which a share p of the rows lies. */
function quantileOf({ values, counts, rows }: ValueCounts, p: number): number {
  let passed = 0;
  const k = counts.findIndex((count) => (passed += count) > p * (rows - 1));
  return values[k < 0 ? values.length - 1 : k];
}
