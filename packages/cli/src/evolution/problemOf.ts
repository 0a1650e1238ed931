/** From the words of a problem to the problem. */
import { createKey, type EvolutionProblem, fold, problems } from "jkoflow";
import { flagOf } from "./flags.ts";
import { importProblem } from "./moduleFile.ts";
import type { ProblemWords } from "./record.ts";
import type { FlowVerb } from "./verbs.ts";

/** @throws InputError for an unknown name, a module that cannot be used, and words that do not make a problem. */
export async function problemOf(words: ProblemWords, verb: FlowVerb, seed: number): Promise<EvolutionProblem> {
  const { name, module, time, step, ...own } = words;
  const asked = { ...(time === undefined ? {} : { time }), ...(step === undefined ? {} : { step }) };
  if (name !== undefined)
    return problems.namedProblem(name, fold(createKey(seed), "problem"), asked, flagOf, verb.catalogue);
  if (module === undefined) return problems.ownProblem({ ...own, ...asked }, `jko ${verb.name}`, flagOf);
  const exported = await importProblem(module);
  const isPlain = typeof exported === "object" && exported !== null && !Array.isArray(exported);
  if (!isPlain) return problems.ownProblem(exported, module.path);
  const place = (part: string): string => (Object.hasOwn(asked, part) ? flagOf(part) : `${module.path}:${part}`);
  return problems.ownProblem({ ...exported, ...asked }, module.path, place);
}
