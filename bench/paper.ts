/**
 * The tables of the JKO-iFlow paper (arXiv:2212.14424) as far as the data here allow, in one run: the rose in the plane (NLL,
 * MMD-c) and the four tables (NLL, MMD-m, MMD-1), thresholds by permutation, inversion error; ours at the budget of the peer
 * with its defaults and with effort best, which adds the paper's reparameterisation, beside a PyTorch JKO flow, a Gaussian
 * mixture and a Gaussian. Published figures stand below each. The stages of effort best go to the results of `effort`.
 *
 * `npm run bench -- paper [--quick] [--targets rosePicture,power,gas,miniboone,bsds300] [--seed 1] [--threads 1]
 *  [--efforts normal,best] [--data DIR] [--json FILE]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Table } from "../packages/jkoflow/src/data/index.ts";
import { type Bandwidth, mmdTest, scoreLogProb } from "../packages/jkoflow/src/evaluate/index.ts";
import { createKey, fold } from "../packages/jkoflow/src/random/index.ts";
import type { Effort, Settings } from "../packages/jkoflow/src/systems/index.ts";
import { withinBudget } from "./parts/budget.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import type { EffortFit } from "./parts/effortFit.ts";
import { type EffortEntry, renderEffort, renderEfforts } from "./parts/effortTables.ts";
import type { Fit } from "./parts/fit.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { type Entry, type MmdFigure, type PaperRow, renderAll, renderTarget } from "./parts/paperTables.ts";
import type { PeerCommand } from "./parts/peer.ts";
import { readSamples, type SplitProblem, writeProblem } from "./parts/problem.ts";
import type { PaperTarget } from "./parts/published.ts";
import { torchCommand } from "./parts/python.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";
import { loadSet, setNames } from "./parts/tabularSets.ts";
import { drawTarget, exactLogProb, splitTarget } from "./parts/targetSplit.ts";
import { loadTarget } from "./parts/targets.ts";
import { torchSettings } from "./parts/torchPeer.ts";

const targetNames: readonly PaperTarget[] = ["rosePicture", ...setNames];
/** Rows of each sample in MMD, as the paper has them at most, and permutations. */
const MMD = { maxRows: 10_000, permutations: 1000 } as const;
const QUICK_MMD = { maxRows: 1000, permutations: 200 } as const;
/** A run that shows that everything works, and no more. */
const QUICK: Settings = { blocks: 2, updates: 40 };
const QUICK_BEST: Settings = { ...QUICK, rounds: 1, roundUpdates: 20, jointUpdates: 20 };

/** The authors' code at a small budget, as it was run for the figure in `parts/paperTables.ts`. */
const AUTHORS_BUDGET: Settings = { blocks: 8, updates: 400, batchSize: 500 };

const bandwidths = (target: PaperTarget): readonly (readonly [string, Bandwidth])[] =>
  target === "rosePicture"
    ? [["MMD-c", "tenth"]]
    : [
        ["MMD-m", "median"],
        ["MMD-1", "unit"],
      ];

/** As many blocks, updates and rows per update as the PyTorch flow has; everything else as the library chooses. */
function equalUpdates(target: PaperTarget): Settings | undefined {
  if (target === "rosePicture") return AUTHORS_BUDGET;
  const peer = torchSettings[target];
  if (peer === undefined) return undefined;
  const { stepSizes, updates, batchSize } = peer as { stepSizes: number[]; updates: number[]; batchSize: number };
  // Our blocks all have the same number: the mean of the peer's.
  const planned = stepSizes.map((_, k) => updates[Math.min(k, updates.length - 1)]);
  const mean = Math.round(planned.reduce((sum, count) => sum + count, 0) / planned.length);
  return { blocks: stepSizes.length, stepSizes, updates: mean, batchSize };
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      targets: { type: "string" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "1" },
      efforts: { type: "string", default: "normal,best" },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      json: { type: "string" },
    },
  });
  const { quick } = options;
  const names = parseNames("targets", options.targets ?? (quick ? "miniboone" : targetNames.join(",")), targetNames);
  const seed = parseCount("seed", options.seed);
  const threads = parseCount("threads", options.threads);
  const efforts = parseNames("efforts", options.efforts, ["normal", "best"]);
  const file = options.json ?? resultFile(quick ? "paper-quick" : "paper");
  const programs = buildPrograms();
  const torch = torchCommand("torch_jko.py");
  if (torch === undefined) console.log("no python3 with torch on this machine: the PyTorch flow is left out");
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

  for (const name of names) {
    const found = await load(name, seed, options.data);
    if (typeof found === "string") {
      console.log(`${found}\n`);
      continue;
    }
    const { problem, exact } = found;
    const { test } = problem;
    const d = test.columns.length;
    const mmdOptions = quick ? QUICK_MMD : MMD;
    const samples = Math.min(mmdOptions.maxRows, test.rows);
    const task = { files: writeProblem(folder, problem), seed, logProbs: folder, samples };
    const compare = (rows: Float32Array): MmdFigure[] =>
      bandwidths(name).map(([label, bandwidth]) => {
        const key = fold(createKey(seed), "mmd", label);
        const result = mmdTest(test.values, rows, d, key, { ...mmdOptions, bandwidth });
        return { label, mmd: result.biased, threshold: result.threshold, pValue: result.pValue };
      });
    const rows: PaperRow[] = [];
    const add = async (
      command: PeerCommand,
      budget: string,
      settings: Settings,
      own: number,
      effort?: Effort,
    ): Promise<Fit> => {
      const whole = { ...task, settings, threads: own, ...(effort ? { effort } : {}) };
      const fits = await runFit(command, whole, (text) => console.error(`${name} ${budget} ${text}`));
      for (const fit of fits) {
        const drawn = fit.method === "Gaussian" ? undefined : await readSamples(folder, fit.method);
        rows.push(rowOf(fit, budget, drawn === undefined ? [] : compare(drawn)));
      }
      return fits[0];
    };
    await add(programs.program("jkoflow_baselines"), "", {}, 1);
    const peer = name === "rosePicture" ? undefined : torchSettings[name];
    const ours = programs.program("jkoflow_fit");
    const equal = equalUpdates(name);
    if (equal) await add(ours, "equal updates", quick ? { ...equal, ...QUICK, stepSizes: [2, 4] } : equal, threads);
    if (torch && peer) {
      const quickly = { ...peer, stepSizes: [2, 4], updates: [40] };
      const { cpuSeconds } = await add(torch, "hand-tuned", quick ? quickly : peer, 1);
      const report = (text: string): void => console.error(`${name} trial ${text}`);
      const { files } = task;
      const tried = async (settings: Settings) =>
        (await runFit(ours, { files, seed, threads: 1, settings }, report))[0];
      const settings = await withinBudget(tried, quick ? QUICK : {}, cpuSeconds);
      await add(ours, "equal CPU time", settings, 1);
    }
    await add(ours, "defaults", quick ? QUICK : {}, threads);
    if (efforts.includes("best")) {
      const program = programs.program("jkoflow_effort");
      const settings = quick ? QUICK_BEST : {};
      const fit = (await add(program, "effort best", settings, threads, "best")) as EffortFit;
      const line: EffortEntry = { ...conditions(threads, settings), effort: "best", exactNll: exact?.nll ?? null, fit };
      console.log(`${renderEffort(name, line)}\n`);
      if (!options.json) storeEntries(resultFile(quick ? "effort-quick" : "effort"), { [name]: line }, renderEfforts);
    }
    if (exact) {
      const { samples: others, ...figures } = exact;
      rows.push({ method: "the true density", budget: "", ...figures, mmd: compare(others.values) });
    }

    const entry: Entry = {
      ...conditions(threads, {}),
      seed,
      rows: [problem.train.rows, problem.validation.rows, test.rows],
      columns: d,
      compared: samples,
      permutations: mmdOptions.permutations,
      results: rows,
    };
    console.log(`${renderTarget(name, entry)}\n`);
    storeEntries(file, { [name]: entry }, renderAll);
  }
});

function rowOf(fit: Fit, budget: string, mmd: readonly MmdFigure[]): PaperRow {
  const { method, updates, cpuSeconds, testNll, standardError, inversionHalfSquare } = fit;
  const inversion = inversionHalfSquare ?? null;
  return { method, budget, updates, cpuSeconds, nll: testNll, standardError, mmd, inversion };
}

interface Loaded {
  readonly problem: SplitProblem;
  /** The true density scored on the test rows, and other rows of it: what no model can beat. */
  readonly exact?: Omit<PaperRow, "method" | "budget" | "mmd"> & { readonly samples: Table };
}

async function load(name: PaperTarget, seed: number, data: string | undefined): Promise<Loaded | string> {
  if (name !== "rosePicture") {
    const set = await loadSet(name, data);
    return typeof set === "string" ? set : { problem: set };
  }
  const toy = await loadTarget(name, data);
  if (typeof toy === "string") return toy;
  const problem = splitTarget(toy, name, seed);
  const samples = drawTarget(toy, name, seed, "samples", MMD.maxRows);
  const { nll, standardError } = scoreLogProb(exactLogProb(toy, problem.test));
  return { problem, exact: { nll, standardError, updates: 0, cpuSeconds: null, inversion: null, samples } };
}
