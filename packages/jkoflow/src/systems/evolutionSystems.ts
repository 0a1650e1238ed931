/** Systems for evolutions by name. */
import type { Settings } from "../settings/index.ts";
import type { EvolutionProblem, EvolutionSystem } from "./evolution.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

/** A system whose maps are known by what they do alone. */
export type AnyEvolutionSystem = EvolutionSystem<unknown>;

/** All of them; adding one here is enough to have it in the command. */
export const evolutionSystems: Readonly<Record<string, AnyEvolutionSystem>> = { [jkoIcnn.name]: jkoIcnn };

/** Every setting: those that are given, and defaults for the problem. @throws InputError as the system's `check`. */
export const checkEvolutionSettings = (
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  given: Settings,
): Settings => system.check({ ...system.defaults(problem), ...given });
