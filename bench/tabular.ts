/**
 * Tables in fixed splits: Gaussian, mixture, JKO-iFlow with the settings the library chooses, and PyTorch, each fit in a
 * process of its own. NLL in nats in the units of the files, on a grid of twice the solver steps the model is stored with.
 *
 * `npm run bench -- tabular [--quick] [--sets miniboone,power,gas,bsds300] [--seeds 3] [--threads 1] [--peer]
 *  [--data DIR] [--set key=value ...] [--json FILE]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import { blockTable, fitTable, fixed, targetTable, timeToTarget } from "./parts/figures.ts";
import type { Fit, FitTask } from "./parts/fit.ts";
import { machineLine } from "./parts/machine.ts";
import { median } from "./parts/measure.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import type { PeerCommand } from "./parts/peer.ts";
import { writeProblem } from "./parts/problem.ts";
import { torchCommand } from "./parts/python.ts";
import { type Conditions, conditions, resultFile, storeEntries } from "./parts/results.ts";
import { loadSet, type SetName, setNames, tabularSets } from "./parts/tabularSets.ts";
import { torchSettings } from "./parts/torchPeer.ts";

interface Entry extends Conditions {
  readonly fits: readonly Fit[];
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      sets: { type: "string" },
      seeds: { type: "string" },
      threads: { type: "string", default: "1" },
      peer: { type: "boolean", default: false },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
    },
  });
  const sets = parseNames("sets", options.sets ?? (options.quick ? "miniboone" : setNames.join(",")), setNames);
  const seeds = parseCount("seeds", options.seeds ?? (options.quick ? "1" : "3"));
  const threads = parseCount("threads", options.threads);
  const settings = parseSettings(options.set);
  const programs = buildPrograms();
  const torch = options.peer ? torchCommand("torch_jko.py") : undefined;
  if (options.peer && torch === undefined) console.log("no python3 with torch on this machine: the peer is left out");
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

  const trial = options.set.length > 0; // a run with other settings is stored only where it was asked for
  const file = options.json ?? (trial ? undefined : resultFile(options.quick ? "tabular-quick" : "tabular"));

  for (const name of sets) {
    const problem = await loadSet(name, options.data);
    if (typeof problem === "string") {
      console.log(`${problem}\n`);
      continue;
    }
    const files = writeProblem(folder, problem);
    const fits: Fit[] = [];
    const fit = async (label: string, command: PeerCommand, task: Omit<FitTask, "files">): Promise<void> => {
      const report = (text: string): void => console.error(`${name} ${label} seed ${task.seed}, ${text}`);
      fits.push(...(await runFit(command, { files, ...task }, report)));
    };
    await fit("baselines", programs.program("jkoflow_baselines"), { settings: {}, seed: 1, threads: 1 });
    const peer = torchSettings[name];
    // Seed after seed, ours and the peer in turn, so that a busy machine is unfair to neither.
    for (let seed = 1; seed <= seeds; seed++) {
      await fit("flow", programs.program("jkoflow_fit"), { settings, seed, threads });
      if (torch && peer) await fit("PyTorch", torch, { settings: peer, seed, threads: 1 });
    }
    const entry: Entry = { ...conditions(threads, settings), fits };
    console.log(`${renderSet(name, entry)}\n`);
    if (file !== undefined) storeEntries(file, { [name]: entry }, renderAll);
  }
});

function renderAll(entries: Readonly<Record<string, Entry>>): string {
  const known = setNames.filter((name) => name in entries);
  return ["# Tables in fixed splits", ...known.map((name) => renderSet(name, entries[name]))].join("\n\n");
}

function renderSet(name: SetName, { fits, date, machine, threads, settings }: Entry): string {
  const { title, targets, converged } = tabularSets[name];
  const of = (method: string): Fit[] => fits.filter((fit) => fit.method === method);
  const [ours, peer, mixture] = [of("flow"), of("PyTorch"), of("mixture")];
  const changed = Object.entries(settings).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const lines = [
    `## ${title}`,
    "",
    `${date}; ${machineLine(machine)}; ours on ${threads} ${threads === 1 ? "thread" : "threads"}, the others on 1.`,
    `Settings: ${changed.length > 0 ? `${changed.join(" ")}, otherwise those the library chooses` : "those the library chooses"}.`,
    "CPU seconds are those of training, validation included; test rows are scored while the clock is stopped, on the fine",
    "grid. The gap is the change of the test NLL between the grid the model is stored with and one twice as fine.",
    "",
    fitTable(fits),
    "",
    blockTable([...ours, ...peer]),
  ];
  if (peer.length > 0) {
    // Beside what is asked, what PyTorch itself came to: a target that it reaches in at least half of the runs.
    const end = Math.ceil(100 * median(peer.map((fit) => fit.testNll))) / 100;
    const times = [...new Set([...targets, end])].map((target) => timeToTarget(ours, peer, target));
    lines.push(
      "",
      `Time to a test NLL at the end of a block, medians over seeds (${fixed(end, 2)}: where PyTorch ends):`,
    );
    lines.push("", targetTable(times));
  }
  const reached = median(ours.map((fit) => fit.testNll));
  if (converged !== undefined) {
    const verdict = reached <= converged ? "reached" : `missed by ${fixed(reached - converged, 3)} nats`;
    lines.push("", `Asked at convergence: ${converged}; median over seeds ${fixed(reached, 3)}: ${verdict}.`);
  }
  if (mixture.length > 0 && reached >= mixture[0].testNll) {
    const lost = fixed(reached - mixture[0].testNll, 3);
    lines.push(
      "",
      `The flow LOSES to the mixture by ${lost} nats. Try more blocks or updates (blocks, updates), on small`,
    );
    lines.push("tables more weightDecay or jitter, on heavy tails transform=quantile; or take the mixture.");
  }
  return lines.join("\n");
}
