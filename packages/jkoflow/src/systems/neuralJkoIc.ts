/**
 * Importance-corrected neural JKO sampling: a target g / Z of which log g and its gradient are known, nothing else.
 *
 * J. Hertrich, R. Gruhlke, "Importance corrected neural JKO sampling", arXiv:2407.20444, ICML 2025 (PMLR 267). A velocity
 * field carries rows x(0) ~ p_k for unit time, x' = v(x, s), l' = div v(x, s), and is the JKO step of KL with h = tau / 2:
 *
 *   v_k = argmin_v  E[ -log g(x(1)) - l(1) + (1/tau_k) int |v(x(s), s)|^2 ds ],    tau_k = tau_0 growth^k
 *
 * Such steps carry mass along gradients and cannot mend the weights of modes: after the first steps each is followed by
 * rejection steps (chain/rejection.ts), which move mass at a distance. The density of the rows stays known.
 *
 * Ours: Runge-Kutta steps are part of the objective, their number drawn from three at each update, as in JKO-iFlow; the
 * divergence is exact; each part is fitted to rows that no part before it has seen.
 */
import {
  type BlockPart,
  type CorrectedChain,
  type CorrectedRows,
  drawsOf,
  fitRejection,
  isRejection,
  logWeightsOf,
  openPart,
  type Part,
  type Rejection,
} from "../chain/index.ts";
import { type Distribution, standardNormal } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { type Functional, sum, type Term, transport } from "../functionals/index.ts";
import { add, negate } from "../graph/index.ts";
import { createBlockRunner, type FieldConfig, initField, weightScalars } from "../maps/index.ts";
import { rk4 } from "../ode/index.ts";
import { fold, integers, type Key, power } from "../random/index.ts";
import {
  above,
  atLeast,
  but,
  checkSettings,
  defaultsOf,
  network,
  type SettingsOf,
  setting,
  share,
  training,
  whole,
} from "../settings/index.ts";
import { cosineRate, createBatches } from "../train/index.ts";

/** The settings, with their defaults: those of the paper for eight modes, with fewer and smaller updates. */
export const neuralJkoIcSettings = {
  hidden: but(network.hidden, [64, 64]),
  updates: but(training.updates, 1200),
  batchSize: but(training.batchSize, 512),
  learningRate: training.learningRate,
  learningRateFloor: training.learningRateFloor,
  clip: but(training.clip, 10),
  solverSteps: training.solverSteps,
  pool: setting(whole(2), 10_000, "rows of the chain so far that a part is fitted to, fresh ones for each part"),
  firstStep: setting(above(0), 0.05, "tau of the first flow, which is twice its step size h"),
  stepGrowth: setting(atLeast(1), 4, "what tau is multiplied by from flow to flow"),
  flowsBefore: setting(whole(0), 2, "flows before the first that is followed by rejections"),
  rejectionFlows: setting(whole(0), 4, "flows that are followed by rejections"),
  rejections: setting(whole(1), 3, "rejection steps after each of these"),
  rejectionRate: setting(share, 0.2, "share of rows that a rejection step replaces"),
};

export type NeuralJkoIcSettings = SettingsOf<typeof neuralJkoIcSettings>;

/** A part as data: a block of the velocity field, or a rejection step. */
export type SamplerPart = Part | Rejection;

/** What is known when a part is finished, on the rows that the part was fitted to. */
export interface SamplerReport {
  readonly kind: "flow" | "rejection";
  /** Mean of log g - log p before the part, nats: a lower bound of log Z. */
  readonly meanLogWeight: number;
  /** tau of a flow. */
  readonly step?: number;
  /** log c of a rejection, nats: log Z - log(1 - rate) where the density is right. */
  readonly logC?: number;
}

/** What training takes besides the target. */
export interface NeuralJkoIcOptions {
  readonly key: Key;
  /** Default N(0, I), as published. */
  readonly base?: Distribution;
  readonly settings?: Partial<NeuralJkoIcSettings>;
  readonly onPart?: (report: SamplerReport) => void;
}

/** A trained sampler as data. */
export interface TrainedSampler {
  readonly parts: readonly SamplerPart[];
  readonly reports: readonly SamplerReport[];
}

/** Runge-Kutta steps of a block that is trained: the most that training draws. */
const playedSteps = (solverSteps: number): number => solverSteps + 1;
/** Updates over which the rate rises. */
const WARMUP = 30;

/** A chain whose blocks lie on an engine. */
export interface OpenSampler extends CorrectedChain {
  dispose(): void;
}

/**
 * Opens the parts of a sampler for `drawsOf` and `logProbOf`.
 * @param steps Runge-Kutta steps of each block; default those it was trained for. What twice as many change is the error
 *   of the solver.
 */
export function openSampler(
  engine: Engine,
  parts: readonly SamplerPart[],
  { base, target }: Pick<CorrectedChain, "base" | "target">,
  steps?: number,
): OpenSampler {
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where: "sampler", place, came, expected });
  };
  const opened = parts.map((part) => {
    if (isRejection(part)) return part;
    return openPart(
      steps === undefined ? part : { ...part, config: { ...part.config, steps } as Part["config"] },
      engine,
      fail,
    );
  });
  return {
    base,
    target,
    parts: opened,
    dispose: () => {
      for (const part of opened) if ("dispose" in part) part.dispose();
    },
  };
}

/**
 * Trains a sampler of `target`, a density up to a constant.
 * @throws InputError for settings that do not fit; NumericError where the target is 0 at too many rows for a rejection.
 *
 * @example
 * ```ts
 * import { createEngine, createKey } from "jkoflow";
 * import { drawsOf } from "jkoflow/chain";
 * import { eightModes, standardNormal } from "jkoflow/distributions";
 * import { neuralJkoIc, neuralJkoIcSettings, openSampler } from "jkoflow/systems";
 *
 * const engine = await createEngine({ threads: 1 });
 * const [base, target] = [standardNormal(2), eightModes()];
 * const small = { hidden: [8, 8], updates: 20, pool: 500, rejectionFlows: 1 }; // far too few for a good sampler
 * const { parts, reports } = neuralJkoIc(engine, target, { key: createKey(0), base, settings: small });
 * const sampler = openSampler(engine, parts, { base, target });
 * console.log(neuralJkoIcSettings.updates.value, reports.length, drawsOf(sampler, createKey(1)).take(100).logProb.length); // 1200 6 100
 * sampler.dispose();
 * engine.dispose();
 * ```
 */
export function neuralJkoIc(engine: Engine, target: Distribution, options: NeuralJkoIcOptions): TrainedSampler {
  const { key, base = standardNormal(target.dimension), onPart } = options;
  const settings = checkSettings(
    neuralJkoIcSettings,
    { ...defaultsOf(neuralJkoIcSettings), ...options.settings },
    "neural-jko-ic",
  );
  const { flowsBefore, rejectionFlows, rejections, rejectionRate, firstStep, stepGrowth, pool } = settings;
  const trainer = createFlowTrainer(engine, target, settings);
  const parts: SamplerPart[] = [];
  const reports: SamplerReport[] = [];

  const append = (
    fitted: (seen: CorrectedRows, meanLogWeight: number, key: Key) => [SamplerPart, SamplerReport],
  ): void => {
    const sampler = openSampler(engine, parts, { base, target });
    const own = fold(key, "part", parts.length);
    const seen = drawsOf(sampler, fold(own, "pool")).take(pool);
    sampler.dispose();
    const [part, report] = fitted(seen, mean(logWeightsOf(target, seen)), own);
    parts.push(part);
    reports.push(report);
    onPart?.(report);
  };

  for (let k = 0; k < flowsBefore + rejectionFlows; k++) {
    const step = firstStep * power(stepGrowth, k);
    append((seen, meanLogWeight, own) => [
      trainer.train(seen.rows, step / 2, own),
      { kind: "flow", meanLogWeight, step },
    ]);
    for (let i = 0; k >= flowsBefore && i < rejections; i++) {
      append((seen, meanLogWeight) => {
        const rejection = fitRejection(logWeightsOf(target, seen), rejectionRate);
        return [rejection, { kind: "rejection", meanLogWeight, logC: rejection.logC }];
      });
    }
  }
  trainer.dispose();
  return { parts, reports };
}

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Trains blocks, each from the identity, on one set of programs: the step size is a weight. */
function createFlowTrainer(engine: Engine, target: Distribution, settings: NeuralJkoIcSettings) {
  const { hidden, updates, batchSize, learningRate, learningRateFloor, clip, solverSteps, pool } = settings;
  const field: FieldConfig = {
    kind: "mlp",
    dimension: target.dimension,
    hidden,
    activation: { kind: "softplus", beta: 1 },
    time: "concat",
  };
  /** KL of the pushed rows to the target, less what no map changes: -log g(x(1)) - l(1). */
  const perRow: Term["perRow"] = ({ y, logDet }) => negate(add(target.logDensity(y), logDet!));
  const needs: Term["needs"] = [];
  const descent: Functional = {
    title: `KL to ${target.title}`,
    needs,
    terms: [{ name: "target", weight: 1, needs, perRow }],
    perRow,
  };
  const block: BlockPart = { kind: "block", field, tableau: "rk4", steps: playedSteps(solverSteps) };
  const runner = createBlockRunner(engine, { field, divergence: "exact", tableau: rk4 });
  const objective = (h: number): Functional => sum([1, descent], [1 / h, transport()]);
  const { terms } = objective(1);

  const train = (rows: Float64Array, h: number, key: Key): Part => {
    const parameters = engine.parameters(initField(field, fold(key, "field"), 0));
    const x = engine.table(pool, target.dimension, Float32Array.from(rows));
    const batches = createBatches(fold(key, "batches"), pool, Math.min(batchSize, pool));
    const scalars = weightScalars(objective(h));
    const rate = { warmup: WARMUP, peak: learningRate, floor: learningRateFloor, updates };
    for (let update = 0; update < updates; update++) {
      const [drawn] = integers(fold(key, "steps", update), 1, 0, 3);
      runner
        .training(Math.max(1, solverSteps - 1 + drawn), "plain", terms)
        .step(
          { parameters, indices: batches.at(update), inputs: { x }, scalars },
          { learningRate: cosineRate(rate, update), ...(clip > 0 ? { clip } : {}) },
        );
    }
    const weights = parameters.read();
    parameters.dispose();
    x.dispose();
    return { config: block, weights };
  };
  return { train, dispose: runner.dispose };
}
