/** `jko evolve`: follow the gradient flow of a functional from a start. */
import type { Command } from "commander";
import { declareFlags, type EvolutionFlags } from "../evolution/flags.ts";
import { runFlow } from "../evolution/run.ts";
import { flowVerbs } from "../evolution/verbs.ts";
import type { Shell } from "../shell.ts";

const EXAMPLES = `Examples:
  jko evolve ou:2 --out run
  jko evolve --start normal:2 --potential "x^2/2 + 2*y^2" --diffusion 1 --time 1 --step 0.05
  jko evolve --start rows.csv --potential "cos(3*x) + x^2/2" --accuracy
  jko evolve --start normal:1:2 --interaction "r^2/2 - log(r)" --time 10 --step 1
  jko evolve my-problem.mjs
`;

export function addEvolve(program: Command, shell: Shell): void {
  const command = program
    .command("evolve")
    .summary("follow the gradient flow of a functional")
    .description(
      "Follow the gradient flow of F = int V rho + D int rho log rho + 1/2 int int W(x - y) rho rho + int f(rho) from a start, by steps of the JKO scheme.",
    )
    .argument("[problem]", "a name, or a module file that exports a problem; list for all names; else say it by flags")
    .addHelpText("before", EXAMPLES);
  declareFlags(command, flowVerbs.evolve);
  command.action((problem: string | undefined, flags: EvolutionFlags) =>
    runFlow(flowVerbs.evolve, problem, flags, shell),
  );
}
