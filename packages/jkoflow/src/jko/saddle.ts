/**
 * A step of the scheme as a saddle: the functional's term int f(rho), which needs a density, is replaced by its lower bound
 * (functionals/bound.ts), and two players share the objective, the map T lowering it and the critic v raising it:
 *
 *   min over T  max over v   E |T(x) - x|^2 / 2 + h ( E[a(v(T x))] - E_gamma[b(v)] + terms that rows suffice for )
 *
 * The opponent of whoever moves is frozen: it is in the program, and its weights are copied there. For the mean in the
 * logarithm, log E_gamma[b], the critic's gradient has b / E_gamma[b] in the place of b; that mean is taken first, over the rows of
 * the same turn.
 */
import type { Distribution } from "../distributions/index.ts";
import type { Batch, Engine, Executable, Parameters, RowSource, Table, Values } from "../engine/index.ts";
import { boundedTerm, type Functional, type Moved } from "../functionals/index.ts";
import {
  add,
  createGraph,
  createProgram,
  detach,
  type Graph,
  gradient,
  mul,
  type Node,
  type ProgramSpec,
  rowDot,
  scale,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import type { BuiltMap, MapKind } from "../maps/index.ts";
import { fold, type Key, log } from "../random/index.ts";
import { besideFrozen, keepAbove, type Player } from "../train/index.ts";
import { type Critic, type CriticConfig, createCritic, criticSize } from "./critic.ts";
import type { ReferenceRows } from "./reference.ts";
import type { RowDraw, Rows } from "./rowSet.ts";

/** What a turn is made of: rows of rho, and a whole number by which as many rows of the reference are chosen. */
export interface SaddleDraw extends RowDraw {
  readonly reference: number;
}

/** Rows that are trained on have no log-density; those that are held out do. */
export type SaddleRows = Pick<Rows, "x" | "pair"> & Partial<Rows>;

/** @throws Error for rows that are trained on. */
export function scored({ logDensity, ...rows }: SaddleRows): Rows {
  if (!logDensity) throw new Error("rows without their log-density");
  return { ...rows, logDensity };
}

/** Memory of the engine, given back. */
export const disposeSaddleRows = (rows: SaddleRows): void => {
  for (const table of Object.values(rows)) table.dispose();
};

export interface Saddle {
  readonly map: Parameters;
  readonly critic: Parameters;
  /** `goal`: the saddle, or no movement. */
  mapPlayer(goal: "step" | "identity", rows: SaddleRows, h: number, rate: Rate): Player<SaddleDraw>;
  /** None where no term of the functional needs one. */
  criticPlayers(rows: SaddleRows, reference: ReferenceRows, turns: number, rate: Rate): readonly Player<SaddleDraw>[];
  /** n rows of a start, to be trained on. */
  draw(start: Distribution, key: Key, n: number): SaddleRows;
  /** Moves rows in place. */
  push(rows: SaddleRows, weights: Float32Array): void;
  /** The bound of F on these rows, by the map and the critic as they are. */
  bound(rows: SaddleRows, reference: ReferenceRows): number;
  dispose(): void;
}

type Rate = (update: number) => number;

export function createSaddle<C>(
  engine: Engine,
  kind: MapKind<C>,
  config: C,
  criticConfig: CriticConfig,
  functional: Functional,
): Saddle {
  const { dimension: d } = criticConfig;
  const term = boundedTerm(functional);
  const strength = Math.abs(term?.weight ?? 0);
  const isLog = term?.bound?.less === "log mean";
  const paired = functional.needs.includes("pair");
  const sizes = { map: kind.size(config), critic: criticSize(criticConfig) };
  const [map, critic] = [besideFrozen(engine, sizes.map, sizes.critic), besideFrozen(engine, sizes.critic, sizes.map)];

  interface Placed {
    readonly graph: Graph;
    readonly moved: Moved;
    readonly pair?: { readonly pair: Moved };
    readonly critic: Critic;
  }
  const load = (name: string, first: "map" | "critic", spec: (placed: Placed) => Partial<ProgramSpec>): Executable => {
    const graph = createGraph();
    const built: BuiltMap = kind.build(graph, config);
    const of = createCritic(graph, criticConfig);
    const moved = built.at(graph.rows("x", d));
    const parameters =
      first === "map" ? [...built.parameters, ...of.parameters] : [...of.parameters, ...built.parameters];
    const placed = { graph, moved, critic: of, ...(paired ? { pair: { pair: built.at(graph.rows("pair", d)) } } : {}) };
    return engine.load(createProgram({ name, parameters, ...spec(placed) }));
  };
  /** a(v(y)), with the strength of the term: [B, 1] */
  const ofRows = (of: Critic, y: Node): Node => {
    const { v, logGamma } = of.at(y);
    return scale(term!.bound!.ofRows(v, logGamma), strength);
  };
  /** b, without it. */
  const ofReference = ({ graph, critic: of }: Placed): Node => {
    const { v, logGamma } = of.ofReference(graph.rows("u", d));
    return term!.bound!.ofReference(v, logGamma);
  };
  /** Terms that need no density: [B, 1] */
  const plain = ({ moved, pair, graph }: Placed): Node =>
    functional.terms
      .filter((other) => other !== term)
      .map((other) => scale(other.perRow(moved, pair ?? {}), other.weight))
      .reduce((a, b) => add(a, b), graph.constant(0) as Node);
  const distance = ({ x, y }: Moved): Node => squaredNorm(sub(y, x));

  const steps = {
    identity: load("identity", "map", ({ moved }) => ({ loss: distance(moved) })),
    step: load("map's turn", "map", (placed) => {
      const { moved, critic: of, graph } = placed;
      // The critic as a function of y alone: its value and slope are numbers, so that its weights have no gradient.
      const frozen = (y: Node): Node => {
        const at = ofRows(of, y);
        const slope = detach(gradient(at, [y])[0]); // [B, d]
        return add(rowDot(slope, sub(y, detach(y))), detach(at));
      };
      const energy = term ? add(plain(placed), frozen(moved.y)) : plain(placed);
      return { loss: add(scale(distance(moved), 1 / 2), mul(graph.scalar("h"), energy)) };
    }),
  };
  const critics = term && {
    mean: load("mean over the reference", "critic", (placed) => ({ means: { b: ofReference(placed) } })),
    turn: load("critic's turn", "critic", (placed) => ({
      loss: sub(
        mul(placed.graph.scalar("share"), scale(ofReference(placed), strength)),
        ofRows(placed.critic, detach(placed.moved.y)),
      ),
    })),
  };
  const graph = createGraph();
  const { parameters, at } = kind.build(graph, config);
  const outputs = { x: at(graph.rows("x", d)).y };
  const moving = engine.load(createProgram({ name: "move", parameters, outputs }));
  const stored = engine.parameters(new Float32Array(sizes.map));
  const measuring = load("bound", "map", (placed) => ({
    means: { a: term ? add(plain(placed), ofRows(placed.critic, placed.moved.y)) : plain(placed) },
  }));

  const run = (
    program: Executable,
    batch: Pick<Batch, "parameters" | "rows">,
    all: Readonly<Record<string, RowSource>>,
  ): Values => program.run({ ...batch, inputs: usedOf(program, all) });
  return {
    map: map.own,
    critic: critic.own,
    mapPlayer: (goal, rows, h, rate) => ({
      name: "map",
      parameters: map.own,
      rate,
      update: ({ indices, beside }, by) => {
        map.copy(critic.own);
        const program = steps[goal];
        const scalars = goal === "step" ? { scalars: { h } } : {};
        const found = program.step(
          { parameters: map.whole, inputs: usedOf(program, tablesOf(rows, beside)), indices, ...scalars },
          by,
        );
        keepAbove(map.own, kind.bounds?.(config) ?? []);
        return found;
      },
    }),
    criticPlayers: (rows, reference, turns, rate) => {
      if (!critics) return [];
      const { mean, turn } = critics;
      const update: Player<SaddleDraw>["update"] = ({ indices, beside, reference: taken }, by) => {
        critic.copy(map.own);
        const u = reference.pool().take(taken, indices.length);
        const b = isLog ? run(mean, { parameters: critic.whole, rows: indices.length }, { u }).b[0] : 1;
        const inputs = usedOf(turn, { ...tablesOf(rows, beside), u });
        return turn.step({ parameters: critic.whole, inputs, indices, scalars: { share: 1 / b } }, by);
      };
      return [{ name: "critic", parameters: critic.own, turns, rate, update }];
    },
    draw: (start, key, n) => {
      const sample = (from: Key): Table => engine.table(n, d, start.sample!(from, n));
      return { x: sample(key), ...(paired ? { pair: sample(fold(key, "pair")) } : {}) };
    },
    push: ({ x, pair }, weights) => {
      stored.write(weights);
      for (const table of pair ? [x, pair] : [x])
        moving.run({ parameters: stored, inputs: { x: table }, rows: table.rows, outputs: { x: table } });
    },
    bound: (rows, reference) => {
      map.copy(critic.own);
      const { a } = run(measuring, { parameters: map.whole, rows: rows.x.rows }, tablesOf(rows, 0));
      if (!critics) return a[0];
      critic.copy(map.own);
      const { table: u } = reference.pool();
      const { b } = run(critics.mean, { parameters: critic.whole, rows: u.rows }, { u });
      return a[0] - strength * (isLog ? log(b[0]) : b[0]);
    },
    dispose: () => {
      for (const program of [...Object.values(steps), ...Object.values(critics ?? {}), moving, measuring])
        program.dispose();
      for (const each of [map.whole, critic.whole, stored]) each.dispose();
    },
  };
}

/** Rows by the indices of a draw, their partners from a place on. */
const tablesOf = ({ x, pair }: SaddleRows, from: number): Readonly<Record<string, RowSource>> => ({
  x,
  ...(pair ? { pair: { table: pair, from } } : {}),
});

/** Those that the program reads. */
const usedOf = (program: Executable, all: Readonly<Record<string, RowSource>>): Record<string, RowSource> =>
  Object.fromEntries(program.program.inputs.map(({ at }) => [at.name!, all[at.name!]]));
