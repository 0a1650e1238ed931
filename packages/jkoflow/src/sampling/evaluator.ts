/**
 * Log-densities and their slopes in batches: all that a sampler asks of a target. One is made of a graph, others may come from
 * anywhere, a function of the host or another process, which is why answers may be promised.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createDrift } from "../evaluate/particles.ts";
import { isEntropy } from "../evaluate/termValues.ts";
import { type Functional, kl } from "../functionals/index.ts";

/** What is known at rows [n, d]; -Infinity or NaN stand for a row that cannot be. */
export interface Evaluated {
  /** Up to the same constant for all rows, nats. [n] */
  readonly logDensity: ArrayLike<number>;
  /** [n, d] */
  readonly gradient: ArrayLike<number>;
}

export interface Evaluator {
  readonly dimension: number;
  /** At rows [n, d]. */
  evaluate(rows: Float32Array): Evaluated | Promise<Evaluated>;
  dispose(): void;
}

/** The density whose KL a functional is: rho's entropy times D, and a potential V; the target is exp(-V / D). */
export function targetOf(engine: Engine, functional: Functional, d: number): Evaluator {
  const forces = functional.terms.filter((term) => !isEntropy(term));
  const diffusion = functional.terms.filter(isEntropy).reduce((sum, { weight }) => sum + weight, 0);
  const beyond = forces.find(({ needs }) => needs.some((need) => need !== "host"));
  if (!(diffusion > 0) || beyond !== undefined) {
    const came = beyond
      ? `${functional.title}, whose minimiser is not known by a formula`
      : `${functional.title} alone`;
    throw new InputError({ where: "sampling", came, expected: "KL to a density: an entropy and a potential" });
  }
  const drifts = new Map<number, ReturnType<typeof createDrift>>(); // by the number of rows
  return {
    dimension: d,
    evaluate: (rows) => {
      const n = rows.length / d;
      const drift = drifts.get(n) ?? createDrift(engine, forces, d, n);
      drifts.set(n, drift);
      const { value, drift: slope } = drift.of(rows, rows);
      for (let i = 0; i < value.length; i++) value[i] = -value[i] / diffusion;
      for (let i = 0; i < slope.length; i++) slope[i] = -slope[i] / diffusion;
      return { logDensity: value, gradient: slope };
    },
    dispose: () => {
      for (const drift of drifts.values()) drift.dispose();
      drifts.clear();
    },
  };
}

/** Of a distribution. */
export const evaluatorOf = (engine: Engine, of: Distribution): Evaluator => targetOf(engine, kl(of), of.dimension);
