/** `jko import otflow`: a published OT-Flow checkpoint, converted to safetensors, as a model file. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { createEngine, encodeModel, InputError } from "jkoflow";
import { importOtFlow } from "jkoflow/model";
import { configDefaults } from "../config/runConfig.ts";
import { writeAtomic } from "../files/atomic.ts";
import { readFileOf } from "../files/readFile.ts";
import { oneOf, pathOf, wholeNumber } from "../flagValues.ts";
import { openTable } from "../input/openTable.ts";
import { readWhole } from "../input/readWhole.ts";
import { addEngine, addTalk, type CommonFlags, engineOptions } from "../options.ts";
import { createWatcher } from "../progress/watcher.ts";
import { refuseOtherKinds } from "../run/modelFile.ts";
import type { Shell } from "../shell.ts";

interface ImportFlags extends CommonFlags {
  readonly data: string;
  readonly output: string;
  readonly steps: number;
}

const EXAMPLES = `Examples:
  jko import otflow miniboone.safetensors --data train.npy -o model.safetensors
`;

export function addImport(program: Command, shell: Shell): void {
  const command = program
    .command("import")
    .summary("make a model of a published checkpoint")
    .description(
      "Make a model of a checkpoint of another code: otflow, converted by bench/peers/otflow_to_safetensors.py.",
    )
    .argument("<kind>", "otflow", oneOf("<kind>", ["otflow"]))
    .argument("<file>", "safetensors")
    .addHelpText("before", EXAMPLES)
    .requiredOption("--data <file>", "rows as the checkpoint was trained on; they name the columns")
    .requiredOption("-o, --output <file>", "model file", pathOf("-o"))
    .option("--steps <n>", "Runge-Kutta steps", wholeNumber("--steps", 1), 18);
  addTalk(addEngine(command));
  command.action((_: string, path: string, flags: ImportFlags) => importFile(path, flags, shell));
}

async function importFile(path: string, flags: ImportFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const { output, steps } = flags;
  if (existsSync(output)) {
    throw new InputError({ where: "-o", came: `${output}, which exists`, expected: "a new file" });
  }
  const bytes = readFileOf(path);
  refuseOtherKinds(bytes, path, "safetensors", "convert the checkpoint by bench/peers/otflow_to_safetensors.py");
  const { table } = await readWhole(await openTable(flags.data, shell), configDefaults);
  const engine = await createEngine(engineOptions(flags, watcher.note));
  try {
    const model = importOtFlow(engine, bytes, { data: table, steps, where: path });
    writeAtomic(output, encodeModel(model));
    watcher.line({ event: "result", output, columns: table.columns, parameters: model.flow.blocks[0].weights.length });
  } finally {
    engine.dispose();
    watcher.close();
  }
}
