/**
 * What a functional F of a distribution says: what it costs a row x of rho to be at y = T(x).
 *
 *   F(T# rho) = E_x [ perRow(x, T) ],   the density of T# rho at y is r = rho(x) / det DT(x)
 */
import type { Node } from "../graph/index.ts";
import type { Bound } from "./bound.ts";

/** Integrals along the way of a row whose map is a flow in time; formulas in pathTerms.ts. */
export const pathIntegrals = ["transport", "hjb", "kinetic", "jacobian"] as const;
export type PathIntegral = (typeof pathIntegrals)[number];

/** A row and where a map took it; what the map does not know is absent. */
export interface Moved {
  /** [B, d] */
  readonly x: Node;
  /** T(x): [B, d] */
  readonly y: Node;
  /** log |det DT(x)|, nats: [B, 1] */
  readonly logDet?: Node;
  /** Integrals along the way, of maps that have one: [B, 1] each. */
  readonly path?: Readonly<Partial<Record<PathIntegral, Node>>>;
}

/**
 * What a functional must be given besides where the row went: its density before, a critic in the place of densities that nobody
 * knows, a second row moved by the same map, what the host computes there, of all rows together, or an integral along the way.
 */
export type Need = "logDensity" | "critic" | "pair" | "host" | "together" | PathIntegral;

/** A function of rows that JavaScript computes. */
export interface HostFunction {
  /** At a row of d numbers. */
  value(row: Float64Array): number;
  /** Its d slopes there. */
  gradient(row: Float64Array): ArrayLike<number>;
}

/** Values and slopes at rows. */
export interface AtRows {
  /** [n] */
  readonly values: Float64Array;
  /** [n, d] */
  readonly slopes: Float64Array;
}

/** A function of many rows together that JavaScript computes: the mean of its values is F, its slopes are n dF/dx. */
export interface HostTogether {
  /** Of rows [n, d]. */
  together(rows: Float64Array, d: number): AtRows;
}

/** What it says at the rows of a program, where they have come to. */
export interface HostNodes {
  /** [B, 1] */
  readonly value: Node;
  /** [B, d] */
  readonly slope: Node;
}

/** What a functional may ask for. */
export interface Also {
  /** log rho(x), nats: [B, 1] */
  readonly logDensity?: Node;
  /** Independent rows of rho, moved by the same map. */
  readonly pair?: Moved;
  /** Values and slopes of a host function at y. */
  readonly host?: (of: HostFunction | HostTogether) => HostNodes;
  /** Mean of the base of each row, where it depends on the row's labels; else 0: [B, d] */
  readonly mean?: Node;
}

/** One addend of a functional. */
export interface Term {
  /** Unique in its functional: "entropy", "potential". */
  readonly name: string;
  readonly weight: number;
  readonly needs: readonly Need[];
  /** Of a term that the host computes: with what. */
  readonly host?: HostFunction | HostTogether;
  /** [B, 1], without the weight. Its mean is the term's value, the gradient of its mean that of the term. */
  perRow(moved: Moved, also: Also): Node;
  /** Of terms int f(rho): what bounds them where the density is not known; times the absolute value of the weight. */
  readonly bound?: Bound;
}

/** A weighted sum of terms. */
export interface Functional {
  readonly title: string;
  readonly needs: readonly Need[];
  readonly terms: readonly Term[];
  /** The sum of the terms with their weights: [B, 1] */
  perRow(moved: Moved, also: Also): Node;
}
