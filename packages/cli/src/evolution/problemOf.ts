/** From the words of a problem to the problem. */
import { createKey, type EvolutionProblem, fold, functionals, InputError, problems } from "jkoflow";
import type { Shell } from "../shell.ts";
import { flagOf } from "./flags.ts";
import { importProblem } from "./moduleFile.ts";
import type { ProblemWords } from "./record.ts";
import { readStart, readTarget } from "./rowsOf.ts";
import { openTargetProcess, tryTarget } from "./targetProcess.ts";
import type { FlowVerb } from "./verbs.ts";

export interface AskedProblem {
  readonly problem: EvolutionProblem;
  /** What whoever asked should know. */
  readonly notes: readonly string[];
}

/** @throws InputError for an unknown name, a module that cannot be used, and words that do not make a problem. */
export async function problemOf(
  words: ProblemWords,
  verb: FlowVerb,
  seed: number,
  shell: Shell,
): Promise<AskedProblem> {
  const { name, module, startRows, target: targetRows, divergence, blur, time, step, process: command, ...own } = words;
  const asked = { ...(time === undefined ? {} : { time }), ...(step === undefined ? {} : { step }) };
  const key = fold(createKey(seed), "problem");
  if (name !== undefined)
    return { problem: problems.namedProblem(name, key, asked, flagOf, verb.catalogue), notes: [] };
  const where = `jko ${verb.name}`;
  if (command !== undefined) {
    const from = startRows && (await readStart(startRows, own.columns, fold(key, "start"), shell));
    const parts = from ? { start: from.start, columns: from.columns } : {};
    const problem = ofProcess(command, { ...own, ...asked, ...parts }, where);
    return { problem, notes: from ? [from.says] : [] };
  }
  if (startRows !== undefined || targetRows !== undefined) {
    const options = { ...(divergence ? { divergence } : {}), ...(blur ? { blur } : {}) };
    const towards = targetRows && (await readTarget(targetRows, own.columns, options, fold(key, "target"), shell));
    // The columns of the target are those of the start, in their order.
    const from = startRows && (await readStart(startRows, own.columns ?? towards?.columns, fold(key, "start"), shell));
    const { columns } = (from ?? towards)!;
    const parts = { ...(from ? { start: from.start } : {}), ...(towards ? { target: towards.target } : {}), columns };
    const notes = [...(towards ? [towards.target.says] : []), ...(from ? [from.says] : [])];
    return { problem: problems.ownProblem({ ...own, ...asked, ...parts }, where, flagOf), notes };
  }
  if (module === undefined) return { problem: problems.ownProblem({ ...own, ...asked }, where, flagOf), notes: [] };
  const exported = await importProblem(module);
  const isPlain = typeof exported === "object" && exported !== null && !Array.isArray(exported);
  if (!isPlain) return { problem: problems.ownProblem(exported, module.path), notes: [] };
  const place = (part: string): string => (Object.hasOwn(asked, part) ? flagOf(part) : `${module.path}:${part}`);
  return { problem: problems.ownProblem({ ...exported, ...asked }, module.path, place), notes: [] };
}

/** A problem whose target another process computes. @throws InputError for a log-density beside it, and for no columns. */
function ofProcess(command: string, own: Readonly<Record<string, unknown>>, where: string): EvolutionProblem {
  if (own.logDensity !== undefined) {
    const [came, expected] = ["it beside --log-density", "one of the two"];
    throw new InputError({ where: "--process", came, expected, fix: "leave one of the two out" });
  }
  if (own.columns === undefined && own.start === undefined) {
    const fix = "name its columns by --columns a,b, or say --start normal:2";
    throw new InputError({ where: "--process", came: "it alone", expected: "how many columns there are", fix });
  }
  // The heat equation from the start, to which the potential comes.
  const plain = problems.ownProblem({ ...own, diffusion: 1 }, where, flagOf);
  const process = openTargetProcess(command, plain.dimension);
  tryTarget(process, plain);
  const target = functionals.hostBatchPotential(process);
  return {
    ...plain,
    title: `the target of ${JSON.stringify(command)}`,
    functional: functionals.sum([1, functionals.entropy()], [1, target]),
  };
}
