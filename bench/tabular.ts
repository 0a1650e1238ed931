/**
 * Tables in fixed splits: Gaussian, mixture, JKO-iFlow with the settings the library chooses, and PyTorch, each fit in a
 * process of its own. NLL in nats in the units of the files, on a grid of twice the solver steps the model is stored with.
 *
 * `npm run bench -- tabular [--quick] [--sets miniboone,power,gas,bsds300] [--seeds 3] [--threads 1] [--peer]
 *  [--data DIR] [--set key=value ...] [--json FILE]`
 */
import { parseArgs } from "node:util";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import { blockTable, fitTable, fixed, targetTable, timeToTarget } from "./parts/figures.ts";
import type { Fit, FitTask } from "./parts/fit.ts";
import { dataOption, fitOptions, readFitOptions } from "./parts/fitOptions.ts";
import { passingFolder } from "./parts/folder.ts";
import { median } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import type { PeerCommand } from "./parts/peer.ts";
import { writeProblem } from "./parts/problem.ts";
import { torchCommand } from "./parts/python.ts";
import { type Conditions, changedSettings, conditions, conditionsLine, storeEntries } from "./parts/results.ts";
import { loadSet, type SetName, setNames, tabularSets } from "./parts/tabularSets.ts";
import { torchSettings } from "./parts/torchPeer.ts";

interface Entry extends Conditions {
  readonly fits: readonly Fit[];
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      ...fitOptions,
      ...dataOption,
      sets: { type: "string" },
      seeds: { type: "string" },
      peer: { type: "boolean", default: false },
    },
  });
  const sets = parseNames("sets", options.sets ?? (options.quick ? "miniboone" : setNames.join(",")), setNames);
  const seeds = parseCount("seeds", options.seeds ?? (options.quick ? "1" : "3"));
  const { threads, settings, file } = readFitOptions("tabular", options);
  const programs = buildPrograms();
  const torch = options.peer ? torchCommand("torch_jko.py") : undefined;
  if (options.peer && torch === undefined) console.log("no python3 with torch on this machine: the peer is left out");
  const folder = passingFolder();

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

function renderSet(name: SetName, entry: Entry): string {
  const { fits } = entry;
  const { title, targets, converged } = tabularSets[name];
  const of = (method: string): Fit[] => fits.filter((fit) => fit.method === method);
  const [ours, peer, mixture] = [of("flow"), of("PyTorch"), of("mixture")];
  const changed = changedSettings(entry);
  const lines = [
    `## ${title}`,
    "",
    `${conditionsLine(entry)} for ours, 1 for the others.`,
    `Settings: ${changed !== "" ? `${changed}, otherwise those the library chooses` : "those the library chooses"}.`,
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
