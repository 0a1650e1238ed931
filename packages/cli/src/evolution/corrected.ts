/** A run of importance-corrected neural JKO: from the start or from a checkpoint to complete.json. */
import {
  chain,
  createKey,
  type Engine,
  type EvolutionProblem,
  fold,
  InputError,
  type Key,
  type Settings,
} from "jkoflow";
import { weigh } from "jkoflow/evaluate";
import {
  type NeuralJkoIcEvent,
  type NeuralJkoIcResult,
  type NeuralJkoIcState,
  neuralJkoIc,
  temperedSmc,
} from "jkoflow/systems";
import { readInside } from "../files/inside.ts";
import { eventLine } from "../progress/eventLine.ts";
import { small } from "../progress/numbers.ts";
import { createPhases } from "../progress/phases.ts";
import { placeOf } from "../progress/place.ts";
import { sealRun } from "../report/complete.ts";
import { readEventLines, readTimes } from "../run/eventLog.ts";
import { createPause } from "../run/pause.ts";
import { recordTraining, sha256, type TrainingOptions, writeModel } from "../run/recording.ts";
import type { CorrectedMeasures, Rival } from "./correctedMeasures.ts";
import { writeCorrectedReport } from "./correctedReport.ts";
import type { AskedProblem } from "./problemOf.ts";
import type { EvolutionRecord, EvolutionRun } from "./record.ts";
import { distanceTo } from "./sampled.ts";

type Found = Omit<CorrectedMeasures, "seconds" | "energyDistance" | "energyDistanceError" | "exactLogZ" | "rival">;

/** Rows that are compared with exact ones, and rows of SMC at which the sampler is asked for its density. */
const [COMPARED, WITNESSES] = [10_000, 2000];

export async function finishCorrected(
  engine: Engine,
  run: EvolutionRun,
  { problem, notes }: AskedProblem,
  options: TrainingOptions,
): Promise<CorrectedMeasures> {
  const { watcher, signals } = options;
  const { seed, report: extent, settings } = run.record;
  const { found, seconds } = await trainSampler(engine, run, problem, options);
  const phases = createPhases(watcher, extent);
  const pause = createPause(run, signals, phases);
  const open = neuralJkoIc.open(engine, problem, readSampler(run)!.model, settings);
  try {
    await pause("drawing rows ...");
    const rows = Float32Array.from(open.sample(fold(createKey(seed), "rows"), COMPARED).values);
    const known = { ...distanceTo(problem, rows, seed), exactLogZ: problem.exact?.of === "the target" ? 0 : null };
    await pause("tempered SMC on the same target ...");
    const rival = await rivalOf(engine, problem, open, run.record, pause);
    const measures: CorrectedMeasures = { ...found, ...known, rival, seconds };
    await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
    await writeCorrectedReport(run, problem, measures, rows, engine.kernelId, notes, pause);
    phases.end(seconds);
    sealRun(run, readEventLines(run.path("events.jsonl")), found.modelHash, found.modelHash);
    return measures;
  } finally {
    open.dispose();
  }
}

/** What rows will cost, before anything is trained. */
function costOf(settings: Settings): string {
  const { flowsBefore, rejectionFlows, updates, batchSize } = neuralJkoIc.check(settings);
  const flows = flowsBefore + rejectionFlows;
  const rows = flows * updates * batchSize;
  return `${flows} flows, ${small(rows / 1e6)} million rows of training; a row of the sampler will take ${small(neuralJkoIc.passes(settings))} passes through a flow, each rejection step ${small(neuralJkoIc.check(settings).rejectionRate * 100)} % more`;
}

async function trainSampler(
  engine: Engine,
  run: EvolutionRun,
  problem: EvolutionProblem,
  options: TrainingOptions,
): Promise<{ readonly found: Found; readonly seconds: number }> {
  const before = readSampler(run);
  if (before !== undefined) return before;
  const { seed, settings } = run.record;
  const { flowsBefore, rejectionFlows, rejections } = neuralJkoIc.check(settings);
  const all = flowsBefore + rejectionFlows * (1 + rejections);
  options.watcher.note(costOf(settings));
  const { result: found, seconds } = await recordTraining<NeuralJkoIcEvent, NeuralJkoIcResult, Found>(
    engine,
    run,
    options,
    {
      begin: (state, pause) =>
        neuralJkoIc.run({
          ...{ engine, problem, settings, pause, key: fold(createKey(seed), "train") },
          resume: state as NeuralJkoIcState | undefined,
        }),
      lineOf: eventLine,
      show: (event) => options.watcher.event(event, Math.max(0, placeOf(event.place).number - 1) / all),
      stateOf: ({ type, state }) => (type === "start" ? undefined : { state, isMilestone: type === "step" }),
      end: (result) => {
        const made = keep(run, problem, result);
        return { line: { event: "trained", ...made }, result: made };
      },
    },
  );
  return { found, seconds };
}

function keep(run: EvolutionRun, problem: EvolutionProblem, result: NeuralJkoIcResult): Found {
  const { model, figures, reports, gradients } = result;
  const modelHash = writeModel(run, chain.encodeCorrected(model));
  const { logZ, logZError, meanLogRatio, ess, paretoK, solverGap, gauge = null, carriedGap, passes } = figures;
  const maps = model.parts.flatMap((part) => ("weights" in part ? [part.weights.length] : []));
  return {
    ...{ problem: problem.title, system: neuralJkoIc.name, dimension: problem.dimension, columns: problem.columns },
    ...{ logZ, logZError, meanLogRatio, ess, paretoK: Number.isFinite(paretoK) ? paretoK : null },
    ...{ solverGap, gauge, carriedGap, passes, parameters: maps.reduce((a, b) => a + b, 0) },
    ...{ parts: reports.map((report) => ({ ...report })), gradients, modelHash, report: run.record.report },
  };
}

/** The sampler of a run whose training is over, if its file has the bytes that the log speaks of. */
export function readSampler(
  run: Pick<EvolutionRun, "path">,
): { readonly found: Found; readonly seconds: number; readonly model: chain.CorrectedModel } | undefined {
  const line = readEventLines(run.path("events.jsonl")).at(-1);
  const path = run.path("model.safetensors");
  const bytes = readInside(path);
  if (line?.event !== "trained" || bytes === undefined || sha256(bytes) !== line.modelHash) return undefined;
  const { event: _, ...found } = line;
  const seconds = readTimes(run.path("times.jsonl")).findLast((time) => time.event === "trained")?.seconds ?? 0;
  return { found: found as unknown as Found, seconds, model: chain.decodeCorrected(bytes, path) };
}

/** @throws InputError for a run that is not trained to its end. */
export function samplerOf(folder: string): NonNullable<ReturnType<typeof readSampler>> {
  const stored = readSampler({ path: (name) => `${folder}/${name}` });
  if (stored !== undefined) return stored;
  const fix = `finish it by jko resume ${folder}`;
  throw new InputError({ where: folder, came: "a run without a finished model", expected: "a trained run", fix });
}

/** Tempered SMC with as many rows as the start was fitted to, else by its defaults, and its rows as a witness from outside: none of the sampler's own figures sees what it lacks. */
async function rivalOf(
  engine: Engine,
  problem: EvolutionProblem,
  open: chain.OpenCorrected,
  { seed, settings: { population } }: Pick<EvolutionRecord, "seed" | "settings">,
  pause: () => Promise<void>,
): Promise<Rival> {
  const began = performance.now();
  const key: Key = fold(createKey(seed), "rival");
  const run = temperedSmc.run({
    engine,
    problem,
    settings: { ...temperedSmc.defaults, population },
    key,
    pause: () => pause(),
  });
  let next = await run.next();
  while (!next.done) next = await run.next();
  const seconds = (performance.now() - began) / 1000;
  const { rows, logZ, logZError, weighed, evaluations: gradients } = next.value;
  const d = problem.dimension;
  const some = rows.subarray(0, Math.min(WITNESSES * d, rows.length));
  const ratios = chain.logWeightsOf(open.chain.target, {
    rows: Float64Array.from(some),
    logProb: open.logProb(some),
  });
  const { meanLogRatio: upperLogZ } = weigh(ratios);
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - upperLogZ) ** 2, 0) / (ratios.length - 1);
  return {
    ...{ name: temperedSmc.title, logZ, logZError, meanLogRatio: weighed.meanLogRatio, ess: weighed.ess, gradients },
    ...{ seconds, upperLogZ, upperLogZError: Math.sqrt(variance / ratios.length), ...distanceTo(problem, rows, seed) },
  };
}
