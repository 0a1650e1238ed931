/** `jko evolve` and `jko infer`: one command for each verb of flows. */
import type { Command } from "commander";
import { declareFlags, type EvolutionFlags } from "../evolution/flags.ts";
import { runFlow } from "../evolution/run.ts";
import { type FlowVerb, flowVerbs } from "../evolution/verbs.ts";
import type { Shell } from "../shell.ts";

export function addFlows(program: Command, shell: Shell): void {
  for (const verb of Object.values(flowVerbs)) addFlow(program, verb, shell);
}

function addFlow(program: Command, verb: FlowVerb, shell: Shell): void {
  const { name, argument, otherwise, help } = verb;
  const command = program
    .command(name)
    .summary(help.summary)
    .description(help.description)
    .argument(
      `[${argument}]`,
      `a name, or a module file that exports a problem; list for all names; else say it by ${otherwise}`,
    )
    .addHelpText("before", `Examples:\n${help.examples.map((line) => `  ${line}\n`).join("")}`);
  declareFlags(command, verb);
  command.action((problem: string | undefined, flags: EvolutionFlags) => runFlow(verb, problem, flags, shell));
}
