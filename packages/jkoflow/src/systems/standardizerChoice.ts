/** Which standardiser a table gets that nobody chose one for. */
import { fitStandardizer, type StandardizeOptions, type Standardizer } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import type { Problem } from "./system.ts";

export type TransformSetting = "none" | "asinh" | "log" | "quantile" | "auto";
export const transformSettings: readonly TransformSetting[] = ["none", "asinh", "log", "quantile", "auto"];
export const transformDescription: string =
  "monotone transform of every column before that: none, asinh, log (signed), quantile, for heavy tails; auto: logarithmic " +
  "beyond the regular values of columns with odd ones, none for others";

type Rows = Pick<Problem, "train" | "validation" | "bounds">;

/** Standardiser options of a problem. */
export function standardizeOptions(
  { validation, bounds }: Omit<Rows, "train">,
  kind: "whiten" | "zscore" | "none",
  transform: TransformSetting,
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
export function settingsOf(standardizer: Standardizer): {
  readonly standardize: "whiten" | "zscore" | "none";
  readonly transform: TransformSetting;
} {
  const { kind, transforms } = standardizer.toJSON();
  const bent = transforms.some((transform) => transform.kind === "tails");
  return { standardize: kind, transform: bent ? "auto" : "none" };
}
