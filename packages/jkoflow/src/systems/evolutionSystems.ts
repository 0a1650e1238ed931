/** Systems for evolutions by name, and the check of their settings: flat numbers above 0, named as their defaults are. */

import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { nearestName } from "../io/index.ts";
import type { Settings } from "../settings/index.ts";
import type { EvolutionProblem, EvolutionSystem } from "./evolution.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

/** A system whose settings are known by their names alone. */
export type AnyEvolutionSystem = EvolutionSystem<Settings, unknown>;

/** All of them; adding one here is enough to have it in the command. */
export const evolutionSystems: Readonly<Record<string, AnyEvolutionSystem>> = Object.fromEntries(
  [jkoIcnn].map((system) => [system.name, system as unknown as AnyEvolutionSystem]),
);

/**
 * Every setting of the system: those that are given, and defaults for the problem.
 * @throws InputError for an unknown name, and for anything but a number of the same kind as the default.
 */
export function checkEvolutionSettings(
  system: AnyEvolutionSystem,
  problem: EvolutionProblem,
  given: Settings,
): Settings {
  const defaults = system.defaults(problem);
  const names = Object.keys(defaults);
  for (const [name, value] of Object.entries(given)) {
    const where = `setting ${name}`;
    if (!Object.hasOwn(defaults, name)) {
      const near = nearestName(name, names);
      const fix = near === undefined ? undefined : `did you mean ${near}?`;
      throw new InputError({ where, came: `none of ${system.name}`, expected: names.join(", "), fix });
    }
    const isWhole = Number.isInteger(defaults[name]) && Number(defaults[name]) > 1;
    const fits =
      typeof value === "number" && value > 0 && Number.isFinite(value) && (!isWhole || Number.isInteger(value));
    if (fits) continue;
    throw new InputError({
      where,
      came: cameOf(value),
      expected: isWhole ? "a whole number from 1" : "a number above 0",
    });
  }
  return { ...defaults, ...given };
}
