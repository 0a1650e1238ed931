/** Which standardiser a table gets that nobody chose one for. */
import { fitStandardizer, type StandardizeOptions, type Standardizer } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import type { SettingsOf, standardization } from "../settings/index.ts";
import type { Problem } from "./system.ts";

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
 * Whitening; plain z-scores where columns are linearly dependent. Columns with odd values in training or held-out rows are
 * bent beyond the regular ones. The settings of the run say which it was.
 */
export function chooseStandardizer(problem: Rows): Standardizer {
  try {
    return fitStandardizer(problem.train, standardizeOptions(problem, "whiten", "auto"));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return fitStandardizer(problem.train, standardizeOptions(problem, "zscore", "auto"));
  }
}

/** The settings that say which standardiser it is. */
export function settingsOf(standardizer: Standardizer): Standardization {
  const { kind, transforms } = standardizer.toJSON();
  const bent = transforms.some((transform) => transform.kind === "tails");
  return { standardize: kind, transform: bent ? "auto" : "none" };
}
