/** Names of systems: each verb takes those of its problem, and says of the others which verb takes them. */
import { evolutionSystems, InputError, io, systems } from "jkoflow";
import { neuralJkoIc, temperedSmc } from "jkoflow/systems";

/** What a system is trained on, and by which verbs. */
const verbs = {
  table: { names: Object.keys(systems), by: (name: string) => `jko fit TABLE --system ${name}` },
  flow: {
    names: Object.keys(evolutionSystems),
    by: (name: string) => `jko evolve PROBLEM --system ${name}, or jko infer TARGET`,
  },
  target: {
    names: [...Object.keys(evolutionSystems), temperedSmc.name, neuralJkoIc.name],
    by: (name: string) => `jko infer TARGET --system ${name}`,
  },
} as const;

export type SystemKind = keyof typeof verbs;

export const systemNames = (kind: SystemKind): readonly string[] => verbs[kind].names;

/** What to do about a name that the verb does not take; undefined where nothing is near. */
function fixOf(name: string, kind: SystemKind): string | undefined {
  const others = [
    [verbs.table, "is trained on a table"],
    [verbs.flow, "is trained on a flow"],
    [verbs.target, "samples a target"],
  ] as const;
  const other = others.find(([{ names }]) => names.includes(name));
  if (other !== undefined) return `${name} ${other[1]}: ${other[0].by(name)}`;
  const near = io.nearestName(name, verbs[kind].names);
  return near && `did you mean ${near}?`;
}

/** @throws InputError for a system that is none of this kind; its fix names the verb that takes it. */
export function checkSystemName(name: string, kind: SystemKind, where: string, place?: string): string {
  const { names } = verbs[kind];
  if (names.includes(name)) return name;
  const [came, expected, fix] = [JSON.stringify(name), names.join(" | "), fixOf(name, kind)];
  throw new InputError({ where, ...(place ? { place } : {}), came, expected, ...(fix ? { fix } : {}) });
}
