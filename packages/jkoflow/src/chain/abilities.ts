/** What an opened model can do is there; what it cannot is absent, and `lacks` says why. */
import { InputError } from "../errors/index.ts";

/** What may be asked of a model, in the order in which it is told. */
export const abilities = ["sample", "logProb", "toBase", "fromBase", "inversionError"] as const;

export type Ability = (typeof abilities)[number];

/** A model that says what it can. */
export type Able = { readonly [A in Ability]?: unknown } & {
  /** In a few words, such as "a chain of 3 maps". */
  readonly title: string;
  /** Of what it cannot: why not, such as "part 2 has no inverse". */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
};

/**
 * What the model must be able to do for a caller.
 * @throws InputError for what it cannot: one line with why not, and what it can.
 *
 * @example
 * ```ts
 * need(open, "logProb")(rows); // model: no logProb of a chain of 2 maps: part 2 has no inverse, expected sample | fromBase
 * ```
 */
export function need<M extends Able, A extends Ability>(open: M, ability: A, where = "model"): NonNullable<M[A]> {
  const able: M[A] | undefined = open[ability];
  if (able !== undefined && able !== null) return able;
  const why = open.lacks[ability];
  const can = abilities.filter((name) => open[name] !== undefined);
  throw new InputError({
    where,
    came: `no ${ability} of ${open.title}${why === undefined ? "" : `: ${why}`}`,
    expected: can.length > 0 ? `what it can: ${can.join(" | ")}` : "a model that can do something",
  });
}
