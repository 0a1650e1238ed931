/** Fitting a radius: to the lengths of whitened training rows, those of normal ones. */
import { InputError } from "../errors/errors.ts";
import { log } from "../random/index.ts";
import { chiQuantile } from "./chi.ts";
import { someRows } from "./marginRows.ts";
import { type Spline, splineKnotSlopes } from "./spline.ts";
import { createStandardizer, lengthOf, type StandardizerState } from "./standardizer.ts";
import type { Table } from "./table.ts";

const KNOTS = 33;
/** Probability beyond each of the outer knots. */
const OUTER = 0.002;
/** Fewer rows make no quantiles. */
const FEWEST_ROWS = 10 * KNOTS;
/** More rows change a quantile by less than a hundredth of the spread. */
const MOST_ROWS = 50_000;

/**
 * A whitening standardiser after which rows get the lengths of normal ones too.
 * @throws InputError for too few rows, or too few lengths that differ.
 */
export function withRadial(whitening: StandardizerState, train: Table): StandardizerState {
  const d = whitening.columns.length;
  const rows = createStandardizer(whitening).forward(someRows(train, MOST_ROWS));
  const lengths = Float64Array.from({ length: rows.length / d }, (_, i) =>
    lengthOf(Float64Array.from(rows.subarray(i * d, (i + 1) * d))),
  );
  return { ...whitening, kind: "radial", radial: fitRadial(lengths, d) };
}

/** ln s by ln r. */
function fitRadial(lengths: Float64Array, d: number): Spline {
  const sorted = lengths.filter((r) => r > 0 && Number.isFinite(r)).sort();
  const refuse = (came: string, expected: string): InputError =>
    new InputError({ where: "standardize", place: "radial", came, expected, fix: "standardise by whiten" });
  if (sorted.length < FEWEST_ROWS) throw refuse(`${sorted.length} rows off the mean`, `at least ${FEWEST_ROWS}`);
  const x: number[] = [];
  const y: number[] = [];
  for (let k = 0; k < KNOTS; k++) {
    const p = k === 0 ? OUTER : k === KNOTS - 1 ? 1 - OUTER : (k + 0.5) / KNOTS;
    const at = p * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    const knot = log(low + (high - low) * (at - Math.floor(at)));
    if (x.length > 0 && !(knot > x[x.length - 1] + 1e-6)) continue; // many rows of one length
    x.push(knot);
    y.push(log(chiQuantile(p, d)));
  }
  if (x.length < 4) throw refuse(`rows of ${x.length} lengths`, "lengths that differ");
  const slopes = splineKnotSlopes(x, y);
  slopes[0] = 1; // of the line below it: s proportional to r
  return { x, y, slopes };
}
