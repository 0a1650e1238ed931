/**
 * The programs of a scheme whose steps are maps T of one kind, for a functional F:
 *
 *   identity   min E |T(x) - x|^2                       the start of the first step
 *   step       min E |T(x) - x|^2 / 2 + h F(T # rho)    h times the objective of the scheme; h is a scalar of the run
 *   push       x -> T(x), log rho(x) -> log rho(x) - log det DT(x)
 *   measure    means of F, of its terms and of |T(x) - x|^2
 */
import type { Distribution } from "../distributions/index.ts";
import type { Engine, Executable, Parameters, RowSource, Table, Values } from "../engine/index.ts";
import { type Also, createHostRows, type Functional, type Moved } from "../functionals/index.ts";
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
import { overPairs } from "./overPairs.ts";
import { disposeRows, drawBatch, drawSigns, type RowDraw, type Rows, SHIFTS } from "./rowSet.ts";

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
  player(goal: "identity" | "step", rows: Rows, h: number, rate: (update: number) => number): Player<RowDraw>;
  /** `size` rows of n for an update. @throws InputError for more than there are where they need partners. */
  batch(key: Key, n: number, size: number): RowDraw;
  /** n rows of the start, as `key` says. */
  draw(key: Key, n: number): Rows;
  /** Rows moved in place by a map of these weights; where their log-determinants are estimates, by signs drawn for `step`. */
  push(rows: Rows, weights: Float32Array, step: number): void;
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
  const hosts = createHostRows(engine, functional.terms, d);
  const estimated = kind.estimates?.(config) ?? false;

  interface Placed {
    readonly graph: Graph;
    readonly moved: Moved;
    readonly also: Also;
  }
  /** A program of rows and of where a map, or none, takes them. */
  const load = (name: string, with_: "map" | "no map", spec: (placed: Placed) => Partial<ProgramSpec>): Executable => {
    const graph = createGraph();
    const map = with_ === "map" ? kind.build(graph, config) : undefined;
    const signs = estimated ? graph.rows("signs", d) : undefined;
    const at = (x: Node): Moved => map?.at(x, signs) ?? { x, y: x, logDet: graph.constant(0) };
    const moved = at(graph.rows("x", d));
    const pair = paired ? { pair: at(graph.rows("pair", d)) } : {};
    const also = { logDensity: graph.rows("logDensity", 1), ...pair, ...hosts.nodes(graph) };
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
  const measuring = {
    before: load("measure start", "no map", measures),
    after: load("measure", "map", measures),
    distance: load("distance", "map", ({ moved }) => ({ means: { moved: distance(moved) } })),
  };
  const parameters = engine.parameters(new Float32Array(kind.size(config)));
  const stored = engine.parameters(new Float32Array(kind.size(config)));

  /** Of rows by the indices of a draw, or from a place on. */
  const inputsOf = (
    program: Executable,
    { x, logDensity, ...others }: Rows,
    beside: number,
    from?: number,
  ): Record<string, RowSource> => {
    const placed = (table: Table): RowSource => (from === undefined ? table : { table, from });
    const given = { x: placed(x), logDensity: placed(logDensity), ...hosts.sources(from ?? 0) };
    const sources: Record<string, RowSource> = given;
    for (const [name, table] of Object.entries(others)) sources[name] = { table, from: (from ?? 0) + beside };
    return Object.fromEntries(program.program.inputs.map(({ at }) => [at.name!, sources[at.name!]]));
  };
  const sample = (key: Key, n: number): Table => engine.table(n, d, start.sample!(key, n));
  const termsOf = (value: (name: string) => number): Measured["terms"] =>
    Object.fromEntries(functional.terms.map(({ name }) => [name, value(`term:${name}`)]));
  const pushTo = (to: Rows, from: Rows, weights: Float32Array, step: number): void => {
    stored.write(weights);
    const run = (program: Executable, inputs: Record<string, RowSource>, outputs: Record<string, Table>): Values =>
      program.run({ parameters: stored, inputs, rows: from.x.rows, outputs });
    run(pushing, inputsOf(pushing, from, step % SHIFTS), { x: to.x, logDensity: to.logDensity });
    if (from.pair && to.pair) run(moving, { x: from.pair }, { x: to.pair });
  };
  const hosted = functional.needs.includes("host");
  /** What the host says of rows, for the programs that run next. */
  const askHost = (x: Table): void => {
    if (hosted) hosts.fill(x.read());
  };
  /** Of rows by these indices, where the map has taken them. */
  const askHostAfter = (by: Parameters, x: Table, indices?: Int32Array): void => {
    if (!hosted) return;
    const y = engine.table(indices?.length ?? x.rows, d);
    moving.run({ parameters: by, inputs: { x }, outputs: { x: y }, ...(indices ? { indices } : { rows: x.rows }) });
    askHost(y);
    y.dispose();
  };
  /** Each row is moved once, and then has many partners. */
  const measurePairs = (rows: Rows, weights?: Float32Array): Measured => {
    const n = rows.x.rows;
    const blank = (): Rows => ({ x: engine.table(n, d), logDensity: engine.table(n, 1), pair: engine.table(n, d) });
    const moved = weights ? blank() : undefined;
    if (moved && weights) pushTo(moved, rows, weights, 0);
    askHost((moved ?? rows).x);
    const { before, distance: length } = measuring;
    const { values, error } = overPairs(n, ({ from, rows: count, beside }) =>
      before.run({ inputs: inputsOf(before, moved ?? rows, beside, from), rows: count }),
    );
    const distance = weights ? length.run({ parameters: stored, inputs: { x: rows.x }, rows: n }).moved[0] : 0;
    if (moved) disposeRows(moved);
    return { energy: values.total, energyError: error, terms: termsOf((name) => values[name]), moved: distance };
  };
  return {
    parameters,
    player: (goal, rows, h, rate) => ({
      name: "map",
      parameters,
      rate,
      update: ({ indices, beside }, by) => {
        const program = goals[goal];
        const scalars = goal === "step" ? { scalars: { h } } : {};
        if (goal === "step") askHostAfter(parameters, rows.x, indices);
        const found = program.step({ parameters, inputs: inputsOf(program, rows, beside), indices, ...scalars }, by);
        keepAbove(parameters, kind.bounds?.(config) ?? []);
        return found;
      },
    }),
    batch: (key, n, size) => drawBatch(key, n, size, paired || estimated ? "with others" : "alone"),
    draw: (key, n) => {
      const rows: Rows = {
        x: sample(key, n),
        logDensity: engine.table(n, 1),
        ...(paired ? { pair: sample(fold(key, "pair"), n) } : {}),
        ...(estimated ? { signs: drawSigns(engine, fold(key, "signs"), n, d) } : {}),
      };
      scoring.run({ inputs: { x: rows.x }, rows: n, outputs: { logDensity: rows.logDensity } });
      return rows;
    },
    push: (rows, weights, step) => pushTo(rows, rows, weights, step),
    measure: (rows, weights) => {
      const n = rows.x.rows;
      if (paired) return measurePairs(rows, weights);
      if (weights) stored.write(weights);
      if (weights) askHostAfter(stored, rows.x);
      else askHost(rows.x);
      const program = weights ? measuring.after : measuring.before;
      const values = program.run({
        ...(weights ? { parameters: stored } : {}),
        inputs: inputsOf(program, rows, 0),
        rows: n,
      });
      const [energy, squares] = [values.total[0], values.square[0]];
      const energyError = Math.sqrt(Math.max(0, squares - energy * energy) / n);
      const terms = termsOf((name) => values[name][0]);
      return { energy, energyError, terms, moved: weights ? values.moved[0] : 0 };
    },
    dispose: () => {
      for (const program of [...Object.values(goals), ...Object.values(measuring), pushing, moving, scoring])
        program.dispose();
      parameters.dispose();
      stored.dispose();
      hosts.dispose();
    },
  };
}
