/**
 * Planar targets with exact densities: JKO-iFlow with the settings the library chooses against the entropy, against the
 * exact density on the same fresh test rows, and against a Gaussian and a mixture.
 *
 * `npm run bench -- toys [--quick] [--toys moons,rosePicture] [--seed 1] [--threads 2] [--data DIR] [--set key=value ...]
 *  [--json FILE]`
 */
import { parseArgs } from "node:util";
import { estimateEntropy } from "../packages/jkoflow/src/data/index.ts";
import { type Estimate, pairedDifference } from "../packages/jkoflow/src/evaluate/index.ts";
import { createKey, fold } from "../packages/jkoflow/src/random/index.ts";
import { buildPrograms } from "./parts/build.ts";
import { runFit } from "./parts/child.ts";
import { blockTable, fixed, meanAndError } from "./parts/figures.ts";
import type { Fit } from "./parts/fit.ts";
import { dataOption, fitOptions, readFitOptions } from "./parts/fitOptions.ts";
import { passingFolder } from "./parts/folder.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { readLogProb, writeProblem } from "./parts/problem.ts";
import { type Conditions, changedSettings, conditions, conditionsLine, storeEntries } from "./parts/results.ts";
import { exactLogProb, splitTarget } from "./parts/targetSplit.ts";
import { asked, askedNll, loadTarget, rowSettings, type TargetName, targetNames } from "./parts/targets.ts";

/** Rows of the entropy's Monte Carlo sum. */
const ENTROPY_ROWS = 400_000;
/** The box of the integral: the range of the test rows, and this share of it on every side. */
const MARGIN = 0.25;
/** Seconds and deviation of the integral that are asked for. */
const LIMITS = { seconds: 180, integral: 0.01 } as const;

interface Entry extends Conditions {
  readonly seed: number;
  readonly entropy: number;
  readonly entropyError: number;
  /** Mean of -ln p of the target itself on the test rows. */
  readonly exactNll: number;
  /** NLL of the flow minus that, paired. */
  readonly excess: Estimate;
  readonly fits: readonly Fit[];
}

function boxAround(points: Float32Array): number[] {
  const [lower, upper] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ];
  points.forEach((value, i) => {
    lower[i % 2] = Math.min(lower[i % 2], value);
    upper[i % 2] = Math.max(upper[i % 2], value);
  });
  const margin = [0, 1].map((k) => MARGIN * (upper[k] - lower[k]));
  return [...lower.map((value, k) => value - margin[k]), ...upper.map((value, k) => value + margin[k])];
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      ...fitOptions,
      ...dataOption,
      threads: { type: "string", default: "2" },
      toys: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const names = parseNames("toys", options.toys ?? (options.quick ? "moons" : targetNames.join(",")), targetNames);
  const seed = parseCount("seed", options.seed);
  const { threads, settings: given, file } = readFitOptions("toys", options);
  const programs = buildPrograms();
  const folder = passingFolder();

  const entries: Record<string, Entry> = {};
  for (const name of names) {
    const toy = await loadTarget(name, options.data);
    if (typeof toy === "string") {
      console.log(`${toy}\n`);
      continue;
    }
    const key = fold(createKey(seed), "toy", name);
    const problem = splitTarget(toy, name, seed);
    const files = writeProblem(folder, problem);
    const report = (text: string): void => console.error(`${name} ${text}`);
    const task = { files, seed, threads, logProbs: folder };
    const settings = { ...rowSettings[name], ...given };
    const flows = await runFit(
      programs.program("jkoflow_fit"),
      { ...task, settings, box: boxAround(problem.test.values) },
      report,
    );
    const baselines = await runFit(programs.program("jkoflow_baselines"), { ...task, settings: {} }, report);
    const exact = exactLogProb(toy, problem.test);
    const { entropy, standardError } = estimateEntropy(toy, fold(key, "entropy"), ENTROPY_ROWS);
    entries[name] = {
      ...conditions(threads, settings),
      seed,
      entropy,
      entropyError: standardError,
      exactNll: -exact.reduce((sum, value) => sum + value / exact.length, 0),
      excess: pairedDifference(await readLogProb(folder, "flow"), exact),
      fits: [...baselines, ...flows],
    };
    console.log(`${renderTable({ [name]: entries[name] })}\n`);
    if (file !== undefined) storeEntries(file, { [name]: entries[name] }, renderAll);
  }
  if (Object.keys(entries).length > 1) console.log(renderTable(entries));
});

function renderAll(entries: Readonly<Record<string, Entry>>): string {
  const flows = Object.values(entries).flatMap(({ fits }) => fits.filter(({ blocks }) => blocks.length > 0));
  return [
    "# Planar targets",
    `${conditionsLine(Object.values(entries)[0])}; settings chosen by the library, unless a row says otherwise.`,
    "100,000 training rows, 10,000 validation rows, 50,000 fresh test rows. The entropy is the lowest NLL any model can " +
      "reach; the excess is the NLL of the flow minus that of the exact density on the same rows. All NLL on the fine grid.",
    renderTable(entries),
    ...Object.entries(entries).map(([name, entry], i) =>
      [`## ${name}`, ...settingsLine(entry), blockTable([flows[i]])].join("\n\n"),
    ),
  ].join("\n\n");
}

function settingsLine(entry: Entry): string[] {
  const changed = changedSettings(entry);
  return changed === "" ? [] : [`Settings in place of the chosen ones: ${changed}.`];
}

function renderTable(entries: Readonly<Record<string, Entry>>): string {
  const head = [
    "target",
    "entropy",
    "exact",
    "test NLL",
    "excess",
    "s.e.",
    "asked",
    "Gaussian",
    "mixture",
    "blocks",
    "updates",
    "wall s",
    "CPU s",
    "MiB",
    "integral",
    "gap",
    "verdict",
  ];
  const rows = Object.entries(entries).map(([name, entry]) => {
    const [gaussian, mixture, flow] = entry.fits;
    const limit = askedNll(asked[name as TargetName], entry.entropy);
    return [
      name,
      fixed(entry.entropy, 4),
      fixed(entry.exactNll, 4),
      fixed(flow.testNll, 4),
      ...meanAndError(entry.excess, 4),
      fixed(limit, 3),
      fixed(gaussian.testNll, 3),
      fixed(mixture.testNll, 4),
      String(flow.blocks.filter(({ accepted }) => accepted).length),
      String(flow.updates),
      fixed(flow.wallSeconds, 1),
      fixed(flow.cpuSeconds, 1),
      fixed(flow.peakMiB, 0),
      fixed(flow.integral, 4),
      fixed(flow.gap, 4),
      verdict(flow, mixture, limit, entry),
    ];
  });
  return markdownTable([head, ...rows]);
}

function verdict(flow: Fit, mixture: Fit, limit: number | undefined, { excess, entropy }: Entry): string {
  const complaints: string[] = [];
  // Judged by the excess on the same rows: the test draw's own luck is no merit of the flow.
  if (limit !== undefined && entropy + excess.mean > limit) {
    complaints.push(`above the asked by ${fixed(entropy + excess.mean - limit, 3)}`);
  }
  if (flow.wallSeconds > LIMITS.seconds) complaints.push(`slower than ${LIMITS.seconds} s`);
  if (!(Math.abs((flow.integral ?? 0) - 1) <= LIMITS.integral)) complaints.push("integral off");
  if (flow.testNll >= mixture.testNll) complaints.push("loses to the mixture: more blocks or updates, or take that");
  return complaints.length === 0 ? "ok" : complaints.join("; ");
}
