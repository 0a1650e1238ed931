/** Figures of a run along a flow: energy, its terms, how fast it falls, and the particles at several times. */
import { curvesFigure } from "jkoflow/plot";
import type { Figure } from "../report/figureContext.ts";
import type { StepRow } from "./steps.ts";

/** Columns of the table of steps that are no term of F. */
export const STEP_COLUMNS = [
  "step",
  "time",
  "F",
  "error",
  "exact",
  "moved",
  "dissipation",
  "speed2",
  "gap",
  "lambda",
  "determinant",
  "folded",
  "residual",
  "residualUpper",
  "largestResidual",
  "bound",
  "closed",
] as const;

const isTerm = (name: string): boolean => !STEP_COLUMNS.some((column) => column === name);
const column = (rows: readonly StepRow[], name: string): number[] => rows.map((row) => row[name] ?? Number.NaN);

/** F against the exact one, the terms of F, and its dissipation; rows begin with the start, step 0. */
export function stepFigures(rows: readonly StepRow[], run: string): Figure[] {
  const time = column(rows, "time");
  const x = { name: "time", unit: "" };
  const y = { name: "energy", unit: "nats" };
  const exact = column(rows, "exact");
  const energy = curvesFigure({
    title: "Free energy",
    run,
    x,
    y,
    curves: [
      { name: "F of this run", x: time, y: column(rows, "F"), error: column(rows, "error"), kind: "marked" },
      ...(exact.some(Number.isFinite) ? [{ name: "exact", x: time, y: exact }] : []),
    ],
  });
  const names = Object.keys(rows[0] ?? {}).filter(isTerm);
  const terms = curvesFigure({
    title: "Terms of the free energy",
    run,
    x,
    y,
    curves: names.map((name) => ({ name, x: time, y: column(rows, name), kind: "marked" })),
  });
  const later = rows.slice(1);
  const middle = later.map((row, i) => (row.time + rows[i].time) / 2);
  const dissipation = curvesFigure({
    title: "Dissipation",
    run,
    x,
    y: { name: "rate", unit: "nats per time" },
    curves: [
      { name: "-dF/dt", x: middle, y: column(later, "dissipation"), kind: "marked" },
      { name: "mean square speed", x: middle, y: column(later, "speed2"), kind: "marked" },
    ],
  });
  return [
    { name: "energy", svg: energy, note: "F by fresh particles, with its standard error." },
    {
      name: "dissipation",
      svg: dissipation,
      note: "Along a gradient flow F falls at the rate of the mean square speed of the particles: the two curves meet as the step size falls.",
    },
    ...(names.length > 1 ? [{ name: "terms", svg: terms }] : []),
  ];
}

/** Pictures that a page has room for. */
const MOST_FRAMES = 41;

/** At most 41 of the times, the first and the last among them. */
export function frameTimes(count: number): number[] {
  const most = Math.min(count, MOST_FRAMES);
  return [...new Set(Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, most - 1))))];
}
