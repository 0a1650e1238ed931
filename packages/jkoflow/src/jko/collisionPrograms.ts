/**
 * What a scheme for the Landau equation does with a network s(v), by tables of particles that collide with each other:
 *
 *   start   min E |s - grad log f0|^2 / E |grad log f0|^2
 *   step    min J of batches of particles (collisions/objective.ts): s and ds leave the engine, dJ/ds and dJ/d(ds) come back as
 *           rows, and the gradient by the weights is that of E <dJ/ds, s> + <dJ/d(ds), ds>, both held
 *   push    v -> T(v), log f(v) -> log f(v) - log det DT(v), batch by batch (collisions/step.ts)
 *
 * Moments (gamma = 0) make one batch of a table; else pairs are those of batches drawn afresh at each step ("random batches", S. Jin,
 * L. Li, J.-G. Liu, J. Comput. Phys. 400 (2020)), and all that a step keeps, it keeps in each.
 */
import type { CollisionKernel, VelocityDimension } from "../collisions/kernel.ts";
import { type CollisionBatch, type DeterminantKind, forcesOf, objectiveOf } from "../collisions/objective.ts";
import { collide } from "../collisions/step.ts";
import type { Distribution } from "../distributions/index.ts";
import type { Engine, Executable, Parameters, Table } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import {
  add,
  createGraph,
  createProgram,
  type Graph,
  gradient,
  mul,
  type Node,
  type ProgramSpec,
  rowDot,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import { collisionWeights } from "../maps/index.ts";
import { createMlp, evaluateMlp, type MlpConfig, mlpJacobian, mlpSize, openMlp } from "../nn/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import type { Player } from "../train/index.ts";
import { type CollidingRows, type CollisionMeasures, type MovedBatch, measureCollided } from "./collidingRows.ts";

export interface CollisionOptions {
  readonly kernel: CollisionKernel;
  readonly h: number;
  readonly determinant: DeterminantKind;
  readonly start: "stratified" | "independent";
  /** Particles in a batch, where pairs are taken. */
  readonly batch: number;
}

export interface CollisionPrograms {
  readonly parameters: Parameters;
  draw(key: Key, n: number): CollidingRows;
  push(rows: CollidingRows, weights: Float32Array): void;
  measure(rows: CollidingRows, weights?: Float32Array): CollisionMeasures;
  /** J of particles with the parameters as they are, to be made small; no number where the step folds. */
  objective(rows: CollidingRows): number;
  player(goal: "start" | "step", rows: CollidingRows, rate: (update: number) => number): Player<Int32Array>;
  /** Steps as maps of any row (maps/collisionMap.ts), each with n particles of its own that all collide with each other. */
  stored(key: Key, n: number, steps: readonly Float32Array[]): Float32Array[];
  dispose(): void;
}

/** Rows of so many columns, by their numbers. */
function chosen(rows: Float64Array, indices: Int32Array, columns: number): Float64Array {
  const taken = new Float64Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++)
    for (let k = 0; k < columns; k++) taken[i * columns + k] = rows[indices[i] * columns + k];
  return taken;
}

export function createCollisionPrograms(
  engine: Engine,
  network: MlpConfig,
  start: Distribution,
  { kernel, h, determinant, start: way, batch: batchSize }: CollisionOptions,
): CollisionPrograms {
  const d = start.dimension as VelocityDimension;
  const parameters = engine.parameters(new Float32Array(mlpSize(network)));
  interface Vectors {
    /** [B, d], [B, d d] */
    readonly s: Node;
    readonly ds: Node;
    readonly graph: Graph;
  }
  const load = (name: string, spec: (vectors: Vectors) => Partial<ProgramSpec>): Executable => {
    const graph = createGraph();
    const mlp = createMlp(graph, network);
    const evaluation = evaluateMlp(mlp, graph.rows("v", d), 0);
    const vectors = { graph, s: evaluation.velocity, ds: mlpJacobian(mlp, evaluation) };
    return engine.load(createProgram({ name, parameters: mlp.parameters, ...spec(vectors) }));
  };
  const evaluating = load("vectors", ({ s, ds }) => ({ outputs: { s, ds } }));
  const fitting = load("start", ({ graph, s }) => ({
    loss: mul(squaredNorm(sub(s, graph.rows("score", d))), graph.scalar("weight")),
  }));
  const stepping = load("collisions", ({ graph, s, ds }) => ({
    loss: add(rowDot(graph.rows("byS", d), s), rowDot(graph.rows("bySlope", d * d), ds)),
  }));
  const scores = (() => {
    const v = createGraph().rows("v", d);
    const [score] = gradient(start.logDensity(v), [v]);
    return engine.load(createProgram({ name: "score of the start", outputs: { score } }));
  })();

  /** s and ds in float64, as stored maps have them. */
  const batchOf = (v: Float64Array, weights: Float32Array): CollisionBatch => {
    const mlp = openMlp(network, weights);
    const [s, ds] = [new Float64Array(v.length), new Float64Array(v.length * d)];
    for (let i = 0; i < v.length / d; i++) {
      const [row, matrix] = [i * d, i * d * d];
      mlp.at(v.subarray(row, row + d), s.subarray(row, row + d), ds.subarray(matrix, matrix + d * d));
    }
    return { d, v, s, ds };
  };
  const batchesOf = ({ key, logDensity, steps }: CollidingRows): Int32Array[] => {
    const n = logDensity.length;
    const count = kernel.gamma === 0 ? 1 : Math.max(1, Math.floor(n / batchSize));
    const order = count > 1 ? permutation(fold(key, "batches", steps), n) : Int32Array.from({ length: n }, (_, i) => i);
    return Array.from({ length: count }, (_, b) =>
      order.subarray(Math.floor((b * n) / count), Math.floor(((b + 1) * n) / count)),
    );
  };
  const ahead = (rows: CollidingRows, weights: Float32Array): readonly MovedBatch[] => {
    if (rows.ahead?.weights === weights) return rows.ahead.batches;
    const batches = batchesOf(rows).map((indices): MovedBatch => {
      const batch = batchOf(chosen(rows.v, indices, d), weights);
      const forces = forcesOf(kernel, batch);
      return { indices, collided: collide(batch, forces, h), near: forces.near };
    });
    rows.ahead = { weights, batches };
    return batches;
  };

  const draw = (key: Key, n: number): CollidingRows => {
    const from = way === "stratified" ? start.stratified : start.sample;
    if (!from) throw new InputError({ where: "start", came: `${start.title}, ${way}`, expected: "independent rows" });
    const v = Float64Array.from(from(key, n));
    const logDensity = Float64Array.from(
      { length: n },
      (_, i) => start.logDensityAt(v.subarray(i * d, i * d + d)) - (start.logZ ?? 0),
    );
    return { key, v, logDensity, steps: 0 };
  };

  const tables = new Map<string, Table>();
  /** One for each use and size; what it held is gone. */
  const tableOf = (use: "v" | "trained" | "score" | "s" | "ds", rows: number, cols: number): Table => {
    const name = `${use} ${rows} ${cols}`;
    const table = tables.get(name) ?? engine.table(rows, cols);
    tables.set(name, table);
    return table;
  };
  /** s and ds in float32, with the parameters as they are. */
  const vectorsOf = (rows: Float64Array): { readonly s: Float64Array; readonly ds: Float64Array } => {
    const n = rows.length / d;
    const [v, s, ds] = [tableOf("v", n, d), tableOf("s", n, d), tableOf("ds", n, d * d)];
    v.write(Float32Array.from(rows));
    evaluating.run({ parameters, inputs: { v }, rows: n, outputs: { s, ds } });
    return { s: Float64Array.from(s.read()), ds: Float64Array.from(ds.read()) };
  };
  const player: CollisionPrograms["player"] = (goal, rows, rate) => {
    const n = rows.logDensity.length;
    const v = tableOf("trained", n, d);
    v.write(Float32Array.from(rows.v));
    if (goal === "start") {
      const score = tableOf("score", n, d);
      scores.run({ inputs: { v }, rows: n, outputs: { score } });
      const weight = n / score.read().reduce((sum, x) => sum + x * x, 0);
      return {
        name: "score",
        parameters,
        rate,
        update: (indices, by) => fitting.step({ parameters, inputs: { v, score }, indices, scalars: { weight } }, by),
      };
    }
    return {
      name: "score",
      parameters,
      rate,
      update: (indices, by) => {
        const count = indices.length;
        const [s, ds] = [tableOf("s", count, d), tableOf("ds", count, d * d)];
        evaluating.run({ parameters, inputs: { v }, indices, outputs: { s, ds } });
        const of = {
          d,
          v: chosen(rows.v, indices, d),
          s: Float64Array.from(s.read()),
          ds: Float64Array.from(ds.read()),
        };
        const forces = forcesOf(kernel, of);
        // A step that folds has no exact J: its batch is taught by the trace, which is defined everywhere.
        const found = objectiveOf(kernel, of, h, determinant, forces) ?? objectiveOf(kernel, of, h, "trace", forces)!;
        // The loss is a mean over rows, the derivatives are of J: as many times as much.
        s.write(Float32Array.from(found.byS, (x) => count * x));
        ds.write(Float32Array.from(found.bySlope, (x) => count * x));
        const inputs = { v, byS: { table: s, from: 0 }, bySlope: { table: ds, from: 0 } };
        const { gradientNorm } = stepping.step({ parameters, inputs, indices }, by);
        return { values: { loss: Float32Array.of(found.value) }, gradientNorm };
      },
    };
  };

  return {
    parameters,
    draw,
    player,
    objective: (rows) => {
      const batches = batchesOf(rows);
      const all = vectorsOf(rows.v);
      let sum = 0;
      for (const indices of batches) {
        const batch = {
          d,
          v: chosen(rows.v, indices, d),
          s: chosen(all.s, indices, d),
          ds: chosen(all.ds, indices, d * d),
        };
        sum += (objectiveOf(kernel, batch, h, determinant)?.value ?? Number.POSITIVE_INFINITY) / batches.length;
      }
      return sum;
    },
    push: (rows, weights) => {
      for (const { indices, collided } of ahead(rows, weights)) {
        indices.forEach((i, at) => {
          for (let k = 0; k < d; k++) rows.v[i * d + k] = collided.v[at * d + k];
          rows.logDensity[i] -= collided.logDet[at];
        });
      }
      rows.steps++;
      delete rows.ahead;
    },
    measure: (rows, weights) => measureCollided(rows, weights === undefined ? [] : ahead(rows, weights), d),
    stored: (key, n, steps) => {
      const rows = draw(key, n);
      return steps.map((weights) => {
        const batch = batchOf(rows.v, weights);
        const collided = collide(batch, forcesOf(kernel, batch), h);
        const map = collisionWeights(weights, rows.v, collided);
        rows.v = collided.v;
        return map;
      });
    },
    dispose: () => {
      for (const program of [scores, fitting, evaluating, stepping]) program.dispose();
      for (const table of tables.values()) table.dispose();
      parameters.dispose();
    },
  };
}
