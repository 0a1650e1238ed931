/** What a path holds where it is no model of a table: a finished run along a flow, or a chain of maps in a file alone. */
import { chain, createEngine, InputError } from "jkoflow";
import { neuralJkoIc } from "jkoflow/systems";
import { small } from "../progress/numbers.ts";
import { type ChainFile, readChainFile } from "../run/modelFile.ts";
import { readFolder } from "../run/runFolder.ts";
import type { Shell } from "../shell.ts";
import { samplerOf } from "./corrected.ts";
import { flowVerbAt, openFinished, stepsTo } from "./finished.ts";
import { problemOf } from "./problemOf.ts";
import { type EvolutionRecord, isCorrected, recordKind } from "./record.ts";
import type { FlowVerb } from "./verbs.ts";

export type FlowPlace = { readonly verb: FlowVerb; readonly folder: string } | { readonly file: ChainFile };

/** @throws InputError for the file of a chain that is damaged. */
export function flowAt(path: string): FlowPlace | undefined {
  const verb = flowVerbAt(path);
  if (verb !== undefined) return { verb, folder: path };
  const file = readChainFile(path);
  return file && { file };
}

/** In a few words: what a flag that speaks of tables is refused for. */
export const nameOf = (place: FlowPlace): string =>
  "verb" in place ? `a run of jko ${place.verb.name}` : "a chain of maps";

/** A sampler asks its target for each row. @throws InputError for a run that is not finished, and for a time. */
async function openSamplerAt(
  verb: FlowVerb,
  folder: string,
  record: EvolutionRecord,
  at: number | undefined,
  shell: Shell,
): Promise<PlacedFlow> {
  if (at !== undefined) {
    const expected = "no --at: a sampler has no times";
    throw new InputError({ where: "--at", came: small(at), expected, fix: "leave it out" });
  }
  const stored = samplerOf(folder);
  const { problem } = await problemOf(record.problem, verb, record.seed, shell);
  const engine = await createEngine();
  const flow = neuralJkoIc.open(engine, problem, stored.model, record.settings);
  return {
    flow,
    modelHash: stored.found.modelHash,
    at: undefined,
    dispose: () => {
      flow.dispose();
      engine.dispose();
    },
  };
}

/** A flow that can be used, and the time that is asked for. */
export interface PlacedFlow {
  readonly flow: chain.OpenChain;
  readonly modelHash: string;
  /** Of the flow: one of its times; undefined where it has none. */
  readonly at: number | undefined;
  dispose(): void;
}

/** @throws InputError for a run that is not finished, and for a time that is none of the flow's. */
export async function openAt(place: FlowPlace, at: number | undefined, shell: Shell): Promise<PlacedFlow> {
  if ("verb" in place) {
    const record = readFolder(recordKind(place.verb.name), place.folder);
    if (isCorrected(record)) return await openSamplerAt(place.verb, place.folder, record, at, shell);
    const finished = await openFinished(place.verb, place.folder, shell);
    const time = finished.open.times[stepsTo(finished, at)];
    const { flow, trained } = finished;
    return { flow, modelHash: trained.modelHash, at: time, dispose: flow.dispose };
  }
  const { stored, path, sha256 } = place.file;
  const needsEngine = stored.parts.some(({ config }) => config.kind === "block");
  const engine = needsEngine ? await createEngine() : undefined;
  const flow = chain.openChain(stored, engine ? { engine } : {}, path);
  const { times } = stored;
  if (at !== undefined) chain.partsTo(times, at, path);
  return {
    flow,
    modelHash: sha256,
    at: at ?? times?.at(-1),
    dispose: () => {
      flow.dispose();
      engine?.dispose();
    },
  };
}

/** @throws InputError for a flag that speaks of tables, and would be ignored. */
export function refuseIdle(flags: Readonly<Record<string, unknown>>, place: FlowPlace): void {
  const idle = Object.entries(flags).find(([, value]) => value !== undefined);
  if (idle === undefined) return;
  const came = `it for ${nameOf(place)}`;
  throw new InputError({ where: idle[0], came, expected: "a model of a table", fix: "leave it out" });
}
