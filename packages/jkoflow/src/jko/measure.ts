/**
 * Sums over particles, in the engine: what they cost, how far they moved, and the paired change from where they were.
 *
 *   e(x, l) = |x - mean|^2 / 2 - l,   delta = e(x', l') - e(x, l) = (x' - x) (x' + x - 2 mean) / 2 - (l' - l)
 *
 * The second form has the digits of a small change, whatever e is: scores are compared through it.
 */
import { standardEnergy } from "../distributions/index.ts";
import type { Engine, Executable, RowSource } from "../engine/index.ts";
import {
  add,
  broadcast,
  createGraph,
  createProgram,
  type Graph,
  type Node,
  rowDot,
  scale,
  square,
  squaredNorm,
  sub,
} from "../graph/index.ts";
import type { Particles } from "../maps/index.ts";

export interface Measures {
  /** E e over the first `rows`: the NLL up to (d/2) log 2 pi, nats. */
  energy(particles: Particles, rows: number): number;
  /** Means over the first `rows` of delta (nats), |x' - x|^2 and |x'|^2. */
  compare(before: Particles, after: Particles, rows: number): Comparison;
  /** Standard error of a mean change, nats. */
  error(before: Particles, after: Particles, rows: number, change: number): number;
  dispose(): void;
}

export interface Comparison {
  readonly change: number;
  readonly moved: number;
  readonly size: number;
}

interface Row {
  readonly x: Node; // [B, d]
  readonly logDet: Node; // [B, 1]
}

const rowOf = (graph: Graph, d: number, mark: string): Row => ({
  x: graph.rows(`x${mark}`, d),
  logDet: graph.rows(`logDet${mark}`, 1),
});

function changeOf(graph: Graph, d: number, hasMean: boolean) {
  const [from, to] = [rowOf(graph, d, ""), rowOf(graph, d, "'")];
  const way = sub(to.x, from.x);
  const both = add(to.x, from.x);
  const middle = hasMean ? sub(both, scale(graph.rows("mean", d), 2)) : both;
  return { to, way, delta: sub(scale(rowDot(way, middle), 1 / 2), sub(to.logDet, from.logDet)) };
}

export function createMeasures(engine: Engine, d: number): Measures {
  const loaded = new Map<string, Executable>();
  const get = (name: string, hasMean: boolean, make: (graph: Graph) => Readonly<Record<string, Node>>): Executable => {
    const key = `${name}${hasMean ? " to means" : ""}`;
    const known =
      loaded.get(key) ?? engine.load(createProgram({ name: key, parameters: [], means: make(createGraph()) }));
    loaded.set(key, known);
    return known;
  };
  const inputsOf = ({ x, logDet, mean }: Particles): Record<string, RowSource> => ({
    ...{ x, logDet },
    ...(mean ? { mean } : {}),
  });
  const bothOf = (before: Particles, after: Particles) => ({
    ...inputsOf(before),
    "x'": after.x,
    "logDet'": after.logDet,
  });
  return {
    energy: (particles, rows) => {
      const hasMean = particles.mean !== undefined;
      const program = get("energy", hasMean, (graph) => {
        const { x, logDet } = rowOf(graph, d, "");
        const centred = hasMean ? sub(x, graph.rows("mean", d)) : x;
        return { energy: sub(standardEnergy(centred), logDet) };
      });
      return program.run({ inputs: inputsOf(particles), rows }).energy[0];
    },
    compare: (before, after, rows) => {
      const hasMean = before.mean !== undefined;
      const program = get("change", hasMean, (graph) => {
        const { to, way, delta } = changeOf(graph, d, hasMean);
        return { change: delta, moved: squaredNorm(way), size: squaredNorm(to.x) };
      });
      const { change, moved, size } = program.run({ inputs: bothOf(before, after), rows });
      return { change: change[0], moved: moved[0], size: size[0] };
    },
    error: (before, after, rows, change) => {
      const hasMean = before.mean !== undefined;
      const program = get("spread of the change", hasMean, (graph) => {
        const { delta } = changeOf(graph, d, hasMean);
        return { spread: square(sub(delta, broadcast(graph.scalar("change"), "B", 1))) };
      });
      const { spread } = program.run({ inputs: bothOf(before, after), scalars: { change }, rows });
      return Math.sqrt(spread[0] / Math.max(1, rows - 1));
    },
    dispose: () => {
      for (const program of loaded.values()) program.dispose();
      loaded.clear();
    },
  };
}
