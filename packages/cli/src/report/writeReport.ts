/** report.json, report.html and plots/ of a run whose training is over. */
import { basename, resolve } from "node:path";
import { type Engine, systems } from "jkoflow";
import { writeAtomic } from "../files/atomic.ts";
import { makeInside } from "../files/inside.ts";
import { makeFolder } from "../files/makeFolder.ts";
import { isRound } from "../progress/place.ts";
import { readEvents, readTimes } from "../run/eventLog.ts";
import type { RunProblem } from "../run/problem.ts";
import type { RunDirectory } from "../run/runDirectory.ts";
import { version } from "../version.ts";
import type { Figure, RunModels } from "./figureContext.ts";
import { drawFigures } from "./figures.ts";
import { reportHtml } from "./html.ts";
import type { Baseline } from "./judgedBaselines.ts";
import type { Measures } from "./measures.ts";
import { renderPng } from "./png.ts";

type Run = Pick<RunDirectory, "folder" | "record" | "path">;

export function figuresOf(
  engine: Engine,
  run: Run,
  problem: RunProblem,
  models: RunModels,
  baselines: readonly Baseline[],
  extent: "all" | "one" = "all",
): Figure[] {
  const { seed } = run.record.config;
  const events = readEvents(run.path("events.jsonl"));
  const name = basename(resolve(run.folder));
  return drawFigures({ engine, problem, ...models, events, baselines, seed, run: name }, extent);
}

/**
 * plots/NAME.svg, and NAME.png where the renderer is installed. Returns the paths. `between` is waited for before each
 * figure.
 */
export async function writePictures(
  run: Pick<Run, "path">,
  figures: readonly Figure[],
  elsewhere?: string,
  between: () => Promise<void> = async () => {},
): Promise<string[]> {
  const into = elsewhere ?? run.path("plots");
  if (elsewhere === undefined) makeInside(into);
  else makeFolder(into);
  const paths: string[] = [];
  for (const { name, svg } of figures) {
    await between();
    paths.push(`${into}/${name}.svg`);
    writeAtomic(`${into}/${name}.svg`, svg);
    const png = await renderPng(svg);
    if (png === undefined) continue;
    paths.push(`${into}/${name}.png`);
    writeAtomic(`${into}/${name}.png`, png);
  }
  return paths;
}

export async function writeReport(
  engine: Engine,
  run: Run,
  problem: RunProblem,
  models: RunModels,
  measures: Measures,
  between: () => Promise<void>,
): Promise<void> {
  const { report: extent = "full" } = measures;
  const { record } = run;
  const events = readEvents(run.path("events.jsonl"));
  const steps = events.filter(({ event }) => event === "step");
  const blocks = steps.filter(({ place }) => !isRound(place));
  const stages = steps.filter(({ place }) => isRound(place));
  const { notes } = problem;
  const kernel = engine.kernelId;
  const report = { version, kernel, ...record, result: measures, notes, blocks, stages };
  writeAtomic(run.path("report.json"), `${JSON.stringify(report, null, 2)}\n`);
  if (extent === "none") return;
  const drawn = extent === "full" ? "all" : "one";
  const figures = figuresOf(engine, run, problem, models, measures.baselines, drawn);
  await writePictures(run, figures, undefined, between);
  const title = systems[record.config.system].title;
  const name = basename(resolve(run.folder));
  writeAtomic(
    run.path("report.html"),
    reportHtml({
      run: name,
      title,
      record,
      measures,
      events,
      times: readTimes(run.path("times.jsonl")),
      figures,
      notes,
      kernel,
      version,
    }),
  );
}
