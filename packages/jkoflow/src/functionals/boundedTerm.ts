/** Which term of a functional a critic is for. */
import { InputError } from "../errors/index.ts";
import type { Functional, Term } from "./functional.ts";

/** The term that needs the density, if there is one. @throws InputError for several, and for one without a bound. */
export function boundedTerm({ terms }: Functional): Term | undefined {
  const dense = terms.filter(({ needs }) => needs.includes("logDensity") || needs.includes("critic"));
  const fail = (came: string, expected: string): never => {
    throw new InputError({ where: "functional", came, expected, fix: "jko-icnn takes any sum of terms" });
  };
  if (dense.length > 1) fail(`${dense.length} terms that need the density`, "one, which the critic is for");
  for (const { name, weight, bound } of dense) {
    if (!(bound && bound.sign * weight > 0))
      fail(`the term "${name}" with the weight ${weight}`, "one that is convex and has a variational form");
  }
  return dense[0];
}
