/** Figures as text, tables of fits, and the time to a target. */
import type { Estimate } from "../../packages/jkoflow/src/evaluate/index.ts";
import type { Fit } from "./fit.ts";
import { markdownTable, median } from "./measure.ts";

/** A number with so many decimals; a dash for none. */
export const fixed = (value: number | null | undefined, decimals: number): string =>
  value === null || value === undefined || !Number.isFinite(value) ? "-" : value.toFixed(decimals);

/** Two cells: a mean and its standard error. */
export const meanAndError = ({ mean, standardError }: Estimate, decimals: number): [string, string] => [
  fixed(mean, decimals),
  fixed(standardError, decimals),
];

/** One line a fit. */
export function fitTable(fits: readonly Fit[]): string {
  const head = [
    "model",
    "seed",
    "blocks",
    "updates",
    "parameters",
    "CPU s",
    "wall s",
    "MiB",
    "validation NLL",
    "test NLL",
    "s.e.",
    "gap",
    "inversion",
  ];
  const rows = fits.map((fit) => [
    fit.detail === "" ? fit.method : `${fit.method} (${fit.detail})`,
    String(fit.seed),
    fit.blocks.length === 0 ? "-" : String(acceptedBlocks(fit)),
    fit.updates === 0 ? "-" : String(fit.updates),
    String(fit.parameters),
    fixed(fit.cpuSeconds, 1),
    fixed(fit.wallSeconds, 1),
    fixed(fit.peakMiB, 0),
    fixed(fit.validationNll, 3),
    fixed(fit.testNll, 3),
    fixed(fit.standardError, 3),
    fixed(fit.gap, 4),
    fit.inversionError === null ? "-" : fit.inversionError.toExponential(1),
  ]);
  return markdownTable([head, ...rows]);
}

/** One line a try of a block. */
export function blockTable(fits: readonly Fit[]): string {
  const head = ["model", "seed", "block", "h", "updates", "CPU s", "validation NLL", "test NLL", "gap", "verdict"];
  const rows = fits.flatMap((fit) =>
    fit.blocks.map((line) => [
      fit.method,
      String(fit.seed),
      String(line.block),
      fixed(line.stepSize, 2),
      String(line.updates),
      fixed(line.cpuSeconds, 1),
      fixed(line.validationNll, 3),
      fixed(line.testNll, 3),
      fixed(line.gap, 4),
      line.verdict,
    ]),
  );
  return markdownTable([head, ...rows]);
}

const acceptedBlocks = (fit: Fit): number => fit.blocks.filter(({ accepted }) => accepted).length;

/** CPU seconds up to the end of the first accepted block whose test NLL is at the target or below; Infinity for never. */
export function secondsTo(fit: Fit, target: number): number {
  const line = fit.blocks.find(({ testNll }) => testNll !== null && testNll <= target);
  return line?.cpuSeconds ?? Number.POSITIVE_INFINITY;
}

export interface TimeToTarget {
  readonly target: number;
  /** Medians over seeds; Infinity when the median seed never got there. */
  readonly ours: number;
  readonly peer: number;
}

export const timeToTarget = (ours: readonly Fit[], peer: readonly Fit[], target: number): TimeToTarget => ({
  target,
  ours: median(ours.map((fit) => secondsTo(fit, target))),
  peer: median(peer.map((fit) => secondsTo(fit, target))),
});

export function targetTable(times: readonly TimeToTarget[]): string {
  const seconds = (value: number): string => (Number.isFinite(value) ? value.toFixed(1) : "- (not reached)");
  const rows = times.map(({ target, ours, peer }) => [
    target.toFixed(2),
    seconds(ours),
    seconds(peer),
    Number.isFinite(ours) && Number.isFinite(peer) ? (ours / peer).toFixed(2) : "-",
  ]);
  return markdownTable([["test NLL", "CPU s, ours", "CPU s, PyTorch", "ours / PyTorch"], ...rows]);
}
