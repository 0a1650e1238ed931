/** Activations with their slopes, so that a field can write down its own divergence. */
import { affine, type Node, sigmoid, softplus, square, tanh } from "../graph/index.ts";

/** `softplus` has a sharpness beta: log(1 + e^(beta u)) / beta. */
export type Activation = { readonly kind: "softplus"; readonly beta: number } | { readonly kind: "tanh" };

/** An activation at u, and its slope there. */
export interface Activated {
  /** sigma(u). */
  readonly value: Node;
  /** sigma'(u). */
  readonly slope: Node;
}

/** sigma(u) and its slope sigma'(u), element by element, of the shape of u. */
export function activate(activation: Activation, u: Node): Activated {
  if (activation.kind === "softplus")
    return { value: softplus(u, activation.beta), slope: sigmoid(u, activation.beta) };
  const value = tanh(u);
  return { value, slope: affine(square(value), -1, 1) };
}

/**
 * The activation that settings name; `beta` is of softplus alone.
 *
 * @example
 * ```ts
 * import { namedActivation } from "jkoflow/nn";
 *
 * console.log(namedActivation({ activation: "tanh", beta: 1 }), namedActivation({ activation: "softplus", beta: 5 }).kind); // { kind: 'tanh' } softplus
 * ```
 */
export const namedActivation = ({ activation, beta }: NamedActivation): Activation =>
  activation === "tanh" ? { kind: "tanh" } : { kind: "softplus", beta };

interface NamedActivation {
  readonly activation: Activation["kind"];
  readonly beta: number;
}
