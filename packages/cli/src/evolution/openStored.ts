/** The maps of a model file, opened for a problem. */
import { type chain, type EvolutionProblem, InputError, maps } from "jkoflow";
import type { OpenFlow } from "./along.ts";

/** @throws InputError for maps that are not of the problem. */
export function openStored(stored: chain.Chain, { start, step }: EvolutionProblem, where: string): OpenFlow {
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  if (stored.columns.length !== start.dimension) {
    fail("columns", `${stored.columns.length} columns`, `${start.dimension} as the problem has`);
  }
  return { start, step, maps: stored.parts.map(({ config, weights }) => maps.openMap(config, weights, fail)) };
}
