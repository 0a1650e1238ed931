/** Figures of the training, from its events alone: losses, held-out likelihood, gain and movement of each block. */
import { barsFigure, curvesFigure } from "jkoflow/plot";
import { isRound, placeOf } from "../progress/place.ts";
import type { Figure, FigureContext } from "./figureContext.ts";
import { likelihoodFigure } from "./likelihoodFigure.ts";
import { stageFigures } from "./stageFigures.ts";

export function progressFigures({
  events,
  baselines,
  run,
}: Pick<FigureContext, "events" | "baselines" | "run">): Figure[] {
  const grown = events.filter(({ place }) => !isRound(place));
  const updates = grown.filter(({ event }) => event === "update");
  const steps = grown.filter(({ event }) => event === "step");
  const figures: Figure[] = [];
  const column = (rows: typeof events, name: string): number[] => rows.map((row) => Number(row[name]));
  const numbered = updates.map((row, i) => ({ ...row, at: i + 1 }));
  const held = numbered.filter((row) => "validationNll" in row);
  const { of } = placeOf((steps[0] ?? updates[0])?.place);
  if (updates.length > 1) {
    figures.push({
      name: "loss",
      svg: curvesFigure({
        title: "Training loss",
        run,
        x: { name: `update, all ${of}s`, unit: "" },
        y: { name: "JKO loss", unit: "nats" },
        curves: [{ name: "loss of the batch", x: column(numbered, "at"), y: column(numbered, "loss") }],
      }),
    });
  }
  if (held.length > 1) {
    const said = { title: "Held-out likelihood in training", along: `update, all ${of}s`, of: "validation NLL" };
    const [x, y] = [column(held, "at"), column(held, "validationNll")];
    figures.push(likelihoodFigure({ name: "validation", ...said, x, y }, { baselines, run }));
  }
  if (steps.length > 0) {
    const groups = steps.map(({ place, accepted }) => {
      const { number, attempt } = placeOf(place);
      return `${number}${attempt > 1 ? "'" : ""}${accepted ? "" : " dropped"}`;
    });
    const bars = (
      name: string,
      title: string,
      y: string,
      unit: string,
      key: string,
      sign: number,
      error?: string,
    ): Figure => {
      const series = {
        name: y,
        values: column(steps, key).map((v) => sign * v),
        ...(error ? { error: column(steps, error) } : {}),
      };
      return {
        name,
        svg: barsFigure({ title, run, groups, x: { name: of, unit: "" }, y: { name: y, unit }, series: [series] }),
      };
    };
    figures.push(
      bars("gains", `What each ${of} gained`, "fall of the validation NLL", "nats", "change", -1, "changeError"),
    );
    figures.push(
      bars("movement", `How far each ${of} moved the rows`, "arc length", "standardised units", "arcLength", 1),
    );
  }
  return [...figures, ...stageFigures({ events, baselines, run })];
}
