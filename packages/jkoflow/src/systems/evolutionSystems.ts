/** Systems for evolutions by name. */
import type { Settings } from "../settings/index.ts";
import { type EvolutionProblem, type EvolutionSystem, equationOf } from "./evolution.ts";
import { jkoIcnn } from "./jkoIcnn.ts";
import { landau } from "./landau.ts";
import { variational } from "./variational.ts";

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
 * console.log(Object.keys(evolutionSystems)); // [ 'jko-icnn', 'landau', 'variational' ]
 * ```
 */
export const evolutionSystems: Readonly<Record<string, AnyEvolutionSystem>> = {
  [jkoIcnn.name]: jkoIcnn,
  [landau.name]: landau,
  [variational.name]: variational,
};

/** The name of the system that is taken where none is said: `usual`, or the first one for the problem's equation and terms. */
export function systemFor(problem: EvolutionProblem, usual: string): string {
  const equation = equationOf(problem);
  const { needs } = problem.functional;
  const fits = (name: string): boolean => {
    const { equation: its, takes } = evolutionSystems[name];
    return its === equation && needs.every((need) => takes.includes(need));
  };
  return [usual, ...Object.keys(evolutionSystems)].find(fits) ?? usual;
}

/**
 * Every setting of the system: those that are given, and defaults for the problem.
 * @throws InputError for a problem that the system cannot take, alone or with these settings, and as the system's `check`.
 *
 * @example
 * ```ts
 * import { createKey, problems } from "jkoflow";
 * import { checkEvolutionSettings, evolutionSystems, systemFor } from "jkoflow/systems";
 *
 * const problem = problems.namedProblem("landau:bkw2", createKey(0));
 * const name = systemFor(problem, "jko-icnn"); // the usual one does not take collisions
 * console.log(name, checkEvolutionSettings(evolutionSystems[name], problem, { updates: 7 }).updates); // landau 7
 * ```
 */
export function checkEvolutionSettings(
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  given: Settings,
): Settings {
  system.checkProblem(problem);
  const settings = system.check({ ...system.defaults(problem), ...given });
  system.checkProblem(problem, settings);
  return settings;
}
