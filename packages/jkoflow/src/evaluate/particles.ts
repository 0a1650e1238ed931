/**
 * The cheap opponent of a learned flow: particles by the Euler-Maruyama scheme, and a kernel density of where they are.
 *
 *     y <- y - dt grad (V + W * rho)(y) + sqrt(2 D dt) z,      z ~ N(0, I)
 *
 * (G. Maruyama, Rend. Circ. Mat. Palermo 4 (1955), 48-90). The pull of the others is that of one of them, drawn afresh at each
 * step (S. Jin, L. Li, J.-G. Liu, "Random batch methods", J. Comput. Phys. 400 (2020)): right on average, at the cost of noise.
 * An internal energy needs the density and has no such scheme.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { kernelLogDensity } from "../flow/index.ts";
import type { Functional, Term } from "../functionals/index.ts";
import { add, createGraph, createProgram, gradient, type Node, scale } from "../graph/index.ts";
import { fold, integers, type Key, log, normal, permutation } from "../random/index.ts";
import { cholesky, invertLower, logDetCholesky } from "./linalg.ts";

export interface ParticleOptions {
  readonly particles: number;
  readonly time: number;
  /** Time steps; more of them, less bias. */
  readonly steps: number;
  readonly key: Key;
}

/** Places at the end: [n, d]. Undefined where F has a term without such a scheme, or the start no sampler. */
export function eulerMaruyama(
  engine: Engine,
  { start, functional }: { readonly start: Distribution; readonly functional: Functional },
  { particles: n, time, steps, key }: ParticleOptions,
): Float32Array | undefined {
  const entropies = functional.terms.filter(isEntropy);
  const forces = functional.terms.filter((term) => !isEntropy(term));
  if (start.sample === undefined || forces.some(({ needs }) => needs.includes("logDensity"))) return undefined;
  const d = start.dimension;
  const diffusion = entropies.reduce((sum, { weight }) => sum + weight, 0);
  const drift = createDrift(engine, forces, d, n);
  const y = start.sample(fold(key, "start"), n);
  const dt = time / steps;
  const spread = Math.sqrt(2 * diffusion * dt);
  try {
    for (let k = 0; k < steps; k++) {
      const pull = drift.at(y, permutation(fold(key, "partners", k), n));
      const z = diffusion > 0 ? normal(fold(key, "noise", k), n * d) : undefined;
      for (let i = 0; i < y.length; i++) y[i] += (z === undefined ? 0 : spread * z[i]) - dt * pull[i];
    }
  } finally {
    drift.dispose();
  }
  return y;
}

const isEntropy = ({ name, needs }: Term): boolean => /^entropy/.test(name) && needs.includes("logDensity");

/** grad of the forces at rows, each with a partner: [n, d] */
function createDrift(engine: Engine, forces: readonly Term[], d: number, n: number) {
  const graph = createGraph();
  const [y, other] = [graph.rows("y", d), graph.rows("other", d)];
  const stays = (x: Node) => ({ x, y: x });
  // Half of W is the row's share of a pair; it is pulled by the whole.
  const parts = forces.map((term) => {
    const value = term.perRow(stays(y), { pair: stays(other) });
    return scale(gradient(value, [y])[0], term.weight * (term.needs.includes("pair") ? 2 : 1));
  });
  const tables = { y: engine.table(n, d), other: engine.table(n, d) };
  const out = engine.table(n, d);
  const program =
    parts.length === 0
      ? undefined
      : engine.load(createProgram({ name: "drift", outputs: { drift: parts.reduce((a, b) => add(a, b)) } }));
  const used = program?.program.inputs.map(({ at }) => at.name) ?? [];
  const inputs = Object.fromEntries(Object.entries(tables).filter(([name]) => used.includes(name)));
  return {
    at: (places: Float32Array, partners: Int32Array): Float32Array => {
      if (program === undefined) return new Float32Array(n * d);
      tables.y.write(places);
      tables.other.write(Float32Array.from(places, (_, at) => places[partners[Math.floor(at / d)] * d + (at % d)]));
      program.run({ inputs, rows: n, outputs: { drift: out } });
      return out.read();
    },
    dispose: () => {
      program?.dispose();
      for (const table of [...Object.values(tables), out]) table.dispose();
    },
  };
}

/** A density with its samples. */
export interface KernelEstimate {
  /** log p of rows [m, d], nats: [m] */
  logDensity(rows: ArrayLike<number>): Float64Array;
  /** [m, d] */
  sample(key: Key, m: number): Float64Array;
}

/**
 * Gaussian kernels at rows [n, d], of the rows' own covariance times n^(-2 / (d + 4)) (D. Scott, Multivariate Density
 * Estimation, 1992, rule 6.44). Undefined for rows that are not finite or that fill no volume.
 */
export function kernelEstimate(rows: Float32Array, d: number): KernelEstimate | undefined {
  const n = rows.length / d;
  if (!rows.every(Number.isFinite)) return undefined;
  const mean = Float64Array.from({ length: d }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += rows[i * d + j];
    return sum / n;
  });
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < d; k++) {
        covariance[j * d + k] += ((rows[i * d + j] - mean[j]) * (rows[i * d + k] - mean[k])) / n;
      }
    }
  }
  const lower = cholesky(covariance, d);
  if (lower === undefined) return undefined;
  const white = invertLower(lower, d);
  const whitened = (x: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: x.length }, (_, at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      let z = 0;
      for (let k = 0; k <= j; k++) z += white[j * d + k] * (x[i * d + k] - mean[k]);
      return z;
    });
  const width = Math.exp(-log(n) / (d + 4));
  const kernels = { rows: whitened(rows), width };
  const logDet = logDetCholesky(lower, d) / 2;
  return {
    logDensity: (x) => kernelLogDensity(kernels, whitened(x), d).map((value) => value - logDet),
    sample: (key, m) => {
      const chosen = integers(fold(key, "kernel"), m, 0, n);
      const z = normal(fold(key, "noise"), m * d);
      return Float64Array.from({ length: m * d }, (_, at) => {
        const [i, j] = [Math.floor(at / d), at % d];
        let x = rows[chosen[i] * d + j];
        for (let k = 0; k <= j; k++) x += lower[j * d + k] * width * z[i * d + k];
        return x;
      });
    },
  };
}
