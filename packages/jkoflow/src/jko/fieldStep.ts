/**
 * A JKO step of KL towards a density by a velocity field, from rows of the density before it:
 *
 *   min over v  E[ -log g(x(1)) - l(1) ] + 1/(2 h) E int |v|^2 ds,     x' = v(x, s),  l' = div v(x, s),  s from 0 to 1
 *
 * The Runge-Kutta steps are part of the objective; their number is drawn from three at each update, as in JKO-iFlow, so that no
 * one grid can be exploited. The divergence is exact.
 */
import type { BlockPart, Part } from "../chain/index.ts";
import type { Engine, ParameterState } from "../engine/index.ts";
import { type Functional, sum, type Term, transport } from "../functionals/index.ts";
import { add, type Node, negate } from "../graph/index.ts";
import { createBlockRunner, type FieldConfig, initField, weightScalars } from "../maps/index.ts";
import { rk4 } from "../ode/index.ts";
import { fold, integers, type Key } from "../random/index.ts";
import { cosineRate, createBatches } from "../train/index.ts";

export interface FieldStepSettings {
  readonly hidden: readonly number[];
  readonly updates: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly learningRateFloor: number;
  readonly clip: number;
  readonly solverSteps: number;
}

/** Between two updates. */
export interface FieldStepState {
  readonly update: number;
  readonly parameters: ParameterState;
}

export interface FieldStepUpdate {
  /** Updates made. */
  readonly update: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly state: () => FieldStepState;
}

export interface FieldSteps {
  /** From rows [n, d], by the identity at first; `h` is the step size. Ends with the map. */
  train(rows: Float64Array, h: number, key: Key, resume?: FieldStepState): Generator<FieldStepUpdate, Part, void>;
  dispose(): void;
}

/** Runge-Kutta steps of a map when it is trained: the most that training draws. */
export const playedSteps = (solverSteps: number): number => solverSteps + 1;
/** Updates over which the rate rises. */
const WARMUP = 30;

/** Steps towards one target on one set of programs: the step size is a weight. */
export function createFieldSteps(
  engine: Engine,
  target: { readonly title: string; readonly dimension: number; logDensity(x: Node): Node },
  settings: FieldStepSettings,
): FieldSteps {
  const { hidden, updates, batchSize, learningRate, learningRateFloor, clip, solverSteps } = settings;
  const { dimension: d } = target;
  const activation = { kind: "softplus", beta: 1 } as const;
  const field: FieldConfig = { kind: "mlp", dimension: d, hidden, activation, time: "concat" };
  /** KL of the pushed rows to the target, less what no map changes. */
  const perRow: Term["perRow"] = ({ y, logDet }) => negate(add(target.logDensity(y), logDet!));
  const needs: Term["needs"] = [];
  const terms: Functional["terms"] = [{ name: "target", weight: 1, needs, perRow }];
  const descent: Functional = { title: `KL to ${target.title}`, needs, terms, perRow };
  const config: BlockPart = { kind: "block", field, tableau: "rk4", steps: playedSteps(solverSteps) };
  const runner = createBlockRunner(engine, { field, divergence: "exact", tableau: rk4 });
  const objective = (h: number): Functional => sum([1, descent], [1 / h, transport()]);
  const { terms: computed } = objective(1);

  function* train(rows: Float64Array, h: number, key: Key, resume?: FieldStepState) {
    const n = rows.length / d;
    const parameters = engine.parameters(initField(field, fold(key, "field"), 0));
    const x = engine.table(n, d, Float32Array.from(rows));
    try {
      if (resume) parameters.restore(resume.parameters);
      const batches = createBatches(fold(key, "batches"), n, Math.min(batchSize, n));
      const scalars = weightScalars(objective(h));
      const rate = { warmup: WARMUP, peak: learningRate, floor: learningRateFloor, updates };
      for (let update = resume?.update ?? 0; update < updates; update++) {
        const [drawn] = integers(fold(key, "steps", update), 1, 0, 3);
        const batch = { parameters, indices: batches.at(update), inputs: { x }, scalars };
        const learningRate = cosineRate(rate, update);
        const { gradientNorm } = runner
          .training(Math.max(1, solverSteps - 1 + drawn), "plain", computed)
          .step(batch, { learningRate, ...(clip > 0 ? { clip } : {}) });
        const made = update + 1;
        yield {
          update: made,
          learningRate,
          gradientNorm,
          state: () => ({ update: made, parameters: parameters.state() }),
        };
      }
      return { config, weights: parameters.read() };
    } finally {
      parameters.dispose();
      x.dispose();
    }
  }
  return { train, dispose: runner.dispose };
}
