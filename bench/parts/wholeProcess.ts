/** A command run to its end as a process of its own, with the most memory that was ever resident of it. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ProcessCost {
  /** Largest resident set of the whole process, all threads. */
  readonly peakMiB: number;
  readonly cpuSeconds: number;
}

/** Loaded before the program: says the process's own figures on descriptor 3 when it ends. */
const WITNESS = fileURLToPath(new URL("../peers/witness.mjs", import.meta.url));

/**
 * Run a Node program.
 * @throws Error with the last line of its complaint when it ends with another code than 0.
 */
export async function runWhole(script: string, args: readonly string[]): Promise<ProcessCost> {
  const child = spawn(process.execPath, ["--import", WITNESS, script, ...args], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const texts = ["", ""];
  [child.stderr, child.stdio[3] as NodeJS.ReadableStream].forEach((stream, i) => {
    stream!.on("data", (data) => {
      texts[i] = (texts[i] + data).slice(-4000);
    });
  });
  const status = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  const [errors, figures] = texts;
  if (status !== 0) throw new Error(errors.trim().split("\n").at(-1) || `${script} ended with ${status}`);
  return JSON.parse(figures) as ProcessCost;
}
