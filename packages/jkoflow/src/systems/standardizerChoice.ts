/** Which standardiser a table gets that nobody chose one for. */
import { fitStandardizer, type Standardizer, type Table } from "../data/index.ts";
import { InputError } from "../errors/index.ts";

/** Whitening; plain z-scores where columns are linearly dependent. The settings of the run say which it was. */
export function tryWhitening(train: Table): Standardizer {
  try {
    return fitStandardizer(train, { kind: "whiten" });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return fitStandardizer(train, { kind: "zscore" });
  }
}
