/**
 * Particles that feel each other, all pairs of them: the cheap opponent where F has an interaction and no entropy.
 *
 *     dy_i/dt = - grad V(y_i) - 1/(n - 1) sum_{j != i} grad W(y_i - y_j)
 *
 * By the method of Heun with the step that its difference to Euler's allows (E. Hairer, S. Norsett, G. Wanner, Solving Ordinary
 * Differential Equations I, 1993, section II.4). n particles have an energy of their own: for a W that is infinite at 0 it is
 * below that of a density, by the order of ln(n) / n on the line.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import type { Functional } from "../functionals/index.ts";
import type { Key } from "../random/index.ts";
import { createDrift } from "./particles.ts";

export interface PairParticles {
  /** Places at the end: [n, d] */
  readonly places: Float32Array;
  /** F of the particles, without the pull of each on itself. */
  readonly energy: number;
  readonly steps: number;
}

/** Largest difference of the two methods in a step, as a share of the spread of the start. */
const TOLERANCE = 1e-3;
const MOST_STEPS = 5000;

/**
 * Undefined for an F with terms of the density or without pairs, for a start without a sampler, and for motion that is too stiff.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, distributions, functionals } from "jkoflow";
 * import { scale, squaredNorm } from "jkoflow/graph";
 * import { pairParticles } from "jkoflow/evaluate";
 *
 * const engine = await createEngine({ threads: 1 });
 * const functional = functionals.interaction((z) => scale(squaredNorm(z), 0.5)); // all draw each other
 * const options = { particles: 30, time: 5, key: createKey(1) };
 * const end = pairParticles(engine, { start: distributions.standardNormal(1), functional }, options);
 * console.log(end !== undefined && end.energy < 1e-3); // true
 * engine.dispose();
 * ```
 */
export function pairParticles(
  engine: Engine,
  { start, functional }: { readonly start: Distribution; readonly functional: Functional },
  { particles: n, time, key }: { readonly particles: number; readonly time: number; readonly key: Key },
): PairParticles | undefined {
  const { needs, terms } = functional;
  if (start.sample === undefined || !needs.includes("pair") || needs.includes("logDensity")) return undefined;
  const d = start.dimension;
  const pairs = n * (n - 1);
  const outer = createDrift(
    engine,
    terms.filter((term) => !term.needs.includes("pair")),
    d,
    n,
  );
  const inner = createDrift(
    engine,
    terms.filter((term) => term.needs.includes("pair")),
    d,
    pairs,
  );
  const [first, others] = [new Int32Array(pairs), new Int32Array(pairs)];
  for (let i = 0, at = 0; i < n; i++) {
    for (let shift = 1; shift < n; shift++, at++) [first[at], others[at]] = [i, (i + shift) % n];
  }
  const spreadOut = (y: Float64Array, who: Int32Array): Float32Array =>
    Float32Array.from({ length: pairs * d }, (_, at) => y[who[Math.floor(at / d)] * d + (at % d)]);
  /** Velocities and F. */
  const at = (y: Float64Array): { readonly velocity: Float64Array; readonly energy: number } => {
    const own = outer.of(Float32Array.from(y), Float32Array.from(y));
    const both = inner.of(spreadOut(y, first), spreadOut(y, others));
    const velocity = Float64Array.from(own.drift, (v) => -v);
    both.drift.forEach((v, k) => {
      velocity[first[Math.floor(k / d)] * d + (k % d)] -= v / (n - 1);
    });
    const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
    return { velocity, energy: mean(own.value) + mean(both.value) };
  };
  try {
    let y = Float64Array.from(start.sample(key, n));
    const allowed = TOLERANCE * spreadOf(y);
    let [now, dt, steps] = [0, time / 100, 0];
    while (now < time * (1 - 1e-12)) {
      if (++steps > MOST_STEPS || !y.every(Number.isFinite)) return undefined;
      dt = Math.min(dt, time - now);
      const slope = at(y).velocity;
      const next = at(y.map((v, k) => v + dt * slope[k])).velocity;
      const miss = next.reduce((most, v, k) => Math.max(most, (dt / 2) * Math.abs(v - slope[k])), 0);
      if (miss <= allowed) {
        y = y.map((v, k) => v + (dt / 2) * (slope[k] + next[k]));
        now += dt;
      }
      dt *= Math.min(2, Math.max(0.2, 0.9 * Math.sqrt(allowed / miss)));
    }
    return { places: Float32Array.from(y), energy: at(y).energy, steps };
  } finally {
    outer.dispose();
    inner.dispose();
  }
}

const spreadOf = (y: Float64Array): number => {
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  return Math.sqrt(y.reduce((sum, v) => sum + (v - mean) ** 2, 0) / y.length) + 1e-12;
};
