/** Which standardiser a table gets that nobody chose one for. */
import { fitStandardizer, type StandardizeOptions, type Standardizer, type Table } from "../data/index.ts";
import { InputError } from "../errors/index.ts";

/** Whitening; plain z-scores where columns are linearly dependent. The settings of the run say which it was. */
export function tryWhitening(train: Table, bounds?: StandardizeOptions["bounds"]): Standardizer {
  try {
    return fitStandardizer(train, { kind: "whiten", ...(bounds ? { bounds } : {}) });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return fitStandardizer(train, { kind: "zscore", ...(bounds ? { bounds } : {}) });
  }
}
