/** Peers of a benchmark: child processes that wait, so that their steps can be interleaved with those of the others. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/** What a peer is asked to do; its only argument, as JSON. */
export interface PeerTask {
  readonly B: number;
  readonly d: number;
  readonly H: number;
  /** `block`: one JKO-iFlow block; `otflow`: OT-Flow. */
  readonly workload: "block" | "otflow";
  /** Which of the peer's variants. */
  readonly kind: string;
  readonly threads: number;
  /** File of float32 numbers: x [B, d], eps [B, d], then the parameters. */
  readonly inputs: string;
  /** File for the first gradient, float32, in the order of the parameters. */
  readonly gradient: string;
  /** Steps before the first that counts. */
  readonly warmups: number;
}

/** One measurement per step. */
export interface PeerAnswer {
  readonly wallMs: number[];
  readonly cpuMs: number[];
  /** Largest resident memory of the process so far. */
  peakMiB: number;
}

export interface Peer {
  /** What the peer said when it was ready. */
  readonly ready: string;
  /** Send a line, await the answering one. */
  ask(line: string): Promise<string>;
  end(): void;
}

export interface PeerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** @throws Error with the last line of the peer's complaint when it ends before it answers. */
async function nextLine(child: ChildProcess, lines: Interface, complaint: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(complaint()));
    if (child.exitCode !== null) return ended();
    child.once("close", ended);
    lines.once("line", (line) => {
      child.off("close", ended);
      resolve(line);
    });
  });
}

/** Start a process that reads lines and answers each with one line; `greets`: it also says one when it is ready. */
export async function openPeer({ command, args, env }: PeerCommand, greets: "greets" | "silent"): Promise<Peer> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors = (errors + data).slice(-4000);
  });
  child.on("error", (error) => {
    errors += error.message;
  });
  child.stdin.on("error", () => {}); // the peer has ended; the awaited line reports it
  const lines = createInterface({ input: child.stdout });
  const complaint = (): string =>
    errors.split("\n").findLast((line) => /error/i.test(line)) ?? `${command} ended early`;
  const next = (): Promise<string> => nextLine(child, lines, complaint);
  const ready = greets === "greets" ? (JSON.parse(await next()) as { ready: string }).ready : "";
  return {
    ready,
    ask: (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
    end: () => child.stdin.end(),
  };
}
