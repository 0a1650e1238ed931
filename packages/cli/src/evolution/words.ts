/** The result of a run along a flow in words. */
import { counted, small } from "../progress/numbers.ts";
import { accuracySays } from "./accuracy.ts";
import { middleTime } from "./along.ts";
import { certificateSays } from "./certificateWords.ts";
import { cheaperSays, comparisonCells, comparisonHeads, fine, withError } from "./comparison.ts";
import type { EvolutionMeasures } from "./measures.ts";
import { stepsSay } from "./steps.ts";
import { towardsSays } from "./towards.ts";

/** What distances are to. */
export const exactOf = ({ exactOf: of }: EvolutionMeasures): string => of ?? "the exact density";

/** What can be said of the run as a whole, the worst first. */
export function verdictOf(measures: EvolutionMeasures): string {
  const { rises, steps, energy, energyError, startEnergy, exactEnergy, symKl, symKlError, floor, gap } = measures;
  const fell =
    rises === 0
      ? `every step lowered F, from ${fine(startEnergy)} to ${fine(energy)} +- ${small(energyError)} nats`
      : `F ROSE at ${counted(rises, "step")} of ${steps}: smaller steps or more updates are needed`;
  const exact = exactEnergy === null ? "" : `; exact ${fine(exactEnergy)}`;
  const distance =
    symKl === null
      ? ""
      : `. SymKL to ${exactOf(measures)} ${withError(symKl, symKlError)}${floor === null ? "" : `, of the exact scheme with this step ${fine(floor)}`}`;
  const cheaper = cheaperSays(measures.comparison);
  const game =
    gap === null
      ? ""
      : `. The duality gap of a step, F less the critic's bound on held-out rows, is at most ${fine(gap)}`;
  return `${fell}${exact}${distance}${game}${towardsSays(measures.towards)}${collisionsSay(measures)}${accuracySays(measures.accuracy)}${cheaper}.`.replace(
    /^./,
    (letter) => letter.toUpperCase(),
  );
}

/** How far the batches of particles went of what training asked for. */
function collisionsSay({ collisions }: EvolutionMeasures): string {
  if (collisions === null) return "";
  const { lambda, determinant, folded } = collisions;
  const bent =
    folded === 0 ? "no batch would have folded" : `${folded === 1 ? "1 batch" : `${folded} batches`} would have folded`;
  return `. Batches of particles went at least ${small(lambda)} of the step that was trained (lambda), and ${bent} in the whole of it; least determinant ${small(determinant)}`;
}

/** For the terminal. */
export function summaryOf(measures: EvolutionMeasures, folder: string): string {
  const { comparison, problem, system, dimension, time, table } = measures;
  const rows = [comparisonHeads, ...comparison.map(comparisonCells)];
  const widths = comparisonHeads.map((_, k) => Math.max(...rows.map((cells) => cells[k].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
      .join("  ")
      .trimEnd();
  const page = measures.report === "none" ? "" : `report  ${folder}/report.html\n`;
  return `
${problem} by ${system}: ${counted(dimension, "column")}, to t = ${small(time)} in ${stepsSay(table)}

${rows.map(line).join("\n")}

${verdictOf(measures)}
${certificateSays(measures.certificate)}

${page}go on   jko sample ${folder} -n 1000 --at ${middleTime(measures)}
`;
}
