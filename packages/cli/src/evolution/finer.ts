/** The same problem with half the step, in a folder of its own inside the run directory: what --accuracy compares with. */
import type { Engine, EvolutionProblem } from "jkoflow";
import { evolutionSystems } from "jkoflow";
import { matchMoments } from "jkoflow/evaluate";
import { Interrupted } from "../exit.ts";
import type { TrainingOptions } from "../run/recording.ts";
import { createFolder } from "../run/runFolder.ts";
import type { Finer } from "./accuracy.ts";
import { openStored } from "./openStored.ts";
import { type EvolutionRecord, type EvolutionRun, recordKind } from "./record.ts";
import { trainFlow } from "./train.ts";

/** Folder in the run directory. */
export const FINER = "half";

export const finerProblem = (problem: EvolutionProblem): EvolutionProblem => ({ ...problem, step: problem.step / 2 });

/**
 * Of two steps that are compared the noise of the rows counts four times: those of a training then have the mean and the covariance
 * of the start exactly, where these are known. Whoever uses the flow draws from the start as it is.
 */
export function trainedOn(
  { accuracy }: Pick<EvolutionRecord, "accuracy">,
  problem: EvolutionProblem,
): EvolutionProblem {
  const { start } = problem;
  const { moments, sample } = start;
  if (accuracy === undefined || moments === undefined || sample === undefined) return problem;
  const drawn = (key: Parameters<typeof sample>[0], n: number): Float32Array =>
    Float32Array.from(matchMoments(sample(key, n), moments));
  return { ...problem, start: { ...start, sample: drawn } };
}

export async function trainFiner(
  engine: Engine,
  run: EvolutionRun,
  problem: EvolutionProblem,
  options: TrainingOptions,
): Promise<Finer> {
  const { accuracy: _, ...record } = run.record;
  const finer = finerProblem(problem);
  const half: EvolutionRecord = { ...record, problem: { ...record.problem, step: finer.step }, report: "none" };
  const inner = createFolder(recordKind(record.verb), run.path(FINER), half, false);
  try {
    options.watcher.note(`the same with steps of ${finer.step}`);
    const { flow, seconds } = await trainFlow(
      engine,
      inner,
      evolutionSystems[record.system],
      trainedOn(run.record, finer),
      options,
    );
    return { flow: openStored(flow, finer, inner.path("model.safetensors")), seconds };
  } catch (error) {
    // What is resumed is the run, not the folder inside it.
    if (!(error instanceof Interrupted)) throw error;
    throw new Interrupted(error.message.replaceAll(inner.folder, run.folder), error.code);
  } finally {
    inner.release();
  }
}
