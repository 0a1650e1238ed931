/** A finished run along a flow, opened again. */
import fs from "node:fs";
import { chain, type EvolutionProblem, InputError } from "jkoflow";
import { small } from "../progress/numbers.ts";
import { isRun, readFolder, verbOf } from "../run/runFolder.ts";
import type { Shell } from "../shell.ts";
import { areEven, type OpenFlow } from "./along.ts";
import { FINER, finerProblem } from "./finer.ts";
import { openStored } from "./openStored.ts";
import { problemOf } from "./problemOf.ts";
import { type EvolutionRecord, isCorrected, isSampler, recordKind } from "./record.ts";
import { readTrainedFlow, type TrainedFlow } from "./train.ts";
import { type FlowVerb, flowVerbs } from "./verbs.ts";

/** The verb of a run along a flow; undefined for everything else, one that sampled its target without a flow among it. */
export function flowVerbAt(path: string): FlowVerb | undefined {
  if (!(fs.existsSync(path) && fs.statSync(path).isDirectory() && isRun(path))) return undefined;
  const name = verbOf(path);
  const verb = Object.values(flowVerbs).find((known) => known.name === name);
  if (verb === undefined) return undefined;
  const record = readFolder(recordKind(verb.name), path);
  return isSampler(record) && !isCorrected(record) ? undefined : verb;
}

export interface FinishedFlow {
  readonly folder: string;
  readonly record: EvolutionRecord;
  readonly problem: EvolutionProblem;
  readonly trained: TrainedFlow;
  readonly open: OpenFlow;
  /** Samples and log-densities at every time of the scheme, as far as it has them. */
  readonly flow: chain.OpenChain;
}

/** @throws InputError for a run that is not finished, and for a problem that cannot be had again. */
export async function openFinished(verb: FlowVerb, folder: string, shell: Shell): Promise<FinishedFlow> {
  const record = readFolder(recordKind(verb.name), folder);
  const path = (name: string): string => `${folder}/${name}`;
  const trained = readTrainedFlow({ path });
  if (trained === undefined) {
    const fix = `finish it by jko resume ${folder}`;
    throw new InputError({ where: folder, came: "a run without a finished model", expected: "a trained run", fix });
  }
  const { problem } = await problemOf(record.problem, verb, record.seed, shell);
  const file = path("model.safetensors");
  const open = openStored(trained.flow, problem, file);
  const alone = chain.openChain(trained.flow, { start: problem.start }, file);
  const flow = record.accuracy ? extrapolated(alone, finerOf(folder, problem)) : alone;
  return { folder, record, problem, trained, open, flow };
}

/** The flow with half the step of a run that has one. @throws InputError where it is not trained to its end. */
function finerOf(folder: string, problem: EvolutionProblem): chain.OpenChain {
  const inner = `${folder}/${FINER}`;
  const trained = readTrainedFlow({ path: (name) => `${inner}/${name}` });
  if (trained !== undefined) {
    const { start } = finerProblem(problem);
    return chain.openChain(trained.flow, { start }, `${inner}/model.safetensors`);
  }
  const fix = `finish it by jko resume ${folder}`;
  throw new InputError({ where: inner, came: "no finished model", expected: "the flow with half the step", fix });
}

/**
 * Log-densities of both steps extrapolated, 2 log q(h / 2) - log q(h); samples are those of the finer one, whose own densities are
 * not these.
 */
export function extrapolated(coarse: chain.OpenChain, fine: chain.OpenChain): chain.OpenChain {
  const [ofCoarse, ofFine] = [coarse.logProb, fine.logProb];
  if (ofCoarse === undefined || ofFine === undefined) return fine;
  const { draw: _, ...able } = fine;
  return {
    ...able,
    lacks: { ...fine.lacks, draw: "densities are extrapolated from two steps, of which rows come by one: ask logProb" },
    ...(coarse.times ? { times: coarse.times } : {}),
    logProb: (rows, when) => {
      const less = ofCoarse(rows, when);
      return ofFine(rows, when).map((value, i) => 2 * value - less[i]);
    },
  };
}

/** The number of steps to a time, the last one where none is said. @throws InputError for a time between two steps. */
export function stepsTo({ open: { times, step } }: FinishedFlow, at: number | undefined): number {
  const last = times.length - 1;
  if (at === undefined) return last;
  const apart = times.map((time) => Math.abs(time - at));
  const near = apart.indexOf(Math.min(...apart));
  if (apart[near] <= 1e-9 * Math.max(step, at)) return near;
  const which = areEven(times, step) ? `a multiple of ${step} from 0 to` : "those of steps.csv, to";
  throw new InputError({
    where: "--at",
    came: small(at),
    expected: `a time of the scheme, ${which} ${times[last]}`,
    fix: `the nearest is ${times[near]}`,
  });
}

/** @throws InputError for a model that has no times. */
export function refuseTimes(at: number | undefined): void {
  if (at === undefined) return;
  const expected = "no --at: a model of a table has no times";
  throw new InputError({ where: "--at", came: small(at), expected, fix: "leave it out" });
}
