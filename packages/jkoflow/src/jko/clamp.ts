/** Bounds on the parameters of a block. */
import type { Parameters } from "../engine/index.ts";

/** Every parameter into [-bound, bound]. */
export function clampParameters(parameters: Parameters, bound: number): void {
  const values = parameters.read();
  if (!values.some((x) => Math.abs(x) > bound)) return;
  parameters.write(values.map((x) => Math.min(bound, Math.max(-bound, x))));
}
