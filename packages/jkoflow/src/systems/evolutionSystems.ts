/** Systems for evolutions by name. */
import type { Settings } from "../settings/index.ts";
import type { EvolutionProblem, EvolutionSystem } from "./evolution.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

/** A system whose maps are known by what they do alone. */
export type AnyEvolutionSystem = EvolutionSystem<MapConfig>;

/** The description of a map, of whatever kind. */
export interface MapConfig {
  readonly kind: string;
}

/**
 * All of them; adding one here is enough to have it in the command.
 *
 * @example
 * ```ts
 * import { evolutionSystems } from "jkoflow";
 *
 * console.log(Object.keys(evolutionSystems)); // [ 'jko-icnn' ]
 * ```
 */
export const evolutionSystems: Readonly<Record<string, AnyEvolutionSystem>> = { [jkoIcnn.name]: jkoIcnn };

/**
 * Every setting of the system: those that are given, and defaults for the problem.
 * @throws InputError for a problem that the system cannot take, and as the system's `check`.
 */
export function checkEvolutionSettings(
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  given: Settings,
): Settings {
  system.checkProblem(problem);
  return system.check({ ...system.defaults(problem), ...given });
}
