/** Functionals put together: from terms, and as weighted sums of others. */
import { InputError } from "../errors/index.ts";
import { add, scale } from "../graph/index.ts";
import type { Functional, Need, Term } from "./functional.ts";

/** @throws InputError without terms. */
export function functionalOf(title: string, terms: readonly Term[]): Functional {
  if (terms.length === 0) throw new InputError({ where: "functional", came: "no terms", expected: "at least one" });
  const needs = [...new Set(terms.flatMap((term) => term.needs))] as readonly Need[];
  return {
    title,
    needs,
    terms,
    perRow: (moved, also) =>
      terms.map((term) => scale(term.perRow(moved, also), term.weight)).reduce((a, b) => add(a, b)),
  };
}

/**
 * Functionals with weights, added; terms of one name get numbers. A part of weight 0 is left out, so that nothing is computed for it.
 *
 * @throws InputError where no part is left
 *
 * @example
 * ```ts
 * import { entropy, potential, sum } from "jkoflow/functionals";
 * import { squaredNorm } from "jkoflow/graph";
 *
 * const energy = sum([1, entropy()], [0.5, potential(squaredNorm)]); // its flow goes to N(0, I)
 * console.log(energy.terms.map(({ name, weight }) => `${weight} ${name}`)); // [ '1 entropy', '0.5 potential' ]
 * ```
 */
export function sum(...given: readonly (readonly [weight: number, functional: Functional])[]): Functional {
  const parts = given.filter(([weight]) => weight !== 0);
  const all = parts.flatMap(([weight, { terms }]) => terms.map((term) => ({ ...term, weight: weight * term.weight })));
  const named = all.map((term, i) => {
    const before = all.slice(0, i).filter(({ name }) => name === term.name).length;
    return before === 0 ? term : { ...term, name: `${term.name}${before + 1}` };
  });
  const titles = parts.map(([weight, { title }]) => (weight === 1 ? title : `${weight} times ${title}`));
  return functionalOf(titles.join(" plus "), named);
}

/** What a term asks for. @throws InputError where it is not there. */
export function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InputError({ where: "functional", came: "nothing", expected: what });
  return value;
}
