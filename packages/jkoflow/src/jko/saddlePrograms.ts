/**
 * The programs of a saddle (saddle.ts): a player's parameters stand first, then those of its opponent, which is frozen.
 *
 *   identity   min over T  E |T(x) - x|^2
 *   map        min over T  E |T(x) - x|^2 / 2 + h ( E[a(v(T x))] + terms that rows suffice for )
 *   critic     min over v  share E_gamma[b(v)] - E[a(v(T x))];   reference, rows: means of b and of a, and of their squares
 */
import type { Engine, Executable } from "../engine/index.ts";
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
  square,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import type { BuiltMap, MapKind } from "../maps/index.ts";
import { type Critic, type CriticConfig, createCritic } from "./critic.ts";

export interface SaddlePrograms {
  readonly identity: Executable;
  readonly map: Executable;
  readonly rows: Executable;
  /** Absent where no term of the functional needs a critic. */
  readonly critic?: { readonly turn: Executable; readonly reference: Executable };
  dispose(): void;
}

interface Placed {
  readonly graph: Graph;
  readonly moved: Moved;
  readonly pair?: { readonly pair: Moved };
  readonly critic: Critic;
}

export function createSaddlePrograms<C>(
  engine: Engine,
  kind: MapKind<C>,
  config: C,
  criticConfig: CriticConfig,
  functional: Functional,
): SaddlePrograms {
  const { dimension: d } = criticConfig;
  const term = boundedTerm(functional);
  const strength = Math.abs(term?.weight ?? 0);
  const paired = functional.needs.includes("pair");
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

  const critic = term && {
    reference: load("mean over the reference", "critic", (placed) => {
      const b = ofReference(placed);
      return { means: { b, square: square(b) } };
    }),
    turn: load("critic's turn", "critic", (placed) => ({
      loss: sub(
        mul(placed.graph.scalar("share"), scale(ofReference(placed), strength)),
        ofRows(placed.critic, detach(placed.moved.y)),
      ),
    })),
  };
  const identity = load("identity", "map", ({ moved }) => ({ loss: distance(moved) }));
  const map = load("map's turn", "map", (placed) => {
    const { moved, critic: of, graph } = placed;
    // The critic as a function of y alone: its value and slope are numbers, so that its weights have no gradient.
    const frozen = (y: Node): Node => {
      const at = ofRows(of, y);
      const slope = detach(gradient(at, [y])[0]); // [B, d]
      return add(rowDot(slope, sub(y, detach(y))), detach(at));
    };
    const energy = term ? add(plain(placed), frozen(moved.y)) : plain(placed);
    return { loss: add(scale(distance(moved), 1 / 2), mul(graph.scalar("h"), energy)) };
  });
  const rows = load("bound", "map", (placed) => {
    const a = term ? add(plain(placed), ofRows(placed.critic, placed.moved.y)) : plain(placed);
    return { means: { a, square: square(a), moved: distance(placed.moved) } };
  });
  return {
    identity,
    map,
    rows,
    ...(critic ? { critic } : {}),
    dispose: () => {
      for (const program of [identity, map, rows, ...Object.values(critic ?? {})]) program.dispose();
    },
  };
}
