/** The figures of a run: losses, likelihood per block, movement, particles, data against samples. */
import { createKey, data, fold, openModel } from "jkoflow";
import { besideCells } from "jkoflow/model";
import {
  curvesFigure,
  type DensityGrid,
  densityFigure,
  gridPoints,
  type Range,
  scatterFigure,
  trajectoriesFigure,
} from "jkoflow/plot";
import type { Figure, FigureContext } from "./figureContext.ts";
import { firstJudged, judgedRows } from "./judged.ts";
import { labelsOf, rowsByLabel } from "./labels.ts";
import { labelMarginals, marginalPages, type Shown } from "./marginalPages.ts";
import { inOwnUnits } from "./ownUnits.ts";
import { progressFigures } from "./progressFigures.ts";

const PARTICLES = 2000;
const GRID = 160;
/** Labels with figures of their own: the most frequent ones. */
const LABELS = 6;
/** Particles are shown after at most this many blocks. */
const STAGES = 8;

/** All figures, or the one that shows data against samples. */
export function drawFigures(context: FigureContext, extent: "all" | "one" = "all"): Figure[] {
  const { engine, trained, kept, problem } = context;
  const open = openModel(engine, kept ?? trained.model);
  try {
    const { table: shown, given } = firstJudged(judgedRows(problem), PARTICLES);
    const key = fold(createKey(context.seed), "plot");
    const users = data.userConditions(given);
    const y = besideCells(open.model, key, shown.rows, users); // samples have cells of their own
    const samples = open.sample(key, shown.rows, { given: y });
    const d = shown.columns.length;
    const { schema } = problem;
    const [rows, drawn] = [inOwnUnits(schema, shown, given), inOwnUnits(schema, samples, y)];
    const own = { run: context.run, rows, samples: drawn, schema };
    const isNumbers =
      schema === undefined ||
      schema.columns.every(({ kind, missing, atoms }) => kind === "number" && !missing && !atoms);
    const figures: Figure[] = [];
    if (users) figures.push(...conditional(context, open, shown, users, own, isNumbers));
    else if (d === 2 && isNumbers) figures.push({ name: "density", svg: density(context, open, shown, samples) });
    else if (d === 1 && isNumbers) figures.push({ name: "density", svg: densityOfOne(context, open, shown) });
    else figures.push(...marginalPages(own));
    if (extent === "one") return figures.slice(0, 1);
    figures.push(...progressFigures(context));
    if (d >= 2) {
      figures.push(...particles(context, shown, given));
    }
    return figures;
  } finally {
    open.dispose();
  }
}

type Open = ReturnType<typeof openModel>;

const pair = (columns: readonly string[]) => ({
  x: { name: columns[0], unit: "" },
  y: { name: columns[1], unit: "" },
});

/** The range of a column, a little wider. */
function rangeOf(table: data.Table, column: number): Range {
  const d = table.columns.length;
  const values = Float32Array.from({ length: table.rows }, (_, i) => table.values[i * d + column]).sort();
  const skip = Math.floor(0.002 * values.length);
  const [low, high] = [values[skip], values[values.length - 1 - skip]];
  const margin = 0.12 * (high - low || 1);
  return [low - margin, high + margin];
}

function density({ run }: FigureContext, open: Open, shown: data.Table, samples: data.Table): string {
  const [x, y] = [rangeOf(shown, 0), rangeOf(shown, 1)];
  const grid: DensityGrid = { x, y, columns: GRID, rows: GRID, values: open.logProb(gridPoints(x, y, GRID, GRID)) };
  const panels = [
    { heading: "model density", grid },
    { heading: "model density and test rows", grid, points: shown.values },
    { heading: "model density and samples", grid, points: samples.values },
  ];
  return densityFigure({ title: "Learned density", run, ...pair(shown.columns), panels });
}

function densityOfOne({ run }: FigureContext, open: Open, shown: data.Table): string {
  const [low, high] = rangeOf(shown, 0);
  const x = Float32Array.from({ length: 400 }, (_, i) => low + ((i + 0.5) / 400) * (high - low));
  const bins = 40;
  const width = (high - low) / bins;
  const share = new Float64Array(bins);
  for (const value of shown.values) {
    const bin = Math.floor((value - low) / width);
    if (bin >= 0 && bin < bins) share[bin] += 1 / (shown.rows * width);
  }
  return curvesFigure({
    title: "Learned density",
    run,
    x: { name: shown.columns[0], unit: "" },
    y: { name: "density", unit: "" },
    curves: [
      { name: "model", x, y: open.logProb(x).map(Math.exp) },
      { name: "rows", x: share.map((_, i) => low + (i + 0.5) * width), y: share, kind: "marked" },
    ],
  });
}

/** By label: densities in the plane, else marginals. All rows together where numbers are given. */
function conditional(
  context: FigureContext,
  open: Open,
  shown: data.Table,
  given: data.ConditionRows,
  own: Shown,
  isNumbers: boolean,
): Figure[] {
  const labels = labelsOf(given);
  const all = marginalPages(own);
  if (labels === undefined) return all;
  const groups = [...rowsByLabel(labels)].slice(0, LABELS).filter(([, rows]) => rows.length > 1);
  if (shown.columns.length !== 2 || !isNumbers) {
    const each = groups.map(([label, rows], k) => ({
      name: `marginals-given-${k + 1}`,
      svg: labelMarginals(own, label, rows),
    }));
    return [...all, ...each];
  }
  const [x, y] = [rangeOf(shown, 0), rangeOf(shown, 1)];
  const points = gridPoints(x, y, GRID, GRID);
  const panels = groups.map(([label, rows]) => {
    const same = data.takeConditions(given, new Int32Array(GRID * GRID).fill(rows[0]));
    const grid: DensityGrid = { x, y, columns: GRID, rows: GRID, values: open.logProb(points, { given: same }) };
    return { heading: `given ${label}`, grid, points: data.takeRows(shown, rows).values };
  });
  const { run } = context;
  return [{ name: "density", svg: densityFigure({ title: "Learned density", run, ...pair(shown.columns), panels }) }];
}

/** The first two standardised coordinates on their way to the normal. */
function particles(
  { engine, run, trained }: FigureContext,
  shown: data.Table,
  given: data.ConditionRows | undefined,
): Figure[] {
  const d = shown.columns.length;
  const open = openModel(engine, trained.model);
  let positions: readonly Float32Array[];
  try {
    positions = open.flow.trajectory(trained.model.standardizer.forward(shown), open.covariates(given));
  } finally {
    open.dispose();
  }
  const plane = positions.map((rows) =>
    Float32Array.from({ length: (2 * rows.length) / d }, (_, i) => rows[(i >> 1) * d + (i & 1)]),
  );
  const unit = ["whiten", "radial"].includes(trained.model.standardizer.toJSON().kind)
    ? "principal component"
    : "standardised column";
  const axes = { x: { name: `first ${unit}`, unit: "" }, y: { name: `second ${unit}`, unit: "" } };
  const last = plane.length - 1;
  const stages =
    last <= STAGES - 1
      ? plane.map((_, k) => k)
      : Array.from({ length: STAGES }, (_, i) => Math.round((i * last) / (STAGES - 1)));
  const panels = stages.map((k) => ({
    heading: k === 0 ? "data" : `after block ${k}`,
    points: plane[k],
    kind: k === 0 ? ("data" as const) : ("model" as const),
  }));
  const figures = [
    { name: "particles", svg: scatterFigure({ title: "Particles through the blocks", run, ...axes, panels }) },
  ];
  if (plane.length >= 2) {
    const svg = trajectoriesFigure({ title: "Paths of particles through the blocks", run, ...axes, positions: plane });
    figures.push({ name: "trajectories", svg });
  }
  return figures;
}
