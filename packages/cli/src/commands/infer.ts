/** `jko infer`: a sampler with a density for a target whose log-density is known up to a constant. */
import type { Command } from "commander";
import { declareFlags, type EvolutionFlags } from "../evolution/flags.ts";
import { runFlow } from "../evolution/run.ts";
import { flowVerbs } from "../evolution/verbs.ts";
import type { Shell } from "../shell.ts";

const EXAMPLES = `Examples:
  jko infer banana --out run
  jko infer --columns a,b --log-density "-a^2/2 - (b - a^2)^2"
  jko infer --start normal:1:2 --log-density "-x^4/4 + x^2" --time 4 --step 0.2
`;

export function addInfer(program: Command, shell: Shell): void {
  const command = program
    .command("infer")
    .summary("sample a log-density known up to a constant")
    .description(
      "Train maps from a start to a target whose log-density is known up to a constant, along the flow of KL: samples and log-densities, one pass each.",
    )
    .argument(
      "[target]",
      "a name, or a module file that exports a problem; list for all names; else say it by --log-density",
    )
    .addHelpText("before", EXAMPLES);
  declareFlags(command, flowVerbs.infer);
  command.action((target: string | undefined, flags: EvolutionFlags) => runFlow(flowVerbs.infer, target, flags, shell));
}
