/** What a flow that has a name says of itself. */
import type { Key } from "../random/index.ts";
import type { EvolutionProblem } from "../systems/index.ts";

/** How far to go, and how. */
export interface Times {
  readonly time: number;
  readonly step: number;
}

/** What a publication reports of flows of this kind, at a time. */
export interface Published {
  readonly time: number;
  /** nats */
  readonly symKl: number;
}

/** A flow that a name stands for, in each of its dimensions. */
export interface NamedProblem {
  readonly says: string;
  /** What is known of it: what a run is compared with. */
  readonly oracle?: string;
  /** From, to; the first is taken where none is said. */
  readonly dimensions: readonly [least: number, most: number];
  /** Where nothing else is asked for. */
  readonly times: Times;
  make(dimension: number, key: Key, times: Times): EvolutionProblem;
  readonly published?: (dimension: number) => readonly Published[];
}
