/** `jko data list` and `jko data make`: the toy distributions. */
import type { Command } from "commander";
import { createKey, data } from "jkoflow";
import { wholeNumber } from "../flagValues.ts";
import { findToy, MOST_TOY_ROWS, toyTable } from "../input/toy.ts";
import { addOutput, addSeed, addTalk, type CommonFlags } from "../options.ts";
import { checkOutput, checkRoom, type OutputFlags } from "../output/newFile.ts";
import { openTableWriter, outputFormat } from "../output/tableWriter.ts";
import { nats, small } from "../progress/numbers.ts";
import type { Shell } from "../shell.ts";
import { needFile } from "./needFile.ts";

/** Points by which the entropies are estimated: a standard error of about 0.008 nats. */
const ENTROPY_POINTS = 10_000;

interface MakeFlags extends CommonFlags, OutputFlags {
  readonly number: number;
}

export function addData(program: Command, shell: Shell): void {
  const group = program
    .command("data")
    .summary("toy distributions: list, make")
    .description("Toy distributions in the plane with exact densities.")
    .addHelpText("before", "Examples:\n  jko data list\n  jko data make moons -n 100000 -o moons.csv\n");
  const listing = group
    .command("list")
    .description("All toys, with the lowest NLL that any model can reach.")
    .addHelpText("before", "Examples:\n  jko data list\n  jko data list --json\n");
  addTalk(listing).action((flags: CommonFlags) => list(flags, shell));
  const making = group
    .command("make")
    .description("Rows of a toy; the same as jko fit toy:NAME uses with that seed.")
    .argument("<name>", "see jko data list")
    .addHelpText(
      "before",
      "Examples:\n  jko data make moons -n 100000 -o moons.csv\n  jko data make rose -n 5 --seed 3\n",
    )
    .requiredOption("-n, --number <n>", "rows", wholeNumber("-n", 1, MOST_TOY_ROWS, "a toy is made in memory"));
  addOutput(making, ".npy (float32), .csv or .tsv");
  addTalk(addSeed(making, "default 0")).action((name: string, flags: MakeFlags) => make(name, flags, shell));
}

async function list({ json }: CommonFlags, shell: Shell): Promise<void> {
  const rows = Object.values(data.toys).map(({ name, title }) => {
    const { entropy, standardError } = data.estimateEntropy(findToy(name), createKey("entropy"), ENTROPY_POINTS);
    return { name, title, entropyFloor: entropy, standardError };
  });
  if (json) return shell.out(`${JSON.stringify({ event: "result", toys: rows })}\n`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const wide = Math.max(...rows.map(({ title }) => title.length));
  const lines = rows.map(
    ({ name, title, entropyFloor, standardError }) =>
      `${name.padEnd(width)}  ${title.padEnd(wide)}  ${nats(entropyFloor).padStart(8)} +- ${small(standardError)}`,
  );
  await shell.out(`${"".padEnd(width)}  ${"".padEnd(wide)}  lowest NLL (nats)\n${lines.join("\n")}\n`);
}

async function make(name: string, flags: MakeFlags, shell: Shell): Promise<void> {
  const format = outputFormat(flags.output);
  needFile(flags);
  checkOutput(flags);
  checkRoom(flags.output, format, flags.number, 2);
  const table = toyTable(name, flags.number, flags.seed ?? 0);
  const writer = openTableWriter(flags.output, table.columns, "f4", shell);
  try {
    await writer.write(table.values);
    await writer.finish();
  } finally {
    writer.abort();
  }
  if (flags.json)
    await shell.out(
      `${JSON.stringify({ event: "result", output: flags.output, rows: table.rows, columns: table.columns })}\n`,
    );
}
