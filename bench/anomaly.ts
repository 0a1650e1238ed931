/**
 * Anomalies by density: the 36 sets of ADBench, -log p of a flow nobody tuned, and the score of one for anomalies, against a
 * Gaussian, a mixture, the distance to the 5th nearest neighbour and IsolationForest (scikit-learn, where a Python has it).
 * AUROC, average precision, NLL.
 *
 * `npm run bench -- anomaly [--quick] [--sets 4_breastw,6_cardio] [--methods flow,kNN] [--seed 1] [--threads 1] [--most 15000] [--data DIR]
 *  [--set key=value ...] [--part test|validation] [--json FILE]`
 *
 * `--most` bounds the training rows, for all methods alike.
 * `--part validation` scores the validation part in place of the test part: settings are tried with that.
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { scoreLogProb } from "../packages/jkoflow/src/evaluate/index.ts";
import { createKey } from "../packages/jkoflow/src/random/index.ts";
import { jkoIflow, type Purpose } from "../packages/jkoflow/src/systems/index.ts";
import { anomalySetNames, loadAnomalySet, MOST_TRAINING, missingSets } from "./parts/adbench.ts";
import {
  aurocTable,
  type Entry,
  type MethodName,
  methodNames,
  type Result,
  renderAll,
  standings,
} from "./parts/anomalyTables.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import type { Fit, FitTask, ProblemFiles } from "./parts/fit.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import type { PeerCommand } from "./parts/peer.ts";
import { readLogProb, type SplitProblem, writeProblem } from "./parts/problem.ts";
import { pythonCommand } from "./parts/python.ts";
import { ranking } from "./parts/ranking.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";

/** Small sets of several kinds: integers, atoms, many columns for their rows. */
const QUICK = ["4_breastw", "14_glass", "18_Ionosphere", "29_Pima", "40_vowels", "43_WDBC"];
const DENSITIES: readonly MethodName[] = ["flow", "flow-anomalies", "mixture", "Gaussian"];
const FLOWS: readonly (readonly [MethodName, Purpose])[] = [
  ["flow", "density"],
  ["flow-anomalies", "anomalies"],
];

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      sets: { type: "string" },
      most: { type: "string", default: String(MOST_TRAINING) },
      part: { type: "string", default: "test" },
      methods: { type: "string", default: methodNames.join(",") },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "1" },
      data: { type: "string", default: process.env.JKOFLOW_DATA },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
    },
  });
  const known = anomalySetNames(options.data);
  if (known.length === 0) return console.log(missingSets);
  const names = parseNames("sets", options.sets ?? (options.quick ? QUICK : known).join(","), known);
  const [part] = parseNames("part", options.part, ["test", "validation"]);
  const methods = parseNames("methods", options.methods, methodNames);
  const most = parseCount("most", options.most);
  const seed = parseCount("seed", options.seed);
  const threads = parseCount("threads", options.threads);
  const settings = parseSettings(options.set);
  const programs = buildPrograms();
  const neighbours = methods.includes("kNN") || methods.includes("IsolationForest");
  const sklearn = neighbours ? pythonCommand("sklearn_anomaly.py", "sklearn") : undefined;
  if (neighbours && sklearn === undefined)
    console.log("no python3 with scikit-learn: kNN and IsolationForest are left out");
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

  const trial = part !== "test" || options.set.length > 0 || methods.length < methodNames.length; // stored only where it was asked for
  const file = options.json ?? (trial ? undefined : resultFile(options.quick ? "anomaly-quick" : "anomaly"));

  const entries: Record<string, Entry> = {};
  for (const name of names) {
    const set = await loadAnomalySet(name, options.data!, part, most);
    const { problem, anomaly, tested } = set;
    if (!anomaly.subarray(0, tested).includes(1)) {
      console.log(`${name} is left out: no anomaly in its ${part} part`);
      continue;
    }
    const files = writeProblem(folder, problem);
    const seconds: Partial<Record<MethodName, number>> = {};
    const fit = async (program: string, task: Pick<FitTask, "settings" | "purpose">): Promise<readonly Fit[]> => {
      const whole = { files, seed, logProbs: folder, threads, ...task };
      return runFit(programs.program(program), whole, (text) => console.error(`${name} ${text}`));
    };
    const same = sameSettings(problem);
    const score = (method: string): string => join(folder, `${method}.npy`);
    for (const [method] of FLOWS) rmSync(score(`${method}-score`), { force: true }); // of the set before
    for (const [method, purpose] of FLOWS) {
      if (!methods.includes(method)) continue;
      if (method === "flow-anomalies" && same && seconds.flow !== undefined) {
        seconds[method] = seconds.flow;
        copyFileSync(score("density"), score(method));
        continue;
      }
      const [{ cpuSeconds }] = await fit("jkoflow_fit", { settings, purpose });
      seconds[method] = cpuSeconds;
      renameSync(score("flow"), score(method === "flow" ? "density" : method)); // the program's name for it
      if (existsSync(score("flow-score"))) renameSync(score("flow-score"), score(`${method}-score`));
    }
    if (seconds.flow !== undefined) renameSync(score("density"), score("flow"));
    if (methods.includes("mixture") || methods.includes("Gaussian")) {
      const fits = await fit("jkoflow_baselines", { settings: {} });
      for (const { method, cpuSeconds } of fits) seconds[method as MethodName] = cpuSeconds;
    }
    if (sklearn !== undefined) Object.assign(seconds, runSklearn(sklearn, files, folder, seed));

    const normal = Array.from({ length: tested }, (_, i) => i).filter((i) => anomaly[i] === 0);
    const all = [...normal, ...Array.from(anomaly.keys()).filter((i) => anomaly[i] !== 0)];
    const results: Partial<Record<MethodName, Result>> = {};
    for (const method of methods.filter((method) => seconds[method] !== undefined)) {
      const read = await readLogProb(folder, method);
      const isDensity = DENSITIES.includes(method);
      const apart = existsSync(score(`${method}-score`));
      const ranked = apart ? await readLogProb(folder, `${method}-score`) : read;
      const scores = isDensity ? ranked.map((value) => -value) : ranked;
      const held = isDensity ? scoreLogProb(normal.map((i) => read[i])) : undefined;
      results[method] = {
        ...ranking(scores.subarray(0, tested), anomaly.subarray(0, tested)),
        aurocAll: ranking(
          all.map((i) => scores[i]),
          all.map((i) => anomaly[i]),
        ).auroc,
        nll: held?.nll ?? null,
        nllError: held?.standardError ?? null,
        cpuSeconds: seconds[method]!,
      };
    }
    entries[name] = {
      ...conditions(threads, settings),
      seed,
      rows: [problem.train.rows, problem.validation.rows, tested],
      available: set.available,
      columns: problem.train.columns.length,
      constant: set.constant,
      tied: Object.keys(set.widths).length,
      anomalies: [tested - normal.length, problem.test.rows - tested],
      results: { ...earlier(file, name, seed), ...results },
    };
    console.log(
      `${aurocTable({ [name]: entries[name] })
        .split("\n")
        .slice(0, 3)
        .join("\n")}\n`,
    );
    if (file !== undefined) storeEntries(file, { [name]: entries[name] }, renderAll);
  }
  console.log(`${aurocTable(entries)}\n\n${standings(entries)}`);
});

/** Large tables have the same settings for either purpose. */
function sameSettings(problem: SplitProblem): boolean {
  const [density, anomalies] = FLOWS.map(([, purpose]) => jkoIflow.defaults(problem, createKey(0), { purpose }));
  return JSON.stringify(density) === JSON.stringify(anomalies);
}

/** Results of other methods that were measured on the same rows before. */
function earlier(file: string | undefined, name: string, seed: number): Entry["results"] {
  if (file === undefined || !existsSync(file)) return {};
  const known = (JSON.parse(readFileSync(file, "utf8")) as Record<string, Entry>)[name];
  return known?.seed === seed ? known.results : {};
}

/** Processor seconds of each method; its scores are in `folder` afterwards. */
function runSklearn(
  { command, args, env }: PeerCommand,
  files: ProblemFiles,
  folder: string,
  seed: number,
): Record<string, number> {
  const task = JSON.stringify({ train: files.train, test: files.test, seed, scores: folder });
  const run = spawnSync(command, [...args, task], { env: { ...process.env, ...env }, encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr.trim().split("\n").at(-1));
  return (JSON.parse(run.stdout) as { cpuSeconds: Record<string, number> }).cpuSeconds;
}
