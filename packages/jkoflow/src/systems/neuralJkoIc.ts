/**
 * Importance-corrected neural JKO sampling: a target g / Z of which log g and its gradient are known, nothing else.
 *
 * J. Hertrich, R. Gruhlke, "Importance corrected neural JKO sampling", arXiv:2407.20444, ICML 2025 (PMLR 267). A velocity
 * field carries rows x(0) ~ p_k for unit time and is the JKO step of KL with h = tau / 2 (jko/fieldStep.ts):
 *
 *   v_k = argmin_v  E[ -log g(x(1)) - l(1) + (1/tau_k) int |v(x(s), s)|^2 ds ],    tau_k = tau_0 growth^k
 *
 * Such steps carry mass along gradients and cannot mend the weights of modes: after the first steps each is followed by
 * rejection steps (chain/rejection.ts), which move mass at a distance. The density of the rows stays known.
 *
 * Ours: the chain sets out from the mixture that tempered SMC ends in, a share of it made wider; from "start" is the published
 * variant. Each part is fitted to rows that no part before it has seen.
 */
import {
  type CorrectedModel,
  type CorrectedPart,
  fitRejection,
  logWeightsOf,
  type OpenCorrected,
  openCorrected,
  passesPerRow,
} from "../chain/index.ts";
import type { Distribution, MixtureBase } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createFieldSteps, type FieldStepState, playedSteps } from "../jko/index.ts";
import { fold, type Key, power } from "../random/index.ts";
import {
  defended,
  graphTargetOf,
  judgeSampler,
  type SamplerFigures,
  smcStart,
  targetOf,
  widened,
} from "../sampling/index.ts";
import {
  above,
  atLeast,
  but,
  checkSettings,
  defaultsOf,
  network,
  oneOf,
  type Settings,
  type SettingsOf,
  setting,
  share,
  training,
  whole,
} from "../settings/index.ts";
import { createBreather, type Event } from "../train/index.ts";
import { type EvolutionProblem, equationOf } from "./evolution.ts";

const settings = {
  from: setting(oneOf("smc", "start"), "smc", "a mixture fitted to rows of tempered SMC, or the start, as published"),
  population: setting(whole(100), 10_000, "rows of tempered SMC for its mixture"),
  defensive: setting(share, 0.25, "share of the mixture that is made wider, for mass that SMC has missed"),
  widening: setting(
    above(0),
    3,
    "how many times as wide: that share of the mixture, or the start, which must be a normal",
  ),
  hidden: but(network.hidden, [64, 64]),
  updates: but(training.updates, 1200),
  batchSize: but(training.batchSize, 512),
  learningRate: training.learningRate,
  learningRateFloor: training.learningRateFloor,
  clip: but(training.clip, 10),
  solverSteps: training.solverSteps,
  pool: setting(whole(2), 10_000, "rows of the chain so far that a part is fitted to, fresh ones for each part"),
  firstStep: setting(above(0), 1, "tau of the first flow, which is twice its step size h"),
  stepGrowth: setting(atLeast(1), 4, "what tau is multiplied by from flow to flow"),
  flowsBefore: setting(whole(0), 1, "flows before the first that is followed by rejections"),
  rejectionFlows: setting(whole(0), 2, "flows that are followed by rejections"),
  rejections: setting(whole(1), 3, "rejection steps after each of these"),
  rejectionRate: setting(share, 0.2, "share of rows that a rejection step replaces"),
  judgedRows: setting(whole(100), 10_000, "fresh rows on which the sampler is judged"),
};

export type NeuralJkoIcSettings = SettingsOf<typeof settings>;

/** What is known when a part is finished, on the rows that it was fitted to. */
export interface SamplerReport {
  readonly kind: "flow" | "rejection";
  /** Mean of log g - log p before the part, nats: a lower bound of log Z. */
  readonly meanLogRatio: number;
  /** tau of a flow. */
  readonly step?: number;
  /** log c of a rejection, nats: log Z - log(1 - rate) where the density is right. */
  readonly logC?: number;
}

/** What tempered SMC has found, from which the chain sets out. */
export interface FoundStart {
  readonly mixture: MixtureBase;
  readonly logZ: number;
  readonly logZError: number;
  /** Rows at which the target was evaluated. */
  readonly evaluations: number;
}

/** All that a run goes on from. */
export interface NeuralJkoIcState {
  readonly format: 1;
  readonly start?: FoundStart;
  readonly parts: readonly CorrectedPart[];
  readonly reports: readonly SamplerReport[];
  /** Of the part that is trained. */
  readonly field?: FieldStepState;
}

export type NeuralJkoIcEvent = Event<NeuralJkoIcState>;

/** What a run ends with. */
export interface NeuralJkoIcResult {
  readonly model: CorrectedModel;
  readonly reports: readonly SamplerReport[];
  readonly figures: SamplerFigures;
  /** Rows at which the target was evaluated, with its slopes. */
  readonly gradients: number;
  readonly start?: FoundStart;
}

export interface NeuralJkoIcRun {
  readonly engine: Engine;
  readonly problem: EvolutionProblem;
  readonly settings: Settings;
  readonly key: Key;
  readonly resume?: NeuralJkoIcState | undefined;
  readonly pause?: (() => Promise<void>) | undefined;
}

/** The parts of a chain in their order: flows by their number, and rejections. */
function* schedule({ flowsBefore, rejectionFlows, rejections }: NeuralJkoIcSettings): Generator<number | "rejection"> {
  for (let k = 0; k < flowsBefore + rejectionFlows; k++) {
    yield k;
    for (let i = 0; k >= flowsBefore && i < rejections; i++) yield "rejection";
  }
}

/**
 * The sampler for the target of a problem of `jko infer`.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, problems } from "jkoflow";
 * import { neuralJkoIc } from "jkoflow/systems";
 *
 * const engine = await createEngine({ threads: 1 });
 * const problem = problems.namedTargets.banana.make(2, createKey(0), { time: 4, step: 0.2 });
 * const few = { population: 800, hidden: [8, 8], updates: 20, pool: 1000, rejectionFlows: 1, judgedRows: 500 }; // for a good one too few
 * const settings = { ...neuralJkoIc.defaults, ...few };
 * console.log(neuralJkoIc.passes(settings).toFixed(2)); // 3.46
 * const run = neuralJkoIc.run({ engine, problem, settings, key: createKey(1) });
 * let next = await run.next();
 * while (!next.done) next = await run.next();
 * const { model, figures } = next.value;
 * console.log(model.parts.length, Math.abs(figures.logZ) < 0.2); // 5 true
 * engine.dispose();
 * ```
 */
export const neuralJkoIc = {
  name: "neural-jko-ic",
  title: "importance-corrected neural JKO",
  reference: "Hertrich, Gruhlke, ICML 2025, arXiv:2407.20444",
  settings,
  defaults: defaultsOf(settings),
  /** @throws InputError for a problem that is no target as a graph with a start that gives samples. */
  checkProblem: (problem: EvolutionProblem): void => {
    const came = problem.title;
    if (equationOf(problem) !== "gradient flow")
      throw new InputError({ where: "neural-jko-ic", came, expected: "KL to a density: an entropy and a potential" });
    sampledOf(problem.start);
    graphTargetOf(problem.functional, problem.dimension);
  },
  /** @throws InputError for a setting that is unknown, missing or of the wrong kind. */
  check: (given: Settings): Settings & NeuralJkoIcSettings => checkSettings(settings, given, "neural-jko-ic"),
  /** Map evaluations that a row of such a chain will cost. @throws InputError as `check`. */
  passes: (given: Settings): number => {
    const checked = neuralJkoIc.check(given);
    const rejection = { kind: "rejection", logC: 0, mean: checked.rejectionRate };
    return passesPerRow([...schedule(checked)].map((part) => (part === "rejection" ? rejection : {})));
  },
  /**
   * Opens what a run has ended with.
   * @throws InputError for a model that is not of the problem.
   */
  open: (engine: Engine, problem: EvolutionProblem, model: CorrectedModel, given: Settings): OpenCorrected =>
    openCorrected(model, givenOf(engine, problem, neuralJkoIc.check(given))),
  run: train,
} as const;

/** With which target and start its chains are opened. */
const givenOf = (engine: Engine, problem: EvolutionProblem, { widening }: NeuralJkoIcSettings) => ({
  engine,
  target: graphTargetOf(problem.functional, problem.dimension),
  start: widened(sampledOf(problem.start), widening),
});

async function* train(run: NeuralJkoIcRun): AsyncGenerator<NeuralJkoIcEvent, NeuralJkoIcResult, void> {
  const { engine, problem, key, resume } = run;
  const chosen = neuralJkoIc.check(run.settings);
  const { columns, dimension: d } = problem;
  const target = graphTargetOf(problem.functional, d);
  const steps = createFieldSteps(engine, target, chosen);
  const breathe = createBreather(run.pause);
  const [parts, reports] = [[...(resume?.parts ?? [])], [...(resume?.reports ?? [])]];
  let start = resume?.start;
  const stateNow = (field?: FieldStepState): NeuralJkoIcState => ({
    ...{ format: 1, parts: [...parts], reports: [...reports] },
    ...(start ? { start } : {}),
    ...(field ? { field } : {}),
  });
  try {
    const passesPerRow = neuralJkoIc.passes(chosen);
    yield { type: "start", place: [], values: { passesPerRow }, state: () => resume ?? stateNow() };
    if (chosen.from === "smc" && start === undefined) {
      start = await startOf(run, chosen, breathe);
      const { logZ, logZError } = start;
      const state = stateNow();
      yield { type: "step", place: ["base"], values: { logZ, logZError }, state: () => state };
    }
    const base = start ? defended(start.mixture, chosen.defensive, chosen.widening) : ("start" as const);
    const modelNow = (): CorrectedModel => ({ system: neuralJkoIc.name, columns, base, parts: [...parts] });
    const given = givenOf(engine, problem, chosen);
    for (const [at, kind] of [...schedule(chosen)].entries()) {
      if (at < parts.length) continue;
      const place = `part ${at + 1}`;
      const own = fold(key, "part", at);
      const open = openCorrected(modelNow(), given);
      const { values: rows, logProb } = open.draw(fold(own, "pool"), chosen.pool);
      open.dispose();
      const logRatios = logWeightsOf(target, { rows, logProb });
      const meanLogRatio = logRatios.reduce((a, b) => a + b, 0) / logRatios.length;
      if (kind === "rejection") {
        const rejection = fitRejection(logRatios, chosen.rejectionRate);
        parts.push(rejection);
        reports.push({ kind, meanLogRatio, logC: rejection.logC });
      } else {
        const step = chosen.firstStep * power(chosen.stepGrowth, kind);
        const training = steps.train(rows, step / 2, own, at === resume?.parts.length ? resume.field : undefined);
        let next = training.next();
        for (; !next.done; next = training.next()) {
          const { update, learningRate, gradientNorm, state } = next.value;
          const values = { update, updates: chosen.updates, learningRate, gradientNorm };
          yield { type: "update", place: [place], values, state: () => stateNow(state()) };
          await breathe();
        }
        parts.push(next.value);
        reports.push({ kind: "flow", meanLogRatio, step });
      }
      const values = { ...reports[at] };
      const state = stateNow();
      yield { type: "step", place: [place], values, state: () => state };
      await breathe();
    }
    const model = modelNow();
    const played = playedSteps(chosen.solverSteps);
    const figures = judgeSampler(model, given, fold(key, "judge"), chosen.judgedRows, played);
    const flows = reports.filter(({ kind }) => kind === "flow").length;
    const trained = flows * chosen.updates * Math.min(chosen.batchSize, chosen.pool);
    const gradients = trained + (start?.evaluations ?? 0);
    return { model, reports, figures, gradients, ...(start ? { start } : {}) };
  } finally {
    steps.dispose();
  }
}

/** Of tempered SMC, by its own defaults but for the rows. */
async function startOf(
  { engine, problem: { functional, dimension, start }, key }: NeuralJkoIcRun,
  { population }: NeuralJkoIcSettings,
  pause: () => Promise<void>,
): Promise<FoundStart> {
  const target = targetOf(engine, functional, dimension);
  try {
    const smc = { particles: population, groups: 16, ess: 0.9, leaps: 10, moves: 3 };
    const found = await smcStart(engine, target, sampledOf(start), smc, fold(key, "smc"), pause);
    const { mixture, logZ, logZError, evaluations } = found;
    return { mixture, logZ, logZError, evaluations };
  } finally {
    target.dispose();
  }
}

/** @throws InputError for a start without a sampler. */
function sampledOf(start: Distribution): Distribution & { readonly sample: NonNullable<Distribution["sample"]> } {
  const { sample, title } = start;
  if (sample === undefined) throw new InputError({ where: "start", came: title, expected: "one that gives samples" });
  return { ...start, sample };
}
