/** The command `jko`: words to commands, errors to exit codes. */
import process from "node:process";
import { Command, CommanderError } from "commander";
import { addBands } from "./commands/bands.ts";
import { addData } from "./commands/data.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addFit } from "./commands/fit.ts";
import { addFlows } from "./commands/flows.ts";
import { addImport } from "./commands/import.ts";
import { addInfo } from "./commands/info.ts";
import { addLogProb } from "./commands/logprob.ts";
import { addPlot } from "./commands/plot.ts";
import { addResume } from "./commands/resume.ts";
import { addSample } from "./commands/sample.ts";
import { describeFailure, type ExitCode, exitCodes, type Failure, type Interrupted, isInterruption } from "./exit.ts";
import { printable } from "./printable.ts";
import { processShell, type Shell } from "./shell.ts";
import { usageError } from "./usage.ts";
import { version } from "./version.ts";

const EXAMPLES = `Examples:
  jko fit table.csv --out run           train a flow on your own table
  jko sample run -n 1000 -o new.csv     rows like those of the table
  jko logprob run other.csv -o s.npy    how likely is each row
`;

function createProgram(shell: Shell, printed: (text: string) => void): Command {
  const program = new Command("jko")
    .description("Probability flows trained by the Jordan-Kinderlehrer-Otto scheme.")
    .version(version)
    .addHelpText("before", EXAMPLES)
    .helpCommand(false)
    .configureHelp({ helpWidth: 100, sortSubcommands: false })
    // Errors come as one line from below, whoever finds them.
    .configureOutput({ writeOut: printed, writeErr: printed, outputError: () => {} })
    .exitOverride();
  for (const add of [
    addFit,
    addFlows,
    addResume,
    addSample,
    addLogProb,
    addEvaluate,
    addPlot,
    addInfo,
    addBands,
    addData,
    addImport,
  ])
    add(program, shell);
  return program;
}

/** The one way out: text is made printable, bytes are data and go as they are. */
const cleaned = (shell: Shell): Shell => ({
  ...shell,
  out: (data) => shell.out(typeof data === "string" ? printable(data) : data),
  err: (text) => shell.err(printable(text)),
  draw: (text) => shell.err(text),
});

/** Runs a command line and returns its exit code; nothing is thrown. */
export async function run(words: readonly string[], outside: Shell): Promise<ExitCode> {
  const shell = cleaned(outside);
  let stop: (error: Interrupted) => void = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  try {
    const code = await Promise.race([obey(words, { ...shell, stop }), stopped]);
    await shell.out(""); // fails where a line failed that nobody waited for
    return code;
  } catch (error) {
    const failure = describeFailure(error);
    await report(failure, words.includes("--json"), shell);
    return failure.code;
  }
}

async function obey(words: readonly string[], shell: Shell): Promise<ExitCode> {
  let printed = "";
  const program = createProgram(shell, (text) => {
    printed += text;
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = error.exitCode === 0; // --help, --version
    if (!asked && error.code !== "commander.help") throw usageError(error, words);
    await shell.out(printed);
    return asked ? exitCodes.done : exitCodes.usage;
  }
}

async function report({ code, message, problem, stack }: Failure, json: boolean, shell: Shell): Promise<void> {
  const interrupted = isInterruption(code);
  if (interrupted) shell.err(`${message}\n`);
  else shell.err(`error: ${message}\n`);
  if (stack !== undefined) {
    shell.err(
      `${stack}\nThis is a bug in jkoflow. Please report it with the lines above, the command and its input.\n`,
    );
  }
  if (!json) return;
  const line = { event: interrupted ? "interrupted" : "error", code, message, ...problem };
  await shell.out(`${JSON.stringify(line)}\n`).catch(() => {}); // it may be what failed
}

/** The whole process. */
export async function main(words: readonly string[]): Promise<void> {
  const code = await run(words, processShell());
  if (isInterruption(code)) process.exit(code); // what it waited for may never come
  process.exitCode = code;
}
