/** Runs the command: inside this process, with its streams caught, or as a process of its own that can be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { data } from "jkoflow";
import { run } from "../src/main.ts";
import type { Shell } from "../src/shell.ts";

export interface Outcome {
  readonly code: number | null;
  readonly signal?: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface ShellOptions {
  readonly stdin?: Uint8Array;
  /** Called with each piece of output; may call what it is given to send a signal. */
  readonly onOut?: (text: string, interrupt: (signal: string) => void) => void;
}

/** A line of words, or the words where one is empty or holds blanks. */
const split = (words: string | readonly string[]): readonly string[] =>
  typeof words === "string" ? words.split(" ").filter(Boolean) : words;

/** The command in this process. */
export async function jko(words: string | readonly string[], options: ShellOptions = {}): Promise<Outcome> {
  let out = "";
  let err = "";
  let stop: (signal: string) => void = () => {};
  const shell: Shell = {
    out: async (bytes) => {
      const text = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
      out += text;
      options.onOut?.(text, (signal) => stop(signal));
    },
    err: (text) => {
      err += text;
    },
    async *stdin() {
      yield options.stdin ?? new Uint8Array(0);
    },
    display: "plain",
    width: 80,
    onSignal: (listener) => {
      stop = listener;
      return () => {};
    },
  };
  const code = await run(split(words), shell);
  return { code, out, err };
}

/** The JSON lines on standard output. */
export const eventsOf = ({ out }: Outcome): Record<string, unknown>[] =>
  out
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

export const resultOf = (outcome: Outcome): Record<string, unknown> => eventsOf(outcome).at(-1) ?? {};

/** The compiled command. */
export const binary: string = fileURLToPath(new URL("../bin/jko.js", import.meta.url));

export interface Process {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
}

/** The command as a process; the compiled one, as users run it. */
export function start(words: string, cwd?: string): Process {
  const child = spawn(process.execPath, [binary, ...words.split(" ").filter(Boolean)], { cwd });
  let out = "";
  let err = "";
  child.stdout.on("data", (bytes: Buffer) => {
    out += bytes;
  });
  child.stderr.on("data", (bytes: Buffer) => {
    err += bytes;
  });
  child.stdin.end();
  const done = new Promise<Outcome>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, done };
}

/** An empty folder that is removed with the process. */
export function folder(): string {
  const path = fs.mkdtempSync(join(tmpdir(), "jko-test-"));
  process.on("exit", () => fs.rmSync(path, { recursive: true, force: true }));
  return path;
}

export const hashOf = (path: string): string => createHash("sha256").update(fs.readFileSync(path)).digest("hex");

/** A small table of three columns as CSV. */
export function smallTable(path: string, rows: number = 200): string {
  const points = data.toys.moons.sample({ k0: 7, k1: 7 }, rows);
  const lines = Array.from({ length: rows }, (_, i) => {
    const [x, y] = [points[2 * i], points[2 * i + 1]];
    return `${x},${y},${x * y + Math.sin(i)}`;
  });
  fs.writeFileSync(path, `first,second,third\n${lines.join("\n")}\n`);
  return path;
}

/** Settings under which a fit takes a moment, and held-out rows prefer a mixture to the flow. */
export const SHORT =
  "--set blocks=2 --set hidden=[8,8] --set updates=12 --set batchSize=32 --set evaluateEvery=6 --set acceptance=any --threads 1";

/** The same with the flow as the model. */
export const TINY: string = `${SHORT} --keep flow`;
