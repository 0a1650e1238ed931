/** The verbs for flows: what each is for is data. */
import { problems } from "jkoflow";
import type { SystemKind } from "../config/systemName.ts";
import type { ProblemWords, Word } from "./record.ts";

export interface FlowVerb {
  readonly name: string;
  /** What its help says: in the list of commands, above its flags, of its argument, and by examples. */
  readonly help: { readonly summary: string; readonly description: string; readonly examples: readonly string[] };
  /** What its argument is called. */
  readonly argument: "problem" | "target";
  /** The flag by which a problem is said that has no name. */
  readonly otherwise: string;
  /** The system where none is said, and which it takes. */
  readonly system: string;
  readonly takes: SystemKind;
  /** Problems by name. */
  readonly catalogue: Readonly<Record<string, problems.NamedProblem>>;
  /** Parts that a problem of one's own may have. */
  readonly words: readonly Word[];
  /** Where nothing is said of a problem of one's own. */
  readonly defaults: Partial<ProblemWords>;
}

const evolve: FlowVerb = {
  name: "evolve",
  help: {
    summary: "follow the gradient flow of a functional",
    description:
      "Follow the gradient flow of F = int V rho + D int rho log rho + 1/2 int int W(x - y) rho rho + int f(rho) from a start, by steps of the JKO scheme.",
    examples: [
      "jko evolve ou:2 --out run",
      'jko evolve --start normal:2 --potential "x^2/2 + 2*y^2" --diffusion 1 --time 1 --step 0.05',
      'jko evolve --start rows.csv --potential "cos(3*x) + x^2/2" --accuracy',
      'jko evolve --start normal:1:2 --interaction "r^2/2 - log(r)" --time 10 --step 1',
      "jko evolve --target rows.csv",
      "jko evolve --start rows.csv --collisions gamma=-3 --step 0.1",
      "jko evolve my-problem.mjs",
    ],
  },
  argument: "problem",
  otherwise: "flags",
  system: "jko-icnn",
  takes: "flow",
  catalogue: problems.namedProblems,
  words: [
    "start",
    "potential",
    "diffusion",
    "interaction",
    "internal",
    "target",
    "divergence",
    "blur",
    "collisions",
    "columns",
    "time",
    "step",
  ],
  defaults: {},
};

/** KL to the target, for as long as a target of unit scale takes to forget the start. */
const infer: FlowVerb = {
  name: "infer",
  help: {
    summary: "sample a log-density known up to a constant",
    description:
      "Train maps from a start to a target whose log-density is known up to a constant, along the flow of KL: samples and log-densities, one pass each. Or sample it without training, by --system smc: rows, ln Z with an error, and a mixture of Gaussians as its density.",
    examples: [
      "jko infer banana --out run",
      "jko infer mustache --system smc",
      "jko infer mustache --system neural-jko-ic",
      'jko infer --columns a,b --log-density "-a^2/2 - (b - a^2)^2"',
      'jko infer --start normal:1:2 --log-density "-x^4/4 + x^2" --time 4 --step 0.2',
      'jko infer --columns a,b --process "python3 model.py" --system smc',
    ],
  },
  argument: "target",
  otherwise: "--log-density",
  system: "jko-icnn",
  takes: "target",
  catalogue: problems.namedTargets,
  words: ["logDensity", "process", "start", "columns", "time", "step"],
  defaults: { time: 4, step: 0.2 },
};

export const flowVerbs: { readonly evolve: FlowVerb; readonly infer: FlowVerb } = { evolve, infer };
