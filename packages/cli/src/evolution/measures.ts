/** What a run along a flow is worth, in figures; complete.json, report.json and the last line of --json hold them by name. */
import type { ReportExtent } from "../config/reportExtent.ts";

/** One line of the table of results. */
export interface Comparison {
  readonly name: string;
  readonly energy: number | null;
  /** KL(p|q) + KL(q|p) to the exact density at the last time, nats. */
  readonly symKl: number | null;
  readonly seconds: number | null;
  readonly says: string;
}

/** One step of the scheme: names and numbers, in the order of the columns. */
export type StepRow = Readonly<Record<string, number>>;

export interface EvolutionMeasures {
  readonly problem: string;
  readonly system: string;
  readonly dimension: number;
  readonly time: number;
  readonly step: number;
  readonly steps: number;
  /** F at the last time, and its standard error, by fresh points; nats. */
  readonly energy: number;
  readonly energyError: number;
  readonly exactEnergy: number | null;
  readonly startEnergy: number;
  /** Steps at which F went up by more than its standard errors. */
  readonly rises: number;
  readonly symKl: number | null;
  /** SymKL of the exact scheme with this step: what no training can get below. */
  readonly floor: number | null;
  /** Largest |T(T^-1 y) - y| over fresh points. */
  readonly inversionError: number | null;
  readonly parameters: number;
  readonly seconds: number;
  readonly stop: string;
  readonly modelHash: string;
  readonly report: ReportExtent;
  readonly comparison: readonly Comparison[];
  readonly table: readonly StepRow[];
}
