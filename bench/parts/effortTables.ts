/** Results of fits with an effort as text: a table of all targets, then the stages of each. */
import type { Effort } from "../../packages/jkoflow/src/systems/index.ts";
import type { EffortFit } from "./effortFit.ts";
import { fixed } from "./figures.ts";
import { machineLine } from "./machine.ts";
import { markdownTable } from "./measure.ts";
import type { Conditions } from "./results.ts";
import type { SetName } from "./tabularSets.ts";
import type { TargetName } from "./targets.ts";

/** Test NLL asked for; planar targets that are not named: the exact density on the same rows plus this. */
const ASKED: Readonly<Partial<Record<SetName | TargetName, number>>> = {
  miniboone: 17.0,
  gas: -6.4,
  power: -1.2,
  rosePicture: 2.6,
  checkerboard: 3.52,
};
const ABOVE_EXACT = 0.015;

export interface EffortEntry extends Conditions {
  readonly effort: Effort;
  /** Mean of -ln p of a planar target itself on the test rows. */
  readonly exactNll: number | null;
  readonly fit: EffortFit;
}

export function renderEfforts(entries: Readonly<Record<string, EffortEntry>>): string {
  const rows = Object.entries(entries).map(([name, entry]) => {
    const { fit, effort, exactNll } = entry;
    const reshaped = fit.stages.filter(({ stage }) => stage === "reparameterise");
    return [
      name,
      effort,
      fixed(fit.stages[0]?.testNll ?? null, 3),
      fixed(fit.testNll, 3),
      fixed(fit.standardError, 3),
      fixed(askedOf(name, exactNll), 3),
      fixed(exactNll, 3),
      fixed(fit.stages[0]?.cpuSeconds ?? null, 0),
      fixed(fit.cpuSeconds, 0),
      fixed(reshaped.at(-1)?.unevenness ?? null, 3),
    ];
  });
  const head = [
    "target",
    "effort",
    "grown",
    "test NLL",
    "s.e.",
    "asked",
    "exact density",
    "CPU s, growth",
    "CPU s",
    "unevenness",
  ];
  return [
    "# Stages after growth",
    "Test NLL in nats on the fine grid, after growth and at the end. Unevenness: max |S / mean S - 1| of the arc lengths after the last round of reparameterisation.",
    markdownTable([head, ...rows]),
    ...Object.entries(entries).map(([name, entry]) => renderEffort(name, entry)),
  ].join("\n\n");
}

function askedOf(name: string, exactNll: number | null): number | null {
  return ASKED[name as SetName | TargetName] ?? (exactNll === null ? null : exactNll + ABOVE_EXACT);
}

export function renderEffort(name: string, entry: EffortEntry): string {
  const { fit, date, machine, threads, effort, exactNll, settings } = entry;
  const head = [
    "stage",
    "round",
    "verdict",
    "blocks",
    "updates",
    "CPU s",
    "validation NLL",
    "test NLL",
    "this round",
    "unevenness",
  ];
  const rows = fit.stages.map((line) => [
    line.stage,
    String(line.round),
    line.verdict,
    String(line.blocks),
    String(line.updates),
    fixed(line.cpuSeconds, 1),
    fixed(line.validationNll, 4),
    fixed(line.testNll, 4),
    line.change === null ? "-" : `${fixed(line.change, 4)} ± ${fixed(line.changeError, 4)}`,
    fixed(line.unevenness, 3),
  ]);
  const asked = askedOf(name, exactNll);
  const verdict =
    asked === null ? "" : fit.testNll <= asked ? ": reached" : `: missed by ${fixed(fit.testNll - asked, 3)}`;
  const changed = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [
    `## ${name}, effort ${effort}`,
    `${date}; ${machineLine(machine)}; ${threads} ${threads === 1 ? "thread" : "threads"}; settings: ${changed.length > 0 ? `${changed.join(" ")}, otherwise ` : ""}those of the effort.`,
    markdownTable([head, ...rows]),
    `Test NLL ${fixed(fit.testNll, 4)} ± ${fixed(fit.standardError, 4)}, asked ${fixed(asked, 3)}${verdict}; solver gap ${fixed(fit.gap, 4)}; ${fixed(fit.cpuSeconds, 0)} CPU s.`,
  ].join("\n\n");
}
