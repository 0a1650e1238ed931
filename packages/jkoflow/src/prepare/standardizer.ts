/** Which standardiser a table gets that nobody chose one for. */
import { fitStandardizer, type Problem, type StandardizeOptions, type Standardizer } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import type { SettingsOf, standardization } from "../settings/index.ts";
import { wantsMargins } from "./margins.ts";
import { chooseRadial } from "./radial.ts";

type Standardization = SettingsOf<typeof standardization>;
type Rows = Pick<Problem, "train" | "validation" | "bounds">;

/** Standardiser options of a problem. */
export function standardizeOptions(
  { validation, bounds }: Omit<Rows, "train">,
  kind: Standardization["standardize"],
  transform: Standardization["transform"],
): StandardizeOptions {
  return { kind, transform, heldOut: validation, ...(bounds ? { bounds } : {}) };
}

/**
 * Whitening; plain z-scores where columns are linearly dependent. Columns are put behind kernel margins where held-out rows
 * gain by it clearly; else those with odd values in training or held-out rows are bent beyond the regular ones. Whitened rows
 * get the lengths of normal ones where held-out rows gain by that clearly. The settings of the run say which it was.
 */
export function chooseStandardizer(problem: Rows): Standardizer {
  const { plain, whiten } = plainStandardizer(problem);
  if (!wantsMargins(problem)) return chooseRadial(plain, problem);
  const kind = whiten ? "whiten" : "zscore";
  return chooseRadial(fitStandardizer(problem.train, standardizeOptions(problem, kind, "margins")), problem);
}

function plainStandardizer(problem: Rows): { readonly plain: Standardizer; readonly whiten: boolean } {
  const plain = (kind: "whiten" | "zscore"): Standardizer =>
    fitStandardizer(problem.train, standardizeOptions(problem, kind, "auto"));
  try {
    return { plain: plain("whiten"), whiten: true };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { plain: plain("zscore"), whiten: false };
  }
}

/** The settings that say which standardiser it is. */
export function settingsOf(standardizer: Standardizer): Standardization {
  const { kind, transforms } = standardizer.toJSON();
  const has = (wanted: string): boolean => transforms.some((transform) => transform.kind === wanted);
  return { standardize: kind, transform: has("margins") ? "margins" : has("tails") ? "auto" : "none" };
}
