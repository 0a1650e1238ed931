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
  acceptance,
  type CorrectedChain,
  type CorrectedModel,
  drawsOf,
  fitRejection,
  logWeightsOf,
  type OpenCorrected,
  openCorrected,
  passesPerRow,
} from "../chain/index.ts";
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createFieldSteps, type FieldStepState, playedSteps } from "../jko/index.ts";
import { fold, type Key, power } from "../random/index.ts";
import { defended, graphTargetOf, judgeSampler, smcStart, targetOf, widened } from "../sampling/index.ts";
import { checkSettings, defaultsOf, type Settings } from "../settings/index.ts";
import { createBreather } from "../train/index.ts";
import { type EvolutionProblem, equationOf } from "./evolution.ts";
import type {
  FoundStart,
  NeuralJkoIcEvent,
  NeuralJkoIcResult,
  NeuralJkoIcRun,
  NeuralJkoIcState,
} from "./neuralJkoIcRun.ts";
import { type NeuralJkoIcSettings, schedule, settings } from "./neuralJkoIcSettings.ts";

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
        const { logC } = fitRejection(logRatios, chosen.rejectionRate);
        const counting = openCorrected(modelNow(), given);
        const { mean, error: massError } = countReplaced(counting.chain, logC, logRatios, chosen, fold(own, "mass"));
        counting.dispose();
        parts.push({ kind, logC, mean });
        reports.push({ kind, meanLogRatio, logC, massError });
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
    const judged = judgeSampler(model, given, fold(key, "judge"), chosen.judgedRows, played);
    // The mass of the density is 1 but for the errors of the shares, which stand in ln Z as they do in it.
    const logZError = Math.hypot(judged.logZError, ...reports.map(({ massError = 0 }) => massError));
    const figures = { ...judged, logZError };
    const flows = reports.filter(({ kind }) => kind === "flow").length;
    const trained = flows * chosen.updates * Math.min(chosen.batchSize, chosen.pool);
    const gradients = trained + (start?.evaluations ?? 0);
    return { model, reports, figures, gradients, ...(start ? { start } : {}) };
  } finally {
    steps.dispose();
  }
}

/**
 * The share that a rejection replaces, on fresh rows: as many as bring its standard error to the tolerance, since what it is off
 * by the density's mass is off from 1. By the rows on which log c was chosen it would be the rate itself.
 */
function countReplaced(
  chain: CorrectedChain,
  logC: number,
  seen: Float64Array,
  { massTolerance, pool }: NeuralJkoIcSettings,
  key: Key,
): { readonly mean: number; readonly error: number } {
  const variance = (shares: Float64Array): number => {
    const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
    return shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
  };
  const replaced = (logRatios: Float64Array): Float64Array => logRatios.map((ratio) => 1 - acceptance(ratio, { logC }));
  const spread = variance(replaced(seen));
  const n = Math.max(pool, Math.ceil(spread / massTolerance ** 2));
  const draws = drawsOf(chain, key);
  let sum = 0;
  for (let counted = 0; counted < n; ) {
    const rows = draws.take(Math.min(pool, n - counted));
    sum += replaced(logWeightsOf(chain.target, rows)).reduce((a, b) => a + b, 0);
    counted += rows.logProb.length;
  }
  return { mean: sum / n, error: Math.sqrt(spread / n) };
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
