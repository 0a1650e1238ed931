/** A condition's description from a file, checked. */
import { InputError } from "../errors/errors.ts";
import { type Condition, type ConditionColumn, createCondition } from "./condition.ts";

/**
 * The condition that `columns` of a `Condition` described. `value` is parsed JSON from anywhere.
 * @throws InputError when it is not such a description.
 */
export function parseCondition(value: unknown, where: string = "condition"): Condition {
  const check = (ok: boolean, place: string, expected: string): void => {
    if (!ok) throw new InputError({ where, place, came: "another value", expected });
  };
  check(Array.isArray(value) && value.length > 0, "columns", "a list of columns");
  const columns = (value as readonly unknown[]).map((item, k): ConditionColumn => {
    check(item !== null && typeof item === "object", `column ${k + 1}`, "an object");
    const { name, kind, categories, frequencies, mean, sd, levels } = item as Readonly<Record<string, unknown>>;
    if (typeof name !== "string")
      throw new InputError({ where, place: `column ${k + 1}`, came: "no name", expected: "one" });
    if (kind === "number") {
      check(Number.isFinite(mean) && Number.isFinite(sd) && (sd as number) > 0, name, "a mean and an sd above 0");
      return { name, kind, mean: mean as number, sd: sd as number };
    }
    if (kind === "cell") {
      check(Number.isInteger(levels) && (levels as number) > 1, name, "a number of levels above 1");
      return { name, kind, levels: levels as number };
    }
    check(kind === "category", name, "category, number or cell");
    const words = Array.isArray(categories) && categories.every((word) => typeof word === "string");
    check(
      words && categories.length > 1 && new Set(categories).size === categories.length,
      name,
      "different categories",
    );
    const shares = Array.isArray(frequencies) && frequencies.every((share) => typeof share === "number" && share > 0);
    check(shares && frequencies.length === (categories as string[]).length, name, "a share for each category");
    return { name, kind: "category", categories: categories as string[], frequencies: frequencies as number[] };
  });
  check(new Set(columns.map(({ name }) => name)).size === columns.length, "columns", "each name once");
  return createCondition(columns);
}
