/** The table of kinds of maps asks each for the same things; what a kind cannot do is absent. */
import type { Moved } from "../functionals/index.ts";
import type { Graph, Node } from "../graph/index.ts";
import type { Key } from "../random/index.ts";

/** Says what is wrong with a description that was read; never returns. */
export type Fail = (place: string, came: string, expected: string) => never;

/** A map in a graph. */
export interface BuiltMap {
  /** In the order of the flat array. */
  readonly parameters: readonly Node[];
  /** Rows [B, d], moved; `signs`, rows of -1 and 1 [B, d], where log-determinants are estimated. */
  at(x: Node, signs?: Node): Moved;
}

/** A map with fixed weights, row by row in float64. */
export interface HostMap {
  /** y = T(x); gives log |det DT(x)|, nats. */
  push(x: ArrayLike<number>, y: Float64Array): number;
  /** x with T(x) = y; gives log |det DT(x)|. @throws NumericError where the iteration does not get there. */
  invert?(y: ArrayLike<number>, x: Float64Array): number;
}

/** Weights that must not fall below a number: [from, to) of the flat array. */
export interface LowerBound {
  readonly from: number;
  readonly to: number;
  readonly least: number;
}

/** What every description of a map has. */
export interface MapConfig {
  readonly kind: string;
  /** Columns d. */
  readonly dimension: number;
}

/** A kind of map that can be stored, its descriptions being C. */
export interface StoredMapKind<C> {
  /** Numbers in the flat parameter array. */
  size(config: C): number;
  /** In a few words, for people. */
  title(config: C): string;
  /** The description, checked. */
  check(config: unknown, fail: Fail): C;
  /** Exact pushes, log-determinants and inverses. */
  open?(config: C, weights: Float32Array): HostMap;
}

/** A kind of map that is trained as nodes of a graph. */
export interface MapKind<C> extends StoredMapKind<C> {
  /** Whether log-determinants in a graph are estimates, by a row of signs for each row; absent: never. */
  estimates?(config: C): boolean;
  /** First parameters; `scale` 0 makes the identity as nearly as the kind can. */
  init(config: C, key: Key, scale: number): Float32Array;
  build(graph: Graph, config: C): BuiltMap;
  /** What training must keep; absent where weights are free. */
  bounds?(config: C): readonly LowerBound[];
}
