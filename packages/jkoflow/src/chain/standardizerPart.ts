/**
 * The part of a chain that takes rows from the units of their user to standardised ones (data/standardizer.ts): what stands in
 * front of the blocks of a model of a table. Float32, as there, so that a model and its chain agree to the bit. It has no
 * weights; its numbers are float64 in its description.
 */
import { parseStandardizer, type Standardizer, type StandardizerState } from "../data/index.ts";
import type { MovedRows, OpenPart } from "./partTypes.ts";

export interface StandardizerPart {
  readonly kind: "standardizer";
  readonly state: StandardizerState;
}

/** @throws InputError for a state that is none. */
export const standardizerOf = ({ state }: Partial<StandardizerPart>): Standardizer =>
  parseStandardizer(state, "map.state");

export function openStandardizer(part: StandardizerPart): Required<OpenPart> {
  const standardizer = standardizerOf(part);
  const d = standardizer.columns.length;
  /** A row outside of declared bounds has no density: it goes to 0, with the logarithm of 0. */
  const push = (x: Float32Array): MovedRows => {
    const rows = Float64Array.from(standardizer.forward(x));
    const logDet = standardizer.logAbsDet(x).map((value, i) => {
      if (Number.isFinite(value)) return value;
      rows.fill(0, i * d, (i + 1) * d);
      return Number.NEGATIVE_INFINITY;
    });
    return { rows, logDet };
  };
  return {
    push: (rows) => push(Float32Array.from(rows)),
    invert: (rows) => {
      const { values } = standardizer.inverse(Float32Array.from(rows));
      return { rows: Float64Array.from(values), logDet: push(values).logDet };
    },
    dispose: () => {},
  };
}
