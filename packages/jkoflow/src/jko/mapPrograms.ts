/**
 * The programs of a scheme whose steps are maps T of one kind, for a functional F:
 *
 *   identity   min E |T(x) - x|^2                       the start of the first step
 *   step       min E |T(x) - x|^2 / 2 + h F(T # rho)    h times the objective of the scheme; h is a scalar of the run
 *   push       x -> T(x), log rho(x) -> log rho(x) - log det DT(x)
 *   measure    means of F, of its terms and of |T(x) - x|^2
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine, Executable, Parameters, RowSource, Table } from "../engine/index.ts";
import type { Also, Functional, Moved } from "../functionals/index.ts";
import {
  add,
  createGraph,
  createProgram,
  type Graph,
  mul,
  type Node,
  type ProgramSpec,
  scale,
  square,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import type { MapKind } from "../maps/index.ts";
import { fold, type Key } from "../random/index.ts";
import { keepAbove, type Player } from "../train/index.ts";

/** Rows of rho and what travels with them; `pair` are as many independent rows of it. */
export interface Rows {
  readonly x: Table;
  readonly logDensity: Table;
  readonly pair?: Table;
}

/** Means over rows. */
export interface Measured {
  /** F */
  readonly energy: number;
  /** Its standard error. */
  readonly energyError: number;
  /** Terms of F by name, without their weights. */
  readonly terms: Readonly<Record<string, number>>;
  /** E |T(x) - x|^2: W_2^2 between the steps, once T is optimal. */
  readonly moved: number;
}

/** What the scheme does with one map. */
export interface MapPrograms {
  /** Moves `parameters` towards the identity, or towards the objective of a step of size h, by rows of these indices. */
  player(goal: "identity" | "step", rows: Rows, h: number, rate: (update: number) => number): Player<Int32Array>;
  /** n rows of the start, as `key` says. */
  draw(key: Key, n: number): Rows;
  /** Rows moved in place by a map of these weights. */
  push(rows: Rows, weights: Float32Array): void;
  /** F after a map of these weights, or of the rows as they are. */
  measure(rows: Rows, weights?: Float32Array): Measured;
  readonly parameters: Parameters;
  dispose(): void;
}

export function createMapPrograms<C>(
  engine: Engine,
  kind: MapKind<C>,
  config: C,
  start: Distribution,
  functional: Functional,
): MapPrograms {
  const d = start.dimension;
  const paired = functional.needs.includes("pair");

  interface Placed {
    readonly graph: Graph;
    readonly moved: Moved;
    readonly also: Also;
  }
  /** A program of rows and of where a map, or none, takes them. */
  const load = (name: string, with_: "map" | "no map", spec: (placed: Placed) => Partial<ProgramSpec>): Executable => {
    const graph = createGraph();
    const map = with_ === "map" ? kind.build(graph, config) : undefined;
    const at = (x: Node): Moved => map?.at(x) ?? { x, y: x, logDet: graph.constant(0) };
    const moved = at(graph.rows("x", d));
    const pair = paired ? { pair: at(graph.rows("pair", d)) } : {};
    const also = { logDensity: graph.rows("logDensity", 1), ...pair };
    return engine.load(createProgram({ name, parameters: map?.parameters ?? [], ...spec({ graph, moved, also }) }));
  };
  const distance = ({ x, y }: Moved): Node => squaredNorm(sub(y, x));
  const measures = ({ moved, also }: Placed): Partial<ProgramSpec> => {
    const total = functional.perRow(moved, also);
    const terms = functional.terms.map((term) => [`term:${term.name}`, term.perRow(moved, also)]);
    const movement = moved.x === moved.y ? {} : { moved: distance(moved) };
    return { means: { ...Object.fromEntries(terms), total, square: square(total), ...movement } };
  };
  const goals = {
    identity: load("identity", "map", ({ moved }) => ({ loss: distance(moved) })),
    step: load("jko step", "map", ({ graph, moved, also }) => ({
      loss: add(scale(distance(moved), 1 / 2), mul(graph.scalar("h"), functional.perRow(moved, also))),
    })),
  };
  const pushing = load("push", "map", ({ moved, also }) => ({
    outputs: { x: moved.y, logDensity: sub(also.logDensity!, moved.logDet!) },
  }));
  const moving = load("move", "map", ({ moved }) => ({ outputs: { x: moved.y } }));
  const scoring = load("start", "no map", ({ moved, graph }) => ({
    outputs: { logDensity: sub(start.logDensity(moved.x), graph.constant(start.logZ ?? 0)) },
  }));
  const measuring = { after: load("measure", "map", measures), before: load("measure start", "no map", measures) };
  const parameters = engine.parameters(new Float32Array(kind.size(config)));
  const stored = engine.parameters(new Float32Array(kind.size(config)));

  const inputsOf = (program: Executable, rows: Rows): Record<string, RowSource> => {
    const sources: Record<string, RowSource> = { x: rows.x, logDensity: rows.logDensity };
    if (rows.pair) sources.pair = rows.pair;
    return Object.fromEntries(program.program.inputs.map(({ at }) => [at.name!, sources[at.name!]]));
  };
  const sample = (key: Key, n: number): Table => engine.table(n, d, start.sample!(key, n));
  return {
    parameters,
    player: (goal, rows, h, rate) => ({
      name: "map",
      parameters,
      rate,
      update: (indices, by) => {
        const program = goals[goal];
        const scalars = goal === "step" ? { scalars: { h } } : {};
        const found = program.step({ parameters, inputs: inputsOf(program, rows), indices, ...scalars }, by);
        keepAbove(parameters, kind.bounds?.(config) ?? []);
        return found;
      },
    }),
    draw: (key, n) => {
      const rows: Rows = {
        x: sample(key, n),
        logDensity: engine.table(n, 1),
        ...(paired ? { pair: sample(fold(key, "pair"), n) } : {}),
      };
      scoring.run({ inputs: { x: rows.x }, rows: n, outputs: { logDensity: rows.logDensity } });
      return rows;
    },
    push: ({ x, logDensity, pair }, weights) => {
      stored.write(weights);
      const rows = x.rows;
      pushing.run({ parameters: stored, inputs: { x, logDensity }, rows, outputs: { x, logDensity } });
      if (pair) moving.run({ parameters: stored, inputs: { x: pair }, rows, outputs: { x: pair } });
    },
    measure: (rows, weights) => {
      if (weights) stored.write(weights);
      const program = weights ? measuring.after : measuring.before;
      const values = program.run({
        ...(weights ? { parameters: stored } : {}),
        inputs: inputsOf(program, rows),
        rows: rows.x.rows,
      });
      const [energy, squares] = [values.total[0], values.square[0]];
      return {
        energy,
        energyError: Math.sqrt(Math.max(0, squares - energy * energy) / rows.x.rows),
        terms: Object.fromEntries(functional.terms.map(({ name }) => [name, values[`term:${name}`][0]])),
        moved: weights ? values.moved[0] : 0,
      };
    },
    dispose: () => {
      for (const program of [...Object.values(goals), ...Object.values(measuring), pushing, moving, scoring])
        program.dispose();
      parameters.dispose();
      stored.dispose();
    },
  };
}

/** Memory of the engine, given back. */
export function disposeRows({ x, logDensity, pair }: Rows): void {
  x.dispose();
  logDensity.dispose();
  pair?.dispose();
}
