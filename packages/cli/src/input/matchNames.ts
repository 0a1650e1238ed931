/** The columns of a model in a file: by name, or by position where there are no names. */
import { InputError, io } from "jkoflow";
import { counted } from "../progress/numbers.ts";

/** x1, x2, ...: names that no file gave. */
const isNameless = (names: readonly string[]): boolean => names.every((name, k) => name === `x${k + 1}`);

/** By name where the file has all names; by position where it or the training data has none of its own, as NPY files. */
export function matchNames(
  names: readonly string[],
  columns: readonly string[],
  where: string,
  idle: ReadonlySet<number> = new Set(),
  given: readonly string[] = [],
): readonly number[] {
  const missing = columns.find((name) => !names.includes(name));
  if (missing === undefined) return columns.map((name) => names.indexOf(name));
  const nameless = isNameless(names);
  const places = Array.from(names.keys()).filter((k) => !idle.has(k));
  if ((nameless || isNameless(columns)) && places.length === columns.length) return places;
  const near = io.nearestName(
    missing,
    names.filter((name) => !given.includes(name) && !columns.includes(name)),
  );
  const beside = given.length === 0 ? "" : `, beside the given ${given.join(", ")}`;
  throw new InputError({
    where,
    came: nameless ? `${names.length} columns without names` : `no column ${JSON.stringify(missing)}`,
    expected: `the ${counted(columns.length, "column")} of the model (${columns.slice(0, 6).join(", ")}${columns.length > 6 ? ", ..." : ""})${beside}`,
    ...(near === undefined || nameless ? {} : { fix: `did you mean ${JSON.stringify(near)}?` }),
  });
}
