/**
 * Hamiltonian Monte Carlo of many rows at a time (S. Duane, A. Kennedy, B. Pendleton, D. Roweth, Phys. Lett. B 195 (1987),
 * 216-222; R. Neal, "MCMC using Hamiltonian dynamics", 2011) on a density between a base and a target:
 *
 *   ln p_b = b ln target + (1 - b) ln base
 *
 * In the coordinates x = m + L u, L L^T the covariance of the rows, momenta are N(0, I): the leapfrog is
 *
 *   q <- q + e/2 L^T grad ln p_b(x),   x <- x + e L q,   q <- q + e/2 L^T grad ln p_b(x)
 */
import { exp, fold, type Key, log, normal, uniform, uniformAt } from "../random/index.ts";
import type { Evaluated, Evaluator } from "./evaluator.ts";

/** Between which densities, and where: 0 is the base, 1 the target. */
export interface Bridge {
  readonly base: Evaluator;
  readonly target: Evaluator;
}

/** Rows with what both ends of a bridge say of them. */
export interface Particles {
  /** [n, d] */
  readonly rows: Float32Array;
  readonly base: Evaluated;
  readonly target: Evaluated;
}

export interface Leapfrog {
  /** e, before a factor of 1/2 to 3/2 that is drawn for each move. */
  readonly stepSize: number;
  readonly leaps: number;
  /** L, lower triangular, [d, d]. */
  readonly metric: Float64Array;
}

/** Loss of energy beyond which a way is given up, nats, as Stan has it; and beyond which no row has a place in float32. */
const MOST_LOST = 1000;
const FARTHEST = 1e30;

export async function evaluated({ base, target }: Bridge, rows: Float32Array): Promise<Particles> {
  const [ofBase, ofTarget] = [await base.evaluate(rows), await target.evaluate(rows)];
  return { rows, base: ofBase, target: ofTarget };
}

/** ln p_b of each row. */
function bridged({ base, target }: Particles, at: number): Float64Array {
  const out = new Float64Array(base.logDensity.length);
  for (let i = 0; i < out.length; i++) {
    const ofBase = base.logDensity[i];
    out[i] = at === 0 ? ofBase : at * target.logDensity[i] + (1 - at) * ofBase;
  }
  return out;
}

/** One move of every row; the share of them that was accepted, on average over what chance gave. */
export async function hmcMove(
  bridge: Bridge,
  particles: Particles,
  at: number,
  { stepSize, leaps, metric }: Leapfrog,
  key: Key,
): Promise<{ readonly particles: Particles; readonly acceptance: number }> {
  const { rows } = particles;
  const d = bridge.base.dimension;
  const n = rows.length / d;
  const e = stepSize * (0.5 + uniformAt(fold(key, "length"), 0));
  const q = Float64Array.from(normal(fold(key, "momenta"), n * d));
  const kinetic = (i: number): number => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += q[i * d + k] ** 2 / 2;
    return sum;
  };
  const before = bridged(particles, at).map((value, i) => value - kinetic(i));

  const x = Float64Array.from(rows);
  // A way whose energy is lost will not be taken: it ends where it is, before it leaves what targets can be asked.
  const lost = new Uint8Array(n);
  /** q += factor L^T grad */
  const kick = ({ base, target }: Particles, factor: number): void => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) {
        const slope = at * target.gradient[i * d + j] + (1 - at) * base.gradient[i * d + j];
        for (let k = 0; k <= j; k++) q[i * d + k] += factor * metric[j * d + k] * slope;
      }
    }
  };
  let moved = particles;
  kick(moved, e / 2);
  for (let leap = 1; leap <= leaps; leap++) {
    for (let i = 0; i < n; i++) {
      if (lost[i] === 1) continue;
      for (let j = 0; j < d; j++) {
        let sum = 0;
        for (let k = 0; k <= j; k++) sum += metric[j * d + k] * q[i * d + k];
        const to = x[i * d + j] + e * sum;
        if (!(Math.abs(to) < FARTHEST)) lost[i] = 1;
        x[i * d + j] = to;
      }
      if (lost[i] === 1) for (let j = 0; j < d; j++) x[i * d + j] = rows[i * d + j];
    }
    moved = await evaluated(bridge, Float32Array.from(x));
    kick(moved, leap < leaps ? e : e / 2);
    const energies = bridged(moved, at);
    for (let i = 0; i < n; i++) if (!(energies[i] - kinetic(i) - before[i] > -MOST_LOST)) lost[i] = 1;
  }

  const after = bridged(moved, at);
  const chance = uniform(fold(key, "chance"), n);
  let sum = 0;
  const accepted = Uint8Array.from(chance, (u, i) => {
    // A row that cannot be has no density, and a way that left all bounds no energy: neither is taken.
    const ratio = lost[i] === 1 ? Number.NEGATIVE_INFINITY : after[i] - kinetic(i) - before[i];
    const share = ratio >= 0 ? 1 : ratio < 0 ? exp(ratio) : 0;
    sum += share;
    return log(u) < ratio ? 1 : 0;
  });
  return { particles: chosen(particles, moved, accepted, d), acceptance: sum / n };
}

/** Row by row the one or the other. */
function chosen(from: Particles, to: Particles, takes: Uint8Array, d: number): Particles {
  const into = <A extends Float32Array | Float64Array>(a: A, b: ArrayLike<number>, width: number): A => {
    for (let i = 0; i < takes.length; i++) {
      if (takes[i] === 0) continue;
      for (let k = i * width; k < (i + 1) * width; k++) a[k] = b[k];
    }
    return a;
  };
  const both = (a: Evaluated, b: Evaluated): Evaluated => ({
    logDensity: into(Float64Array.from(a.logDensity), b.logDensity, 1),
    gradient: into(Float64Array.from(a.gradient), b.gradient, d),
  });
  return {
    rows: into(from.rows.slice(), to.rows, d),
    base: both(from.base, to.base),
    target: both(from.target, to.target),
  };
}

/** Rows by number, with what is known of them. */
export function taken({ rows, base, target }: Particles, indices: Int32Array, d: number): Particles {
  const into = <A extends Float32Array | Float64Array>(out: A, values: ArrayLike<number>, width: number): A => {
    for (let i = 0; i < indices.length; i++) {
      for (let k = 0; k < width; k++) out[i * width + k] = values[indices[i] * width + k];
    }
    return out;
  };
  const n = indices.length;
  const of = ({ logDensity, gradient }: Evaluated): Evaluated => ({
    logDensity: into(new Float64Array(n), logDensity, 1),
    gradient: into(new Float64Array(n * d), gradient, d),
  });
  return { rows: into(new Float32Array(n * d), rows, d), base: of(base), target: of(target) };
}
