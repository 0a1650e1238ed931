/** The result of a run of importance-corrected neural JKO in words. */
import { count, counted, duration, small } from "../progress/numbers.ts";
import type { CorrectedMeasures } from "./correctedMeasures.ts";
import { withError } from "./sampledWords.ts";

/** Nats beyond which both bounds on ln Z are apart, and by which twice as many steps of the solver may change the lower one. */
const [APART, SOLVER] = [0.1, 0.02];
/** Of the gauge, with 10,000 rows. */
const GAUGE = 0.02;

/** What can be said of the run as a whole, the worst first. */
export function correctedVerdict(measures: CorrectedMeasures): string {
  const { logZ, logZError, meanLogRatio, exactLogZ, solverGap, gauge, rival, seconds, energyDistance } = measures;
  const width = rival.upperLogZ - meanLogRatio;
  const bounds =
    width > APART + 3 * rival.upperLogZError
      ? `The bounds on ln Z are APART by ${small(width)} nats, ${small(meanLogRatio)} on own rows and ${small(rival.upperLogZ)} on those of SMC: one of both misses a part of the target`
      : `ln Z is between ${small(meanLogRatio)}, on own rows, and ${withError(rival.upperLogZ, rival.upperLogZError)}, on those of SMC; by weights ${withError(logZ, logZError)}`;
  const missed = exactLogZ !== null && Math.abs(logZ - exactLogZ) > 3 * logZError ? ", MISSED by the weights" : "";
  const truth = exactLogZ === null ? "" : `; exact ${small(exactLogZ)}${missed}`;
  const solver =
    Math.abs(solverGap) > SOLVER
      ? `. The solver is too COARSE: twice as many steps change it by ${small(solverGap)}`
      : "";
  const further =
    gauge !== null && Math.abs(gauge) > GAUGE
      ? `. log c of the last rejection is off by ${small(gauge)}: more flows or rejections would gain`
      : "";
  const error = Math.hypot(measures.energyDistanceError ?? 0, rival.energyDistanceError ?? 0);
  const distances = energyDistance !== null && rival.energyDistance !== null;
  const closer = distances && energyDistance < (rival.energyDistance ?? 0) - 2 * error;
  const density = meanLogRatio > rival.meanLogRatio;
  const time = `SMC in ${duration(rival.seconds)}, this run in ${duration(seconds)}`;
  const cheaper = closer
    ? `. Rows are closer to exact ones than those of SMC; ${time}`
    : density
      ? `. Rows of SMC are ${distances ? "as close within two standard errors" : "cheaper"}; the density is better than that of its mixture (${small(rival.meanLogRatio)}); ${time}`
      : `. ENOUGH and cheaper: SMC and its mixture (mean log-ratio ${small(rival.meanLogRatio)}); ${time}: use --system smc`;
  return `${bounds}${truth}${solver}${further}${cheaper}.`;
}

/** Figures with their names: what the table of the page and of the terminal have. */
export function correctedRows(measures: CorrectedMeasures): readonly (readonly [string, string, string])[] {
  const { rival } = measures;
  const distance = ({
    energyDistance: value,
    energyDistanceError: error,
  }: Pick<CorrectedMeasures, "energyDistance" | "energyDistanceError">) =>
    value === null || error === null ? "-" : withError(value, error);
  return [
    ["", "this run", "tempered SMC"],
    ["ln Z, nats", withError(measures.logZ, measures.logZError), withError(rival.logZ, rival.logZError)],
    ["mean ln (target / density), at most ln Z", small(measures.meanLogRatio), small(rival.meanLogRatio)],
    ["effective share of weighted rows", small(measures.ess), small(rival.ess)],
    ["half energy distance to exact rows", distance(measures), distance(rival)],
    ["evaluations of the target and its slopes", count(measures.gradients), count(rival.gradients)],
    ["time", duration(measures.seconds), duration(rival.seconds)],
    ["tail of the weights, k", measures.paretoK === null ? "-" : small(measures.paretoK), ""],
    ["gap of the solver, nats", small(measures.solverGap), ""],
    ["log c less its limit, nats", measures.gauge === null ? "-" : small(measures.gauge), ""],
    ["density carried and at the point, nats apart", small(measures.carriedGap), ""],
    ["passes through a flow for a row", small(measures.passes), ""],
    ["parameters", count(measures.parameters), ""],
  ];
}

/** For the terminal. */
export function correctedSummary(measures: CorrectedMeasures, folder: string): string {
  const { problem, dimension, report } = measures;
  const rows = correctedRows(measures);
  const widths = [0, 1].map((k) => Math.max(...rows.map((cells) => cells[k].length)));
  const page = report === "none" ? "" : `report  ${folder}/report.html\n`;
  const line = ([name, own, other]: readonly string[]): string =>
    `${name.padEnd(widths[0])}  ${own.padEnd(widths[1])}  ${other}`.trimEnd();
  return `
${problem} by importance-corrected neural JKO: ${counted(dimension, "column")}

${rows.map(line).join("\n")}

${correctedVerdict(measures)}

${page}go on   jko sample ${folder} -n 1000 -o rows.csv
        jko logprob ${folder} points.csv -o scores.csv
`;
}
