/** The integrands of integrals along the way of a row (functionals/pathTerms.ts has the formulas), from the value of a field. */
import type { Functional, Need, PathIntegral, Term } from "../functionals/index.ts";
import { pathIntegrals } from "../functionals/index.ts";
import { abs, mul, type Node, reciprocal, scale, squaredNorm, sub } from "../graph/index.ts";
import type { FieldValue } from "./field.ts";

/** Integrands, `[B, 1]`. */
export const pathIntegrands: Readonly<Record<PathIntegral, (value: FieldValue) => Node>> = {
  transport: ({ velocity }) => scale(squaredNorm(velocity), 1 / 2),
  hjb: ({ velocity, potential }) => abs(sub(scale(squaredNorm(velocity), potential!.inertia / 2), potential!.rate)),
  kinetic: ({ velocity, duration }) => perTime(scale(squaredNorm(velocity), 1 / (2 * velocity.cols)), duration),
  jacobian: ({ probed, duration }) => perTime(scale(squaredNorm(probed!), 1 / probed!.cols), duration),
};

/** RNODE's integrals run over [0, T]: int_0^T |dx/dt|^2 dt = int_0^1 |dx/ds|^2 ds / T. */
const perTime = (square: Node, duration: Node | undefined): Node =>
  duration ? mul(square, reciprocal(duration)) : square;

const isPathIntegral = (need: Need): need is PathIntegral => pathIntegrals.some((known) => known === need);

/** The integrals that terms need, in their order. */
export const integralsOf = (terms: readonly Pick<Term, "needs">[]): PathIntegral[] => [
  ...new Set(terms.flatMap(({ needs }) => needs.filter(isPathIntegral))),
];

/** Scalar input of a training program that holds a term's weight: the step size changes and lowers nothing anew. */
export const weightName = (term: string): string => `weight of ${term}`;

/** A training program's scalars for an objective. */
export const weightScalars = ({ terms }: Pick<Functional, "terms">): Record<string, number> =>
  Object.fromEntries(terms.map(({ name, weight }) => [weightName(name), weight]));
