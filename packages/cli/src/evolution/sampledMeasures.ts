/** What a run that samples a target leaves: its figures, and the file of its rows. */
import type { ReportExtent } from "../config/reportExtent.ts";

/** What it is worth, in figures; report.json and the last line of --json hold them by name. */
export interface SampledMeasures {
  readonly problem: string;
  readonly system: string;
  readonly dimension: number;
  readonly columns: readonly string[];
  /** ln Z by the way, and its standard error over groups of rows; nats. */
  readonly logZ: number;
  readonly logZError: number;
  /** Of the mixture that was fitted to the rows: E ln w, and ln E w with its standard error, w = target / mixture. */
  readonly meanLogRatio: number;
  readonly weighedLogZ: number;
  readonly weighedLogZError: number;
  readonly ess: number;
  readonly paretoK: number | null;
  /** What is known of the target. */
  readonly exactLogZ: number | null;
  /** Half the energy distance of the rows to exact ones, without bias, and its standard error. */
  readonly energyDistance: number | null;
  readonly energyDistanceError: number | null;
  readonly components: number;
  /** Deviations of the base, in those of the start. */
  readonly width: number;
  readonly temperatures: number;
  readonly acceptance: number;
  /** Rows at which the target was evaluated, with its slopes. */
  readonly gradients: number;
  readonly rows: number;
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly seconds: number;
  readonly rival: null;
  readonly modelHash: string;
  readonly report: ReportExtent;
}

/** The rows. */
export const DRAWS = "draws.npy";
