/**
 * The objective of every system on this core: one weighted sum per sample, of which a system names the terms it has.
 *
 *   l = c_C C + c_E |x(1) - x(0)|^2 / 2 + c_L L + c_R R + c_K K + c_J J
 *   C = |x(1)|^2 / 2 - int_0^1 div v ds          likelihood, nats, up to (d/2) log 2 pi
 *   L = int_0^1 |v|^2 / 2 ds                      transport: the path's cost (OT-Flow, arXiv:2006.00104)
 *   R = int_0^1 |-dPhi/dt + alpha |v|^2 / 2| ds   how far a potential is from the Hamilton-Jacobi-Bellman equation, v = -grad Phi / alpha
 *   K = int_0^1 |v|^2 / (2 d) ds,  J = int_0^1 |e^T dv/dx|^2 / d ds       the two of RNODE (arXiv:2002.02798), e the probe
 *
 * A JKO step has c_C = 1 and c_E = 1/h (Xu, Cheng, Xie, NeurIPS 2023, arXiv:2212.14424, the block objective of section 3).
 */
import { abs, mul, type Node, reciprocal, scale, squaredNorm, sub } from "../graph/index.ts";
import type { FieldValue } from "./field.ts";

/** A term of the objective, by name; the formulas are above. Likelihood in nats. */
export type Term = "likelihood" | "movement" | "transport" | "hjb" | "kinetic" | "jacobian";

/** The terms an objective has, and their weights c; a term that is not named is not computed. */
export type Weights = Readonly<Partial<Record<Term, number>>>;

/** Terms that are integrals along the path: their integrand, `[B, 1]`. */
export const pathIntegrands: Readonly<Partial<Record<Term, (value: FieldValue) => Node>>> = {
  transport: ({ velocity }) => scale(squaredNorm(velocity), 1 / 2),
  hjb: ({ velocity, potential }) => abs(sub(scale(squaredNorm(velocity), potential!.inertia / 2), potential!.rate)),
  kinetic: ({ velocity, duration }) => perTime(scale(squaredNorm(velocity), 1 / (2 * velocity.cols)), duration),
  jacobian: ({ probed, duration }) => perTime(scale(squaredNorm(probed!), 1 / probed!.cols), duration),
};

/** RNODE's integrals run over [0, T]: int_0^T |dx/dt|^2 dt = int_0^1 |dx/ds|^2 ds / T. */
const perTime = (square: Node, duration: Node | undefined): Node =>
  duration ? mul(square, reciprocal(duration)) : square;

/** The terms of an objective, in the order of its weights: the `terms` of `trainingProgram`. */
export const termNames = (weights: Weights): Term[] => Object.keys(weights) as Term[];

/** Scalar input of a training program that holds a term's weight. */
export const weightName = (term: Term): string => `weight of ${term}`;

/** A training program's scalars for these weights. */
export const weightScalars = (weights: Weights): Record<string, number> =>
  Object.fromEntries(Object.entries(weights).map(([term, weight]) => [weightName(term as Term), weight]));
