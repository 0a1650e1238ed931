/** Held-out likelihoods on their way down, the baselines as lines across. */
import { curvesFigure } from "jkoflow/plot";
import type { Figure, FigureContext } from "./figureContext.ts";

/** What the points are of; `along` names what is counted. */
export interface Likelihoods {
  readonly name: string;
  readonly title: string;
  readonly along: string;
  readonly of: string;
  readonly x: readonly number[];
  /** nats */
  readonly y: readonly number[];
}

export function likelihoodFigure(
  { name, title, along, of, x, y }: Likelihoods,
  { baselines, run }: Pick<FigureContext, "baselines" | "run">,
): Figure {
  const svg = curvesFigure({
    title,
    run,
    x: { name: along, unit: "" },
    y: { name: of, unit: "nats" },
    curves: [{ name: "flow", x: [...x], y: [...y], kind: "marked" }],
    references: baselines.map((one) => ({ name: one.name, y: one.validationNll })),
  });
  return { name, svg };
}
