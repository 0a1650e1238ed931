/** The residual of any step of a flow of F, and how convex its potential is where the rows are. */
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createDrift, partnersOf } from "../evaluate/particles.ts";
import { estimate } from "../evaluate/score.ts";
import { functionOf } from "../evaluate/symmetric.ts";
import { valuesAtDensities } from "../evaluate/termValues.ts";
import type { Functional } from "../functionals/index.ts";
import { fold, type Key } from "../random/index.ts";
import { type SeenResidual, seenResidual } from "./residual.ts";

/** A step on rows it was not trained on. */
export interface MovedRows {
  /** x and T(x): [n, d] */
  readonly before: Float64Array;
  readonly after: Float64Array;
  /** log rho of T(x), nats: [n] */
  readonly logDensity: Float64Array;
  /** h */
  readonly stepSize: number;
  readonly key: Key;
}

/** The same with the score of rho at T(x), nats per unit of length: [n, d] */
export interface ScoredStep extends MovedRows {
  readonly score: Float64Array;
}

/** The norm of xi by the score of rho: nothing of it is unseen. */
export type ScoredResidual = Omit<SeenResidual, "fields">;

/** Measures steps of one F on rows of one number and width. */
export interface ResidualMeter {
  at(step: MovedRows): SeenResidual;
  /** By the score: xi(y) = r f''(r) grad log rho(y) + pull(y) + (y - x) / h at every row. */
  byScore(step: ScoredStep): ScoredResidual;
  /**
   * The least eigenvalue of the Hessian of V at rows [n, d], by differences of its slopes: no proof of what it is elsewhere.
   * Undefined where F has an interaction, which is another matter.
   */
  leastCurvature(rows: Float64Array): number | undefined;
  dispose(): void;
}

/** Rows that pull at each row, one after the other, where F has an interaction. */
const PARTNERS = 16;
/** Half the way between the two places at which slopes are compared, in the units of the rows. */
const STEP = 0.02;

/**
 * Measures residuals of steps of F on n rows of d columns (residual.ts).
 *
 * @example
 * ```ts
 * import { createEngine, createKey, distributions, functionals } from "jkoflow";
 * import { createResidualMeter } from "jkoflow/theory";
 *
 * const engine = await createEngine({ threads: 1 });
 * const normal = distributions.standardNormal(1);
 * const meter = createResidualMeter(engine, functionals.kl(normal), 1, 4096);
 * const before = Float64Array.from(normal.sample(createKey(1), 4096));
 * const logDensity = before.map((x) => normal.logDensityAt([x]));
 * const still = meter.at({ before, after: before, logDensity, stepSize: 1, key: createKey(2) }); // N(0, 1) stays
 * console.log(still.residual < 0.1); // true
 * meter.dispose();
 * engine.dispose();
 * ```
 */
export function createResidualMeter(engine: Engine, functional: Functional, d: number, n: number): ResidualMeter {
  const ofDensity = functional.terms.filter(({ needs }) => needs.includes("logDensity"));
  const forces = functional.terms.filter(({ needs }) => !needs.includes("logDensity"));
  const hasPairs = forces.some(({ needs }) => needs.includes("pair"));
  const drift = createDrift(engine, forces, d, n);
  const pressures = ofDensity.map((term) => ({ weight: term.weight, of: valuesAtDensities(term) }));
  const pullAt = (rows: Float64Array, key: Key): Float64Array => {
    const places = Float32Array.from(rows);
    const pull = new Float64Array(n * d);
    const times = hasPairs ? PARTNERS : 1;
    for (let k = 0; k < times; k++) {
      const by = drift.at(places, partnersOf(fold(key, "partners", k), n));
      for (let at = 0; at < pull.length; at++) pull[at] += by[at] / times;
    }
    return pull;
  };
  return {
    at({ before, after, logDensity, stepSize, key }) {
      const pressure = new Float64Array(n);
      for (const { weight, of } of pressures) {
        const { slope, perMass } = of(logDensity);
        for (let i = 0; i < n; i++) pressure[i] += weight * (slope[i] - perMass[i]);
      }
      const pull = pullAt(after, key);
      return seenResidual({ before, after, pull, pressure, stepSize }, d, fold(key, "fields"));
    },
    byScore({ before, after, logDensity, stepSize: h, key, score }) {
      const bend = new Float64Array(n); // r f''(r) = df' / d log r
      for (const { weight, of } of pressures) {
        const [up, down] = [STEP, -STEP].map((by) => of(logDensity.map((l) => l + by)).slope);
        for (let i = 0; i < n; i++) bend[i] += (weight * (up[i] - down[i])) / (2 * STEP);
      }
      // Other rows pull with noise, whose square two independent draws do not share.
      const one = pullAt(after, key);
      const other = hasPairs ? pullAt(after, fold(key, "again")) : one;
      const squares = new Float64Array(n);
      for (let at = 0; at < after.length; at++) {
        const row = Math.floor(at / d);
        const rest = bend[row] * score[at] + (after[at] - before[at]) / h;
        squares[row] += (rest + one[at]) * (rest + other[at]);
      }
      const { mean: square, standardError } = estimate(squares);
      if (!Number.isFinite(square))
        throw new InputError({ where: "score", came: "a number that is not finite", expected: "finite scores" });
      const residual = Math.sqrt(Math.max(0, square));
      return { residual, square, standardError, upper: Math.sqrt(Math.max(0, square) + 2 * standardError) };
    },
    leastCurvature(rows) {
      if (hasPairs) return undefined;
      if (forces.length === 0) return 0;
      const hessians = new Float64Array(n * d * d);
      const stays = Int32Array.from({ length: n }, (_, i) => i);
      for (let j = 0; j < d; j++) {
        const moved = (by: number) =>
          drift.at(
            Float32Array.from(rows, (v, at) => (at % d === j ? v + by : v)),
            stays,
          );
        const [up, down] = [Float32Array.from(moved(STEP)), moved(-STEP)];
        for (let i = 0; i < n; i++)
          for (let k = 0; k < d; k++) hessians[(i * d + k) * d + j] = (up[i * d + k] - down[i * d + k]) / (2 * STEP);
      }
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < n; i++) {
        const one = hessians.subarray(i * d * d, (i + 1) * d * d);
        const even = one.map((v, at) => (v + one[(at % d) * d + Math.floor(at / d)]) / 2);
        functionOf(even, d, (value) => {
          least = Math.min(least, value);
          return value;
        });
      }
      return least;
    },
    dispose: drift.dispose,
  };
}
