/**
 * The cheap opponent of a learned flow: particles by the Euler-Maruyama scheme.
 *
 *     y <- y - dt grad (V + W * rho)(y) + sqrt(2 D dt) z,      z ~ N(0, I)
 *
 * (G. Maruyama, Rend. Circ. Mat. Palermo 4 (1955), 48-90). The pull of the others is that of one of them, drawn afresh at each
 * step (S. Jin, L. Li, J.-G. Liu, "Random batch methods", J. Comput. Phys. 400 (2020)): right on average, at the cost of noise.
 * An internal energy needs the density and has no such scheme. The law of the particles differs from the flow's by the order
 * of dt: for V = a y^2 / 2 they settle at a variance of D / (a (1 - a dt / 2)). They are rows, not a density: kernelEstimate.ts.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createHostRows, type Functional, type Term } from "../functionals/index.ts";
import { add, createGraph, createProgram, gradient, type Node, scale } from "../graph/index.ts";
import { fold, type Key, normal, permutation } from "../random/index.ts";
import { isEntropy } from "./termValues.ts";

export interface ParticleOptions {
  readonly particles: number;
  readonly time: number;
  /** Time steps; more of them, less bias. */
  readonly steps: number;
  readonly key: Key;
}

/**
 * Places at the end: [n, d]. Undefined where F has a term without such a scheme, the start no sampler, or
 * where particles collide (pairCollisions.ts).
 * @throws InputError for a number of particles or steps that is not whole and above 0, and for a time below 0.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, distributions, functionals } from "jkoflow";
 * import { eulerMaruyama } from "jkoflow/evaluate";
 *
 * const engine = await createEngine({ threads: 1 });
 * const [start, target] = [distributions.uniformBox(1, 2, 3), distributions.standardNormal(1)];
 * const options = { particles: 1000, time: 3, steps: 60, key: createKey(0) };
 * const rows = eulerMaruyama(engine, { start, functional: functionals.kl(target) }, options);
 * const mean = rows?.reduce((sum, x) => sum + x / 1000, 0) ?? Number.NaN;
 * console.log(Math.abs(mean) < 0.3); // true
 * engine.dispose();
 * ```
 */
export function eulerMaruyama(
  engine: Engine,
  {
    start,
    functional,
    collisions,
  }: { readonly start: Distribution; readonly functional: Functional; readonly collisions?: object },
  { particles: n, time, steps, key }: ParticleOptions,
): Float32Array | undefined {
  for (const [where, came] of Object.entries({ particles: n, steps })) {
    if (!(Number.isInteger(came) && came > 0))
      throw new InputError({ where, came: String(came), expected: "a whole number above 0" });
  }
  if (!(time >= 0 && Number.isFinite(time)))
    throw new InputError({ where: "time", came: String(time), expected: "a number from 0 on" });
  const entropies = functional.terms.filter(isEntropy);
  const forces = functional.terms.filter((term) => !isEntropy(term));
  if (
    collisions ||
    start.sample === undefined ||
    forces.some(({ needs }) => needs.includes("logDensity") || needs.includes("critic"))
  )
    return undefined;
  const d = start.dimension;
  const diffusion = entropies.reduce((sum, { weight }) => sum + weight, 0);
  const drift = createDrift(engine, forces, d, n);
  const y = start.sample(fold(key, "start"), n);
  const dt = time / steps;
  const spread = Math.sqrt(2 * diffusion * dt);
  try {
    for (let k = 0; k < steps; k++) {
      const pull = drift.at(y, partnersOf(fold(key, "partners", k), n));
      const z = diffusion > 0 ? normal(fold(key, "noise", k), n * d) : undefined;
      for (let i = 0; i < y.length; i++) y[i] += (z === undefined ? 0 : spread * z[i]) - dt * pull[i];
    }
  } finally {
    drift.dispose();
  }
  return y;
}

/** Another row for each of n, every row once; a row is its own partner only where it is alone. */
export function partnersOf(key: Key, n: number): Int32Array {
  const order = permutation(key, n);
  const partners = new Int32Array(n);
  order.forEach((row, i) => {
    partners[row] = order[(i + 1) % n];
  });
  return partners;
}

/** Values and slopes of the forces at rows, each with a partner: [n, d] */
export function createDrift(engine: Engine, forces: readonly Term[], d: number, n: number) {
  const graph = createGraph();
  const [y, other] = [graph.rows("y", d), graph.rows("other", d)];
  const stays = (x: Node) => ({ x, y: x });
  const hosts = createHostRows(engine, forces, d);
  // Half of W is the row's share of a pair; it is pulled by the whole.
  const parts = forces.map((term) => {
    const value = scale(term.perRow(stays(y), { pair: stays(other), ...hosts.nodes(graph) }), term.weight);
    return { value, drift: scale(gradient(value, [y])[0], term.needs.includes("pair") ? 2 : 1) };
  });
  const added = (name: "value" | "drift"): Node => parts.map((part) => part[name]).reduce((a, b) => add(a, b));
  const tables = { y: engine.table(n, d), other: engine.table(n, d) };
  const out = { drift: engine.table(n, d), value: engine.table(n, 1) };
  const program =
    parts.length === 0
      ? undefined
      : engine.load(createProgram({ name: "drift", outputs: { drift: added("drift"), value: added("value") } }));
  const used = program?.program.inputs.map(({ at }) => at.name) ?? [];
  const inputs = Object.fromEntries(Object.entries(tables).filter(([name]) => used.includes(name)));
  const of = (places: Float32Array, others: Float32Array) => {
    if (program === undefined) return { drift: new Float32Array(n * d), value: new Float32Array(n) };
    tables.y.write(places);
    tables.other.write(others);
    hosts.fill(places);
    program.run({ inputs: { ...inputs, ...hosts.sources(0) }, rows: n, outputs: out });
    return { drift: out.drift.read(), value: out.value.read() };
  };
  return {
    of,
    at: (places: Float32Array, partners: Int32Array): Float32Array =>
      of(
        places,
        Float32Array.from(places, (_, at) => places[partners[Math.floor(at / d)] * d + (at % d)]),
      ).drift,
    dispose: () => {
      program?.dispose();
      hosts.dispose();
      for (const table of [...Object.values(tables), ...Object.values(out)]) table.dispose();
    },
  };
}
