/** The files of a finished run along a flow: report.json, report.html, plots/, steps.csv, and arrays for other programs. */
import { basename, resolve } from "node:path";
import type { EvolutionProblem } from "jkoflow";
import { gridPoints, type Snapshot, snapshotFrames, snapshotsFigure } from "jkoflow/plot";
import { writeAtomic } from "../files/atomic.ts";
import { small } from "../progress/numbers.ts";
import type { Figure } from "../report/figureContext.ts";
import { writePictures } from "../report/writeReport.ts";
import { version } from "../version.ts";
import type { Along, OpenFlow } from "./along.ts";
import { rangeOf, writeDensity, writeTrajectory } from "./arrays.ts";
import { frameTimes, stepFigures } from "./figures.ts";
import type { EvolutionMeasures, Measured } from "./measures.ts";
import { evolutionPage } from "./page.ts";
import type { EvolutionRun } from "./record.ts";
import type { StepRow } from "./steps.ts";

/** Particles in pictures and files. */
const PARTICLES = 1000;
/** Cells along a side of the grid on which an exact density is drawn, and places of a profile. */
const [CELLS, PLACES] = [60, 241];
/** Pictures of the still figure. */
const STILLS = 4;

export async function writeFlowReport(
  run: Pick<EvolutionRun, "folder" | "record" | "path">,
  problem: EvolutionProblem,
  { measures, along }: Measured,
  flow: OpenFlow,
  kernel: string,
  notes: readonly string[],
  pause: (phase?: string) => Promise<void>,
): Promise<void> {
  const report = { version, kernel, ...run.record, result: measures, notes };
  writeAtomic(run.path("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  writeAtomic(run.path("steps.csv"), csvOf(measures.table));
  writeTrajectory(run, along, PARTICLES);
  if (measures.report === "none") return;
  if (measures.report === "full") await writeDensity(run, flow, along, stillsOf(along), pause);
  const name = basename(resolve(run.folder));
  const figures = figuresOfFlow(problem, measures, along, name);
  if (measures.report === "full") await writePictures(run, figures, undefined, pause);
  const shown = snapshotsOf(problem, along, frameTimes(along.times.length));
  const caption = captionOf(problem, name);
  const frames = snapshotFrames({ ...caption, snapshots: shown }).map((svg, i) => ({ svg, heading: shown[i].heading }));
  writeAtomic(
    run.path("report.html"),
    evolutionPage({
      run: name,
      title: problem.title,
      record: run.record,
      measures,
      frames,
      framesSay: sayOf(problem),
      figures: figures.filter(({ name: figure }) => figure !== "flow"),
      notes,
      kernel,
      version,
    }),
  );
}

/** What jko plot draws too. */
export function figuresOfFlow(
  problem: EvolutionProblem,
  measures: EvolutionMeasures,
  along: Along,
  run: string,
): Figure[] {
  const flow = snapshotsFigure({ ...captionOf(problem, run), snapshots: snapshotsOf(problem, along, stillsOf(along)) });
  return [{ name: "flow", svg: flow }, ...stepFigures(measures.table, run)];
}

/** The steps whose times are in the still figure, the start among them. */
function stillsOf({ times }: Along): number[] {
  const last = times.length - 1;
  return [...new Set(Array.from({ length: STILLS }, (_, i) => Math.round((i * last) / (STILLS - 1))))];
}

function captionOf(problem: EvolutionProblem, run: string) {
  const [first, second] = problem.columns;
  const y = second === undefined ? {} : { y: { name: second, unit: "" } };
  const compared =
    problem.exact?.logDensityAt && problem.dimension <= 2 ? { compared: problem.exact.of ?? "exact" } : {};
  const title = problem.dimension === 1 ? "Density along the flow" : "Particles along the flow, by their log-density";
  return { title, run, x: { name: first, unit: "" }, ...y, ...compared };
}

const sayOf = ({ dimension, exact }: EvolutionProblem): string => {
  const what =
    dimension === 1
      ? "The density of the flow at its particles."
      : `${PARTICLES} particles${dimension > 2 ? ", the first two of their columns" : ""}; dark is dense, by the log-density that the flow itself gives.`;
  const whose = exact?.of ?? "the exact density";
  const lines = dimension === 1 ? whose : `50 and 95 % of the mass of ${whose}`;
  return exact?.logDensityAt && dimension <= 2 ? `${what} Dashed: ${lines}.` : what;
};

function snapshotsOf({ dimension: d, exact }: EvolutionProblem, along: Along, chosen: readonly number[]): Snapshot[] {
  const shown = Math.min(2, d);
  const clouds = chosen.map((k) => {
    const n = Math.min(PARTICLES, along.logDensity[k].length);
    return Float64Array.from({ length: n * shown }, (_, i) => along.points[k][Math.floor(i / shown) * d + (i % shown)]);
  });
  const [x, y] = [rangeOf(clouds, 0, shown), rangeOf(clouds, shown - 1, shown)];
  return chosen.map((k, i) => {
    const time = along.times[k];
    const points = clouds[i];
    const logDensity = along.logDensity[k].subarray(0, points.length / shown);
    const snapshot = { heading: `t = ${small(time)}`, points, logDensity };
    const at = exact?.logDensityAt;
    if (at === undefined || d > 2) return snapshot;
    if (d === 1) {
      const places = Float64Array.from({ length: PLACES }, (_, j) => x[0] + (j / (PLACES - 1)) * (x[1] - x[0]));
      return { ...snapshot, profile: { x: places, logDensity: places.map((place) => at([place], time)) } };
    }
    const cells = gridPoints(x, y, CELLS, CELLS);
    const values = Float64Array.from({ length: CELLS * CELLS }, (_, j) => at(cells.subarray(2 * j, 2 * j + 2), time));
    return { ...snapshot, grid: { x, y, columns: CELLS, rows: CELLS, values } };
  });
}

function csvOf(rows: readonly StepRow[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => names.map((name) => row[name] ?? "").join(","));
  return `${[names.join(","), ...lines].join("\n")}\n`;
}
