/** Figures of the stages after growth: the held-out likelihood from round to round, and the arc lengths of the blocks. */
import { curvesFigure } from "jkoflow/plot";
import { isRound, placeOf, stageOf } from "../progress/place.ts";
import type { Figure, FigureContext } from "./figureContext.ts";
import { likelihoodFigure } from "./likelihoodFigure.ts";

/** A list as events have it. */
export const numbersOf = (list: unknown): number[] => String(list).split(" ").filter(Boolean).map(Number);

/** Rounds whose arc lengths are drawn, at most. */
const DRAWN = 6;

export function stageFigures({
  events,
  baselines,
  run,
}: Pick<FigureContext, "events" | "baselines" | "run">): Figure[] {
  const stages = events.filter(
    ({ event, place, updates, accepted }) =>
      event === "step" && isRound(place) && (Number(updates) > 0 || accepted === 1),
  );
  if (stages.length === 0) return [];
  const figures: Figure[] = [];
  const nll = stages.map((row) => Number(row.validationNll));
  if (nll.every(Number.isFinite)) {
    const y = [Number(stages[0].nllBefore), ...nll];
    const said = { title: "Held-out likelihood after growth", along: "round", of: "validation NLL of the best flow" };
    figures.push(likelihoodFigure({ name: "stages", ...said, x: y.map((_, i) => i), y }, { baselines, run }));
  }
  const grown = events.filter(({ event, place, accepted }) => event === "step" && !isRound(place) && accepted === 1);
  const rounds = stages.filter(({ place }) => stageOf(place) === "reparameterise");
  if (rounds.length === 0) return figures;
  const lines = [
    { name: "growth", y: grown.map(({ arcLength }) => Number(arcLength)) },
    ...rounds.map(({ place, arcLengths }) => ({ name: `round ${placeOf(place).number}`, y: numbersOf(arcLengths) })),
  ];
  const drawn = lines.filter(
    (_, i) => lines.length <= DRAWN || i % Math.ceil(lines.length / DRAWN) === 0 || i === lines.length - 1,
  );
  figures.push({
    name: "arcs",
    svg: curvesFigure({
      title: "Arc lengths of the blocks, round by round",
      run,
      x: { name: "block", unit: "" },
      y: { name: "arc length", unit: "standardised units" },
      curves: drawn.map(({ name, y }) => ({ name, x: y.map((_, k) => k + 1), y, kind: "marked" as const })),
    }),
  });
  return figures;
}
