/**
 * A chain of maps and rejection steps as data, opened: rows and log-densities of a sampler. A rejection weighs the target
 * against the density so far, so that the target belongs to the chain as much as its weights do; whoever opens it brings it.
 */
import type { Table } from "../data/index.ts";
import { matchColumns } from "../data/index.ts";
import { type Distribution, type MixtureBase, mixtureLogDensity, sampleMixtureBase } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import type { Key } from "../random/index.ts";
import { type Beside, checkBeside, type NamedRows, type Opened, type ScoredRows } from "./opened.ts";
import { openPart } from "./part.ts";
import type { Part } from "./partTypes.ts";
import { type CorrectedChain, type CorrectedTarget, drawsOf, logProbOf } from "./prefix.ts";
import { isRejection, passesPerRow, type Rejection } from "./rejection.ts";

/** A part as data: a map, or a rejection step. */
export type CorrectedPart = Part | Rejection;

/** What `encodeCorrected` writes and `openCorrected` opens. */
export interface CorrectedModel {
  /** Which system trained it. */
  readonly system: string;
  /** Names of the columns d. */
  readonly columns: readonly string[];
  /** A mixture that is stored with it, or the start that whoever opens it brings. */
  readonly base: MixtureBase | "start";
  readonly parts: readonly CorrectedPart[];
}

/** A sampler that can be used. Rows are [n, d]; densities are normalised, nats. */
export interface OpenCorrected extends Omit<Opened, "toBase" | "fromBase" | "inversionError"> {
  /** Its parts on the engine, for `drawsOf` and `logWeightsOf`. */
  readonly chain: CorrectedChain;
  /** Map evaluations for a row that is drawn. */
  readonly passes: number;
  readonly sample: (key: Key, n: number, beside?: Beside) => NamedRows & { readonly values: Float64Array };
  readonly draw: (key: Key, n: number, beside?: Beside) => ScoredRows & { readonly values: Float64Array };
  readonly logProb: (rows: Table | ArrayLike<number>, beside?: Beside) => Float64Array;
}

/** What a sampler is opened with. */
export interface CorrectedGiven {
  readonly engine: Engine;
  readonly target: CorrectedTarget;
  /** Where the base is "start". */
  readonly start?: Distribution;
  /** Runge-Kutta steps of each map; default those it was trained for. What twice as many change is the error of the solver. */
  readonly steps?: number;
}

/**
 * @throws InputError for parts that do not fit, a target or a start of other columns, and a start that is missing.
 *
 * @example
 * ```ts
 * import { createEngine, createKey } from "jkoflow";
 * import { type CorrectedModel, decodeCorrected, encodeCorrected, holdsCorrected, openCorrected } from "jkoflow/chain";
 * import { normalDistribution, standardNormal } from "jkoflow/distributions";
 *
 * const rejection = { kind: "rejection", logC: 0.2, mean: 0.3 } as const;
 * const model: CorrectedModel = { system: "mine", columns: ["x"], base: "start", parts: [rejection] };
 * const engine = await createEngine({ threads: 1 });
 * const target = normalDistribution([0.5], Float64Array.of(1));
 * const bytes = encodeCorrected(model);
 * const again = decodeCorrected(bytes);
 * const open = openCorrected(again, { engine, target, start: standardNormal(1) });
 * const { values, logProb } = open.draw(createKey(0), 100);
 * console.log(holdsCorrected(bytes), open.logProb(values).every((value, i) => Math.abs(value - logProb[i]) < 1e-12)); // true true
 * open.dispose();
 * engine.dispose();
 * ```
 */
export function openCorrected(
  { columns, base: stored, parts }: CorrectedModel,
  { engine, target, start, steps }: CorrectedGiven,
  where = "sampler",
): OpenCorrected {
  const d = columns.length;
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  if (target.dimension !== d) fail("columns", `${d} columns`, `${target.dimension}, as the target has`);
  const base = stored === "start" ? (start ?? fail("base", "no start", "that of the training")) : lawOf(stored, d);
  if (base.dimension !== d) fail("columns", `${d} columns`, `${base.dimension}, as the start has`);
  const opened = parts.map((part) => {
    if (isRejection(part)) return part;
    const { config, weights } = part;
    return openPart(
      steps === undefined ? part : { config: { ...config, steps } as Part["config"], weights },
      engine,
      fail,
    );
  });
  const chain: CorrectedChain = { base, target, parts: opened };
  const plain = (beside: Beside | undefined): void => {
    const { at, given } = checkBeside(beside);
    if (at !== undefined) fail("at", String(at), "none: a sampler has no times");
    if (given !== undefined) fail("given", "given columns", "none: a sampler has no condition");
  };
  const draw: OpenCorrected["draw"] = (key, n, beside) => {
    plain(beside);
    const { rows, logProb } = drawsOf(chain, key).take(n);
    return { values: rows, rows: n, columns, logProb };
  };
  const rejections = parts.filter(isRejection).length;
  const noWay = "rows that a rejection replaces come from more than one row of the base";
  return {
    title: `a sampler of ${parts.length - rejections} maps and ${rejections} rejection steps`,
    columns,
    lacks: { toBase: noWay, fromBase: noWay, inversionError: noWay },
    chain,
    passes: passesPerRow(parts),
    draw,
    sample: (key, n, beside) => {
      const { logProb: _, ...rows } = draw(key, n, beside);
      return rows;
    },
    logProb: (rows, beside) => {
      plain(beside);
      return logProbOf(chain, "columns" in rows ? matchColumns(rows, columns).values : rows);
    },
    dispose: () => {
      for (const part of opened) if ("dispose" in part) part.dispose();
    },
  };
}

/** A mixture as a law that gives rows and their densities. */
const lawOf = (mixture: MixtureBase, d: number): CorrectedChain["base"] => ({
  title: `a mixture of ${mixture.weights.length} Gaussians`,
  dimension: d,
  logZ: 0,
  logDensityAt: (row) => mixtureLogDensity(mixture, Float32Array.from(row), d)[0],
  sample: (key, n) => sampleMixtureBase(mixture, key, n, d),
});
