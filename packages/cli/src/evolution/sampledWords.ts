/** The result of a run that samples a target, in words. */
import { count, counted, duration, small } from "../progress/numbers.ts";
import type { SampledMeasures } from "./sampledMeasures.ts";

/** Tails of weights beyond which figures of them cannot be trusted (A. Vehtari et al., J. Mach. Learn. Res. 25 (2024)). */
const HEAVY = 0.7;
/** Share of the rows below which weights leave too few. */
const FEW = 0.1;

/** What can be said of the run as a whole, the worst first. */
export function sampledVerdict(measures: SampledMeasures): string {
  const { logZ, logZError, weighedLogZ, weighedLogZError, ess, paretoK, exactLogZ, acceptance } = measures;
  const apart = Math.abs(logZ - weighedLogZ);
  const error = Math.hypot(logZError, weighedLogZError);
  const ways =
    apart > 3 * error + 0.01
      ? `The two estimates of ln Z DISAGREE by ${small(apart)} nats, ${small(apart / error)} standard errors: rows or mixture miss a part of the target; ask for more by --set population=${4 * measures.rows}`
      : `Both estimates of ln Z agree, ${withError(logZ, logZError)} by the way and ${withError(weighedLogZ, weighedLogZError)} by the weights of the mixture`;
  const misses = (found: number, error: number): boolean =>
    exactLogZ !== null && Math.abs(found - exactLogZ) > 3 * error;
  const missed = [
    ...(misses(logZ, logZError) ? ["the way"] : []),
    ...(misses(weighedLogZ, weighedLogZError) ? ["the mixture"] : []),
  ];
  const missing = missed.length > 0 ? `, MISSED by ${missed.join(" and ")}` : "";
  const truth = exactLogZ === null ? "" : `; exact ${small(exactLogZ)}${missing}`;
  const heavy = paretoK !== null && paretoK > HEAVY;
  const weights = heavy
    ? `. The largest weights of the mixture have a HEAVY tail (k ${small(paretoK)}, above ${HEAVY}): take the rows, not the mixture's density`
    : ess < FEW
      ? `. Few rows of the mixture carry the weight (effective share ${small(ess)}): take the rows, not the mixture's density`
      : "";
  const stuck = acceptance < 0.3 ? `. Only ${small(100 * acceptance)} % of the last moves were accepted` : "";
  return `${ways}${truth}${weights}${stuck}.`;
}

export const withError = (value: number, error: number): string => `${small(value)} +- ${small(error)}`;

/** Figures with their names: what the table of the page and of the terminal have. */
export function sampledRows(measures: SampledMeasures): readonly (readonly [name: string, value: string])[] {
  const { logZ, logZError, meanLogRatio, weighedLogZ, weighedLogZError, ess, paretoK, components } = measures;
  const { energyDistance, energyDistanceError, gradients, temperatures, width, acceptance, rows, seconds } = measures;
  return [
    ["ln Z, by the way", `${withError(logZ, logZError)} nats`],
    ["ln Z, by weights of the mixture", `${withError(weighedLogZ, weighedLogZError)} nats`],
    ["mean ln (target / mixture)", `${small(meanLogRatio)} nats, at most ln Z`],
    ["effective share of weighted rows", small(ess)],
    ["tail of the weights, k", paretoK === null ? "-" : small(paretoK)],
    ...(energyDistance === null || energyDistanceError === null
      ? []
      : [["half energy distance to exact rows", withError(energyDistance, energyDistanceError)] as const]),
    ["rows", count(rows)],
    ["mixture", counted(components, "Gaussian")],
    ["base", `${small(width)} times as wide as the start`],
    ["temperatures", `${temperatures}, ${small(100 * acceptance)} % of the last moves accepted`],
    ["evaluations of the target and its slopes", count(gradients)],
    ["time", duration(seconds)],
  ];
}

/** For the terminal. */
export function sampledSummary(measures: SampledMeasures, folder: string): string {
  const { problem, dimension, report } = measures;
  const rows = sampledRows(measures);
  const width = Math.max(...rows.map(([name]) => name.length));
  const page = report === "none" ? "" : `report  ${folder}/report.html\n`;
  return `
${problem} by tempered SMC: ${counted(dimension, "column")}

${rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n")}

${sampledVerdict(measures)}

rows    ${folder}/draws.npy
${page}go on   jko sample ${folder} -n 1000 -o rows.csv
        jko logprob ${folder} points.csv -o scores.csv
`;
}
