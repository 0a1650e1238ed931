/**
 * A trained model: a flow with the standardiser and the column names of its data. Densities are in nats of the user's own
 * units: log p(x) = log p_flow(standardised x) + log |det d standardised / d x|. A conditional model is p(x | y): the given
 * columns y are not standardised with x but encoded (see data/condition.ts), and every density is one of x alone.
 */
import type { FlowConfig } from "../chain/index.ts";
import type { Schema, Standardizer } from "../data/index.ts";
import type { Kernels } from "../distributions/index.ts";
import type { ModelCondition } from "./modelCondition.ts";

/**
 * A trained density as data, apart from any engine: what `encodeModel` writes and `openModel` opens.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, fit, type Model } from "jkoflow";
 *
 * const describe = ({ system, standardizer, scores }: Model): string =>
 *   `${system}, ${standardizer.columns.length} columns, half of the held-out rows below ${scores[500]} nats`;
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const settings = { blocks: 1, hidden: [8], updates: 5 };
 * const { model } = await fit(engine, problem, { settings });
 * console.log(describe(model));
 * engine.dispose();
 * ```
 */
export interface Model {
  /** Which system trained it. */
  readonly system: string;
  readonly standardizer: Standardizer;
  /**
   * What the columns of the user's table mean; the rows of the standardiser are its encoded ones. Absent: numbers as they
   * are. Rows go through `data.encodeTable` before `logProb` and through `data.decodeTable` after `sample`.
   */
  readonly schema?: Schema;
  readonly flow: FlowConfig;
  /** Of a conditional model p(x | y). */
  readonly condition?: ModelCondition;
  /** Of a model for anomalies: kernels at training rows, standardised, that have their say in scores. */
  readonly kernels?: Kernels;
  /** The system's settings, as JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Rising quantiles of held-out rows' scores (nats, user's units), for thresholds. */
  readonly scores: Float64Array;
}
