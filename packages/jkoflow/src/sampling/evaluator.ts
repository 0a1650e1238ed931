/**
 * Log-densities and their slopes in batches: all that a sampler asks of a target. One is made of a graph, others may come from
 * anywhere, a function of the host or another process, which is why answers may be promised.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createDrift } from "../evaluate/particles.ts";
import { isEntropy } from "../evaluate/termValues.ts";
import type { AtRows } from "../functionals/functional.ts";
import { hostTerm } from "../functionals/host.ts";
import { type Functional, kl, type Term } from "../functionals/index.ts";

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

/** The potential V and the temperature D of a functional that is KL to exp(-V / D). @throws InputError for any other. */
export function checkTarget({ terms, title }: Functional): {
  readonly forces: readonly Term[];
  readonly diffusion: number;
} {
  const forces = terms.filter((term) => !isEntropy(term));
  const diffusion = terms.filter(isEntropy).reduce((sum, { weight }) => sum + weight, 0);
  const beyond = forces.find(({ needs }) => needs.some((need) => need !== "host"));
  if (diffusion > 0 && beyond === undefined && forces.length > 0) return { forces, diffusion };
  const came = beyond ? `${title}, whose minimiser is not known by a formula` : `${title} alone`;
  throw new InputError({ where: "sampling", came, expected: "KL to a density: an entropy and a potential" });
}

/** The density whose KL a functional is: rho's entropy times D, and a potential V; the target is exp(-V / D). */
export function targetOf(engine: Engine, functional: Functional, d: number): Evaluator {
  const { forces: given, diffusion } = checkTarget(functional);
  const forces = given.map(tolerant);
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

/** A function of the host that has no value somewhere has no density there. */
function tolerant(term: Term): Term {
  const { host, name, weight } = term;
  if (host === undefined || "together" in host) return term;
  const value = (row: Float64Array): number => {
    const found = host.value(row);
    return Number.isFinite(found) ? found : Number.POSITIVE_INFINITY;
  };
  const { gradient } = host;
  const batch = (rows: Float64Array, d: number): AtRows => {
    const n = rows.length / d;
    const [values, slopes] = [new Float64Array(n), new Float64Array(n * d)];
    for (let i = 0; i < n; i++) {
      const row = rows.subarray(i * d, (i + 1) * d);
      values[i] = value(row);
      const slope = Number.isFinite(values[i]) ? gradient(row) : [];
      for (let k = 0; k < slope.length; k++) slopes[i * d + k] = Number.isFinite(slope[k]) ? slope[k] : 0;
    }
    return { values, slopes };
  };
  return { ...hostTerm({ together: batch }, name), weight, needs: ["host"] };
}

/** Of a distribution. */
export const evaluatorOf = (engine: Engine, of: Distribution): Evaluator => targetOf(engine, kl(of), of.dimension);
