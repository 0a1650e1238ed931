/** Rows of the bench `systems`: as text, and beside those of earlier runs. */
import type { Estimate } from "../../packages/jkoflow/src/evaluate/index.ts";
import { fixed } from "./figures.ts";
import type { Fit } from "./fit.ts";
import { machineLine } from "./machine.ts";
import { markdownTable } from "./measure.ts";
import type { Conditions } from "./results.ts";

export interface SystemLine {
  readonly system: string;
  /** CPU seconds that were given, or null for settings that the library chooses. */
  readonly budget: number | null;
  /** "best", or a preset; the default settings unless given. */
  readonly run?: string;
  readonly fit: Fit;
  /** Where it is not that of the entry. */
  readonly processor?: string;
  /** NLL over that of the exact density on the test rows, where there is one. */
  readonly excess?: Estimate;
}
export interface SystemEntry extends Conditions {
  /** NLL of the exact density on the test rows. */
  readonly exactNll?: number;
  readonly lines: readonly SystemLine[];
}

/** Lines that were not run again stay, if they are of the same settings; of another machine they say so. */
export function joined(before: SystemEntry, now: SystemEntry): SystemEntry {
  if (JSON.stringify(before.settings) !== JSON.stringify(now.settings)) return now;
  const of = ({ system, budget, run }: SystemLine): string => JSON.stringify([system, budget, run]);
  const again = new Set(now.lines.map(of));
  const elsewhere = before.machine.processor === now.machine.processor ? {} : { processor: before.machine.processor };
  const kept = before.lines.filter((line) => !again.has(of(line))).map((line) => ({ ...elsewhere, ...line }));
  return { ...now, lines: [...kept, ...now.lines] };
}

/** A try that was refused took its time too. */
function secondTry({ blocks }: Fit): string {
  return blocks.some((block) => block.verdict.startsWith("refused")) ? ", second try" : "";
}

export function renderSystems(name: string, { lines, date, machine, exactNll, settings }: SystemEntry): string {
  const heads = [
    "system",
    "budget",
    "test NLL",
    "+-",
    "excess",
    "+-",
    "CPU s",
    "updates",
    "parameters",
    "NFE",
    "MiB",
    "inversion",
    "gap",
  ];
  const cells = lines.map(({ system, budget, run, processor, fit, excess }) => [
    `${system}${secondTry(fit)}${processor && processor !== machine.processor ? `, on ${processor}` : ""}`,
    budget === null ? (run ?? "default") : `${budget} s`,
    fixed(fit.testNll, 3),
    fixed(fit.standardError, 3),
    excess ? fixed(excess.mean, 4) : "-",
    excess ? fixed(excess.standardError, 4) : "-",
    fixed(fit.cpuSeconds, 1),
    String(fit.updates),
    String(fit.parameters),
    fit.evaluations ? `${fit.evaluations.forward}/${fit.evaluations.backward}` : "-",
    fixed(fit.peakMiB, 0),
    fit.inversionError === null ? "-" : fit.inversionError.toExponential(1),
    fit.gap === null ? "-" : fit.gap.toExponential(1),
  ]);
  const exact = exactNll === undefined ? "" : ` The exact density has ${fixed(exactNll, 4)} nats on the test rows.`;
  const changed = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const trial = changed.length > 0 ? ` In place of defaults: ${changed.join(" ")}.` : "";
  const line = `${date}; ${machineLine(machine)}; one thread.${exact}${trial}`;
  return [`## ${name}`, "", line, "", markdownTable([heads, ...cells])].join("\n");
}
