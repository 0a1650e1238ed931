/** A run that samples a target without training: from the start or from a checkpoint to complete.json. */
import {
  createKey,
  data,
  type Engine,
  type EvolutionProblem,
  encodeModel,
  fold,
  InputError,
  io,
  random,
} from "jkoflow";
import { energyDistance } from "jkoflow/evaluate";
import { mixtureModel } from "jkoflow/model";
import { type SmcEvent, type SmcResult, type SmcRunState, temperedSmc } from "jkoflow/systems";
import type { ReportExtent } from "../config/reportExtent.ts";
import { writeAtomic } from "../files/atomic.ts";
import { readInside } from "../files/inside.ts";
import { eventLine } from "../progress/eventLine.ts";
import { createPhases } from "../progress/phases.ts";
import { sealRun } from "../report/complete.ts";
import { readEventLines, readTimes } from "../run/eventLog.ts";
import { createPause } from "../run/pause.ts";
import { recordTraining, sha256, type TrainingOptions, writeModel } from "../run/recording.ts";
import type { AskedProblem } from "./problemOf.ts";
import type { EvolutionRun } from "./record.ts";
import { DRAWS, type SampledMeasures } from "./sampledMeasures.ts";
import { writeSampledReport } from "./sampledReport.ts";

type Found = Omit<SampledMeasures, "seconds" | "energyDistance" | "energyDistanceError" | "exactLogZ">;

export async function finishSampled(
  engine: Engine,
  run: EvolutionRun,
  { problem, notes }: AskedProblem,
  options: TrainingOptions,
): Promise<SampledMeasures> {
  const { watcher, signals } = options;
  const { seed, report: extent } = run.record;
  const { found, seconds } = await sampleTarget(engine, run, problem, options);
  const phases = createPhases(watcher, extent);
  const pause = createPause(run, signals, phases);
  await pause("comparing with exact rows ...");
  const rows = await readDraws(run);
  const known = { ...distanceTo(problem, rows, seed), exactLogZ: problem.exact?.of === "the target" ? 0 : null };
  const measures: SampledMeasures = { ...found, ...known, seconds };
  await pause(extent === "none" ? "writing the report ..." : "drawing the report ...");
  await writeSampledReport(run, problem, measures, rows, engine.kernelId, notes, pause);
  phases.end(seconds);
  sealRun(run, readEventLines(run.path("events.jsonl")), found.modelHash, found.modelHash);
  return measures;
}

interface SampledTarget {
  readonly found: Found;
  readonly seconds: number;
}

/** Samples, or goes on from the newest checkpoint; a run that is already sampled is only read. */
async function sampleTarget(
  engine: Engine,
  run: EvolutionRun,
  problem: EvolutionProblem,
  options: TrainingOptions,
): Promise<SampledTarget> {
  const before = finished(run);
  if (before !== undefined) return before;
  const { seed, report, settings } = run.record;
  const { result: found, seconds } = await recordTraining<SmcEvent, SmcResult, Found>(engine, run, options, {
    begin: (state, pause) =>
      temperedSmc.run({
        ...{ engine, problem, settings, pause, key: fold(createKey(seed), "sample") },
        resume: state as SmcRunState | undefined,
      }),
    lineOf: eventLine,
    show: (event) => options.watcher.event(event, Number(event.values.temperature ?? 0)),
    stateOf: ({ type, state }) => (type === "start" ? undefined : { state, isMilestone: false }),
    end: (result) => {
      const made = keep(run, problem, result, report);
      return { line: { event: "trained", ...made }, result: made };
    },
  });
  return { found, seconds };
}

/** Writes the rows, and the mixture that was fitted to them as the model: it gives rows and log-densities without end. */
function keep(run: EvolutionRun, problem: EvolutionProblem, result: SmcResult, report: ReportExtent): Found {
  const { columns, dimension: d } = problem;
  const { rows, mixture, weighed } = result;
  writeAtomic(run.path(DRAWS), io.writeNpy(rows, [rows.length / d, d]));
  const table = data.createTable(rows, columns);
  const plain = data.fitStandardizer(table, { kind: "none" });
  const modelHash = writeModel(run, encodeModel(mixtureModel(temperedSmc.name, plain, { mixture }, table)));
  const { means, deviations } = spreadOf(rows, d);
  const { logZ, logZError, temperatures, acceptance, evaluations: gradients } = result;
  return {
    ...{ problem: problem.title, system: temperedSmc.name, dimension: d, columns, logZ, logZError },
    ...{ meanLogRatio: weighed.meanLogRatio, weighedLogZ: weighed.logZ, weighedLogZError: weighed.logZError },
    ...{ ess: weighed.ess, paretoK: Number.isFinite(weighed.paretoK) ? weighed.paretoK : null },
    ...{ components: mixture.weights.length, temperatures, acceptance, gradients, rows: rows.length / d },
    ...{ means, deviations, rival: null, modelHash, report },
  };
}

/** What a run found whose sampling is over, if its files have the bytes that the log speaks of. */
function finished(run: EvolutionRun): SampledTarget | undefined {
  const line = readEventLines(run.path("events.jsonl")).at(-1);
  const bytes = readInside(run.path("model.safetensors"));
  const draws = readInside(run.path(DRAWS));
  if (line?.event !== "trained" || draws === undefined) return undefined;
  if (bytes === undefined || sha256(bytes) !== line.modelHash) return undefined;
  const { event: _, ...found } = line;
  const seconds = readTimes(run.path("times.jsonl")).findLast((time) => time.event === "trained")?.seconds ?? 0;
  return { found: found as unknown as Found, seconds };
}

function spreadOf(rows: Float32Array, d: number): Pick<SampledMeasures, "means" | "deviations"> {
  const n = rows.length / d;
  const means = new Array<number>(d).fill(0);
  rows.forEach((value, at) => {
    means[at % d] += value / n;
  });
  const squares = new Array<number>(d).fill(0);
  rows.forEach((value, at) => {
    squares[at % d] += (value - means[at % d]) ** 2 / (n - 1);
  });
  return { means, deviations: squares.map(Math.sqrt) };
}

/** Parts in which a distance is taken: the spread of them is its error. */
const PARTS = 8;
const ROWS_OF_PART = 1250;

/** Half the energy distance of rows, drawn in turn, to exact ones. */
export function distanceTo(
  { exact, dimension: d, time }: EvolutionProblem,
  rows: Float32Array,
  seed: number,
): Pick<SampledMeasures, "energyDistance" | "energyDistanceError"> {
  const n = rows.length / d;
  const size = Math.min(ROWS_OF_PART, Math.floor(n / PARTS));
  if (exact?.sample === undefined || size < 2) return { energyDistance: null, energyDistanceError: null };
  const key = fold(createKey(seed), "distance");
  const order = random.permutation(fold(key, "order"), n);
  const parts = Array.from({ length: PARTS }, (_, part) => {
    const own = Float32Array.from({ length: size * d }, (_, at) => {
      return rows[order[part * size + Math.floor(at / d)] * d + (at % d)];
    });
    const of = exact.sample!(fold(key, "exact", part), size, time);
    return energyDistance(own, of, d, fold(key, "test", part), { permutations: 0 }).unbiased / 2;
  });
  const mean = parts.reduce((a, b) => a + b, 0) / PARTS;
  const squares = parts.reduce((sum, part) => sum + (part - mean) ** 2, 0);
  return { energyDistance: mean, energyDistanceError: Math.sqrt(squares / (PARTS - 1) / PARTS) };
}

/** The rows of the run, again. */
async function readDraws(run: EvolutionRun): Promise<Float32Array> {
  const bytes = readInside(run.path(DRAWS));
  if (bytes === undefined)
    throw new InputError({ where: run.path(DRAWS), came: "no file", expected: "that of the run" });
  return (await io.readNpy(bytes, { where: run.path(DRAWS) })).values;
}
