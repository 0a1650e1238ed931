/** What a run of importance-corrected neural JKO is worth, in figures; report.json and the last line of --json hold them by name. */
import type { ReportExtent } from "../config/reportExtent.ts";

/** Tempered SMC on the same target, with what its rows say of the sampler. */
export interface Rival {
  readonly name: string;
  readonly logZ: number;
  readonly logZError: number;
  /** Of the mixture that was fitted to its rows. */
  readonly meanLogRatio: number;
  readonly ess: number;
  readonly gradients: number;
  readonly seconds: number;
  /** Half the energy distance of its rows to exact ones, and its standard error. */
  readonly energyDistance: number | null;
  readonly energyDistanceError: number | null;
  /** E ln (target / sampler) over its rows: at least ln Z, by as much as the sampler lacks. */
  readonly upperLogZ: number;
  readonly upperLogZError: number;
}

export interface CorrectedMeasures {
  readonly problem: string;
  readonly system: string;
  readonly dimension: number;
  readonly columns: readonly string[];
  /** By importance weights of fresh rows, with its standard error, nats. */
  readonly logZ: number;
  readonly logZError: number;
  /** E ln (target / sampler), at most ln Z. */
  readonly meanLogRatio: number;
  readonly ess: number;
  readonly paretoK: number | null;
  readonly exactLogZ: number | null;
  /** What twice as many steps of the solver change the mean log-ratio by. */
  readonly solverGap: number;
  /** log c of the last rejection less what it is where the density is right; null without rejections. */
  readonly gauge: number | null;
  /** Largest difference of the density that rows carry and that at the point, nats. */
  readonly carriedGap: number;
  /** Map evaluations for a row. */
  readonly passes: number;
  readonly energyDistance: number | null;
  readonly energyDistanceError: number | null;
  /** Of each part, before it: what it is, the mean log-ratio, tau or log c. */
  readonly parts: readonly Readonly<Record<string, number | string>>[];
  readonly parameters: number;
  /** Rows at which the target was evaluated in training, with its slopes. */
  readonly gradients: number;
  readonly rival: Rival;
  readonly seconds: number;
  readonly modelHash: string;
  readonly report: ReportExtent;
}
