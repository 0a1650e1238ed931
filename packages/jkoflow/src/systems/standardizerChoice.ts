/** Which standardiser a table gets that nobody chose one for. */
import { fitStandardizer, type StandardizeOptions, type Standardizer } from "../data/index.ts";
import { InputError } from "../errors/index.ts";
import { isClearGain, marginGain, marginRows } from "./marginChoice.ts";
import type { Problem } from "./system.ts";

export type TransformSetting = "none" | "asinh" | "log" | "quantile" | "auto" | "margins";
export const transformSettings: readonly TransformSetting[] = ["none", "asinh", "log", "quantile", "auto", "margins"];
export const transformDescription: string =
  "monotone transform of every column before that: none, asinh, log (signed), quantile, for heavy tails; auto: logarithmic " +
  "beyond the regular values of columns with odd ones, none for others; margins: kernel estimates of the columns, for spikes and edges";

type Rows = Pick<Problem, "train" | "validation" | "bounds">;

/** Standardiser options of a problem. */
export function standardizeOptions(
  { train, validation, bounds }: Rows,
  kind: "whiten" | "zscore" | "none",
  transform: TransformSetting,
): StandardizeOptions {
  const margins =
    transform === "margins" ? { marginRows: marginRows({ train, validation, ...(bounds ? { bounds } : {}) }) } : {};
  return { kind, transform, heldOut: validation, ...(bounds ? { bounds } : {}), ...margins };
}

/**
 * Whitening; plain z-scores where columns are linearly dependent. Columns are put behind kernel margins where held-out rows
 * gain by it clearly; else those with odd values in training or held-out rows are bent beyond the regular ones. The
 * settings of the run say which it was.
 */
export function chooseStandardizer(problem: Rows): Standardizer {
  const { plain, whiten } = plainStandardizer(problem);
  if (!isClearGain(marginGain(problem))) return plain;
  return fitStandardizer(problem.train, standardizeOptions(problem, whiten ? "whiten" : "zscore", "margins"));
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
export function settingsOf(standardizer: Standardizer): {
  readonly standardize: "whiten" | "zscore" | "none";
  readonly transform: TransformSetting;
} {
  const { kind, transforms } = standardizer.toJSON();
  const has = (wanted: string): boolean => transforms.some((transform) => transform.kind === wanted);
  return { standardize: kind, transform: has("margins") ? "margins" : has("tails") ? "auto" : "none" };
}
