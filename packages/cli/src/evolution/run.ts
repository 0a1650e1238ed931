/** `jko evolve` and `jko infer` as one: a problem in words, a run directory, training, report. */
import { createEngine, type EvolutionProblem, evolutionSystems, InputError, type Settings } from "jkoflow";
import { checkEvolutionSettings, neuralJkoIc, systemFor, temperedSmc } from "jkoflow/systems";
import { type CommonFlags, engineOptions } from "../options.ts";
import { counted, small } from "../progress/numbers.ts";
import { createWatcher, type Watcher } from "../progress/watcher.ts";
import { readComplete } from "../report/complete.ts";
import { freeFolder } from "../run/runDirectory.ts";
import { createFolder, openFolder } from "../run/runFolder.ts";
import { type Shell, type SignalWatch, watchSignals } from "../shell.ts";
import { finishCorrected } from "./corrected.ts";
import type { CorrectedMeasures } from "./correctedMeasures.ts";
import { correctedSummary } from "./correctedWords.ts";
import { finishFlow } from "./finish.ts";
import { type EvolutionFlags, wordsOf } from "./flags.ts";
import { LIST, listProblems } from "./list.ts";
import type { EvolutionMeasures } from "./measures.ts";
import { type AskedProblem, problemOf } from "./problemOf.ts";
import { type EvolutionRecord, type EvolutionRun, isCorrected, isSampler, newRecord, recordKind } from "./record.ts";
import { finishSampled } from "./sampled.ts";
import type { SampledMeasures } from "./sampledMeasures.ts";
import { sampledSummary } from "./sampledWords.ts";
import type { FlowVerb } from "./verbs.ts";
import { summaryOf } from "./words.ts";

export async function runFlow(
  verb: FlowVerb,
  named: string | undefined,
  flags: EvolutionFlags,
  shell: Shell,
): Promise<void> {
  if (named === LIST) return await listProblems(verb, flags, shell);
  const watcher = createWatcher(shell, flags);
  const signals = watchSignals(shell);
  try {
    const said = wordsOf(named, flags, verb.name);
    const words = named === undefined ? { ...verb.defaults, ...said } : said;
    const { seed = 0, report = "full" } = flags;
    const asked = await problemOf(words, verb, seed, shell);
    const { problem } = asked;
    const system = flags.system ?? systemFor(problem, verb.system);
    const settings = isSampler({ system })
      ? samplerSettings(problem, flags, system)
      : flowSettings(problem, flags, system);
    const resolved = { ...words, time: problem.time, step: problem.step };
    if (flags.accuracy) checkAccuracy(problem, settings);
    const accuracy = flags.accuracy ? { accuracy: true as const } : {};
    const record = newRecord({ verb: verb.name, problem: resolved, system, seed, report, ...accuracy, settings });
    if (flags.printConfig) return await shell.out(`${JSON.stringify(record, null, 2)}\n`);
    const folder = flags.out ?? freeFolder(words.name?.replaceAll(":", "-") ?? words.module?.path ?? verb.name);
    const run = createFolder(recordKind(verb.name), folder, record, flags.breakLock ?? false);
    await complete(run, async () => asked, flags, { watcher, signals, shell });
  } finally {
    signals.forget();
    watcher.close();
  }
}

/** @throws InputError for a problem that cannot be sampled, settings that do not fit, and flags that speak of steps in time. */
function samplerSettings(
  problem: EvolutionProblem,
  { set, accuracy, tolerance }: EvolutionFlags,
  name: string,
): Settings {
  const system = samplerNamed(name);
  const idle = Object.entries({ "--accuracy": accuracy, "--tolerance": tolerance }).find(
    ([, flag]) => flag !== undefined,
  );
  if (idle !== undefined) {
    const expected = "a system whose maps are steps in time";
    throw new InputError({ where: idle[0], came: `it for ${name}`, expected, fix: "leave it out" });
  }
  system.checkProblem(problem);
  return system.check({ ...system.defaults, ...set });
}

/** The systems that sample a target without a flow in time. */
const samplerNamed = (name: string) => (name === neuralJkoIc.name ? neuralJkoIc : temperedSmc);

/** @throws InputError for a problem that the system cannot take, and settings that do not fit. */
const flowSettings = (problem: EvolutionProblem, flags: EvolutionFlags, system: string): Settings =>
  checkEvolutionSettings(evolutionSystems[system], problem, { ...wishedBy(flags, system), ...flags.set });

/** What flags that compare steps of two sizes ask of a system. @throws InputError for a system whose steps are all equal. */
function wishedBy({ accuracy, tolerance }: EvolutionFlags, system: string): Settings {
  const { accurate, settings } = evolutionSystems[system];
  if (tolerance === undefined) return accuracy ? (accurate ?? {}) : {};
  if (Object.hasOwn(settings, "tolerance")) return { ...accurate, tolerance };
  const can = Object.keys(evolutionSystems).filter((name) =>
    Object.hasOwn(evolutionSystems[name].settings, "tolerance"),
  );
  const [came, expected] = [`it for ${system}, whose steps are equal`, can.join(", ")];
  throw new InputError({ where: "--tolerance", came, expected, fix: "leave it out" });
}

/** @throws InputError where figures of half the step would not be of the same thing. */
function checkAccuracy({ functional }: EvolutionProblem, { tolerance = 0 }: Settings): void {
  const fail = (came: string, expected: string, fix: string): never => {
    throw new InputError({ where: "--accuracy", came, expected, fix });
  };
  if (Number(tolerance) > 0)
    fail("it beside a tolerance", "equal steps, of which there are halves", "leave one of the two out");
  if (functional.needs.includes("critic"))
    fail(`it for ${functional.title}`, "an F that is measured, not bounded by a critic", "leave it out");
}

interface Surroundings {
  readonly watcher: Watcher;
  readonly signals: SignalWatch;
  readonly shell: Shell;
}

interface FinishFlags extends CommonFlags {
  readonly checkpointEvery: number;
  readonly breakLock?: boolean;
}

/** Goes on with a run of the verb. */
export async function resumeFlow(verb: FlowVerb, folder: string, flags: FinishFlags, shell: Shell): Promise<void> {
  const watcher = createWatcher(shell, flags);
  const signals = watchSignals(shell);
  try {
    const run = openFolder(recordKind(verb.name), folder, flags.breakLock ?? false);
    await complete(run, () => problemOf(run.record.problem, verb, run.record.seed, shell), flags, {
      watcher,
      signals,
      shell,
    });
  } finally {
    signals.forget();
    watcher.close();
  }
}

async function complete(
  run: EvolutionRun,
  load: () => Promise<AskedProblem>,
  flags: FinishFlags,
  { watcher, signals, shell }: Surroundings,
): Promise<void> {
  try {
    const finish = isCorrected(run.record) ? finishCorrected : isSampler(run.record) ? finishSampled : finishFlow;
    let measures: CorrectedMeasures | EvolutionMeasures | SampledMeasures | undefined = readComplete(run, watcher.note);
    if (measures) watcher.note(`${run.folder} is complete already`);
    else {
      const { problem, notes } = await load();
      const engine = await createEngine(engineOptions(flags, watcher.note));
      try {
        watcher.phase(describeTask(run.folder, run.record, problem));
        notes.forEach(watcher.note);
        measures = await finish(
          engine,
          run,
          { problem, notes },
          { checkpointEvery: flags.checkpointEvery, signals, watcher },
        );
      } finally {
        engine.dispose();
      }
    }
    watcher.close();
    watcher.line({ event: "result", run: run.folder, ...measures });
    if (flags.json || flags.quiet) return;
    if ("passes" in measures) return await shell.out(correctedSummary(measures, run.folder));
    await shell.out("logZ" in measures ? sampledSummary(measures, run.folder) : summaryOf(measures, run.folder));
  } finally {
    run.release();
  }
}

function describeTask(
  folder: string,
  { system }: EvolutionRecord,
  { title, columns, time, step }: EvolutionProblem,
): string {
  const what = `${title}, ${counted(columns.length, "column")}`;
  if (isSampler({ system })) return `${folder}: ${samplerNamed(system).title}, ${what}`;
  return `${folder}: ${evolutionSystems[system].title}, ${what}, to t = ${small(time)} by ${small(step)}`;
}
