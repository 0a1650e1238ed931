/** A fit in a process of its own, so that processor time and memory are its own. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Fit, FitEvent, FitTask } from "./fit.ts";
import type { PeerCommand } from "./peer.ts";

/**
 * Run a program with the task as its only argument; its progress goes to `report`.
 * @throws Error with the program's complaint when it ends without a result.
 */
export async function runFit(
  { command, args, env }: PeerCommand,
  task: FitTask,
  report: (text: string) => void,
): Promise<readonly Fit[]> {
  const child = spawn(command, [...args, JSON.stringify(task)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors = (errors + data).slice(-4000);
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve(status ?? signal));
  });
  ended.catch(() => {}); // reported below, after the lines
  let fits: readonly Fit[] | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const event = JSON.parse(line) as FitEvent;
    if (event.event === "progress") report(event.text);
    else fits = event.fits;
  }
  const status = await ended;
  if (fits !== undefined && status === 0) return fits;
  const complaint = errors.split("\n").findLast((line) => /error/i.test(line));
  throw new Error(complaint ?? `${command} ended with ${status}`);
}
