/** The verbs for flows: what each is for is data. */
import { problems } from "jkoflow";
import type { ProblemWords, Word } from "./record.ts";

export interface FlowVerb {
  readonly name: string;
  /** The system where none is said. */
  readonly system: string;
  /** Problems by name. */
  readonly catalogue: Readonly<Record<string, problems.NamedProblem>>;
  /** Parts that a problem of one's own may have. */
  readonly words: readonly Word[];
  /** Where nothing is said of a problem of one's own. */
  readonly defaults: Partial<ProblemWords>;
}

const evolve: FlowVerb = {
  name: "evolve",
  system: "jko-icnn",
  catalogue: problems.namedProblems,
  words: ["start", "potential", "diffusion", "interaction", "internal", "columns", "time", "step"],
  defaults: {},
};

/** KL to the target, for as long as a target of unit scale takes to forget the start. */
const infer: FlowVerb = {
  name: "infer",
  system: "jko-icnn",
  catalogue: problems.namedTargets,
  words: ["logDensity", "start", "columns", "time", "step"],
  defaults: { time: 4, step: 0.2 },
};

export const flowVerbs: { readonly evolve: FlowVerb; readonly infer: FlowVerb } = { evolve, infer };
