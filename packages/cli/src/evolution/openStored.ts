/** The maps of a model file, opened for a problem. */
import { type chain, type EvolutionProblem, InputError, maps } from "jkoflow";
import { type OpenFlow, timeOf } from "./along.ts";

/** @throws InputError for maps that are not of the problem. */
export function openStored(stored: chain.Chain, { start, step }: EvolutionProblem, where: string): OpenFlow {
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where, place, came, expected });
  };
  if (stored.columns.length !== start.dimension) {
    fail("columns", `${stored.columns.length} columns`, `${start.dimension} as the problem has`);
  }
  const times = stored.times ?? Array.from({ length: stored.parts.length + 1 }, (_, k) => timeOf(k, step));
  return { start, step, times, maps: stored.parts.map(({ config, weights }) => maps.openMap(config, weights, fail)) };
}
