/** The result of a run along a flow in words. */
import { counted, duration, nats, small } from "../progress/numbers.ts";
import { middleTime } from "./along.ts";
import type { Comparison } from "./comparison.ts";
import type { EvolutionMeasures } from "./measures.ts";

/** nats, but small ones to three digits. */
export const fine = (value: number | null): string =>
  value === null ? "-" : Math.abs(value) < 0.1 ? small(value) : nats(value);

/** What distances are to. */
export const exactOf = ({ exactOf: of }: EvolutionMeasures): string => of ?? "the exact density";

/** What can be said of the run as a whole, the worst first. */
export function verdictOf(measures: EvolutionMeasures): string {
  const { rises, steps, energy, energyError, startEnergy, exactEnergy, symKl, floor, comparison } = measures;
  const fell =
    rises === 0
      ? `every step lowered F, from ${fine(startEnergy)} to ${fine(energy)} +- ${small(energyError)} nats`
      : `F ROSE at ${counted(rises, "step")} of ${steps}: smaller steps or more updates are needed`;
  const exact = exactEnergy === null ? "" : `; exact ${fine(exactEnergy)}`;
  const best = comparison.slice(1).filter(({ symKl: other }) => other !== null && symKl !== null && other < symKl);
  const cheaper = best.find(({ seconds }) => seconds !== null && seconds < measures.seconds);
  const distance =
    symKl === null
      ? ""
      : `. SymKL to ${exactOf(measures)} ${fine(symKl)}${floor === null ? "" : `, of the exact scheme with this step ${fine(floor)}`}`;
  const loses = cheaper === undefined ? "" : `. ${cheaper.name} is CLOSER and cheaper here: ${fine(cheaper.symKl)}`;
  return `${fell}${exact}${distance}${loses}.`.replace(/^./, (letter) => letter.toUpperCase());
}

export const comparisonHeads: readonly string[] = ["", "F, nats", "SymKL", "time"];

export const comparisonCells = ({ name, energy, symKl, seconds }: Comparison): readonly string[] => [
  name,
  fine(energy),
  fine(symKl),
  seconds === null ? "-" : duration(seconds),
];

/** For the terminal. */
export function summaryOf(measures: EvolutionMeasures, folder: string): string {
  const { comparison, problem, system, dimension, time, steps, step } = measures;
  const rows = [comparisonHeads, ...comparison.map(comparisonCells)];
  const widths = comparisonHeads.map((_, k) => Math.max(...rows.map((cells) => cells[k].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
      .join("  ")
      .trimEnd();
  const page = measures.report === "none" ? "" : `report  ${folder}/report.html\n`;
  return `
${problem} by ${system}: ${counted(dimension, "column")}, to t = ${small(time)} in ${counted(steps, "step")} of ${small(step)}

${rows.map(line).join("\n")}

${verdictOf(measures)}

${page}go on   jko sample ${folder} -n 1000 --at ${middleTime(measures)}
`;
}
