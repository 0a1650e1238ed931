/**
 * Divergences to a target of which there are rows alone, from below by a critic v (bound.ts); P are the rows that are moved, Q the target's:
 *
 *   KL(P | Q) = sup over v of  E_P[v] - log E_Q[e^v]                                            v = log dP/dQ, and a constant
 *   JS(P, Q)  = sup over v of  ln 2 - E_P[softplus(-v)] / 2 - E_Q[softplus(v)] / 2              v = log dP/dQ
 *
 * M. Donsker, S. Varadhan, Comm. Pure Appl. Math. 36 (1983), for the first; S. Nowozin, B. Cseke, R. Tomioka, "f-GAN", NeurIPS 2016,
 * arXiv:1606.00709, for the second, JS = (KL(P | M) + KL(Q | M)) / 2 with M = (P + Q) / 2. The first is infinite where P leaves Q's
 * support, so that rows that start far away are better drawn by the second, which is at most ln 2.
 */
import { InputError } from "../errors/index.ts";
import { affine, exp, negate, scale, softplus } from "../graph/index.ts";
import type { Bound } from "./bound.ts";
import { functionalOf } from "./build.ts";
import type { Functional } from "./functional.ts";

const HALF = 1 / 2;

const toRows = (
  title: string,
  name: string,
  rows: Float32Array,
  bound: Omit<Bound, "reference" | "sign">,
): Functional => {
  if (rows.length === 0 || !rows.every(Number.isFinite))
    throw new InputError({ where: "target", came: "rows that are not finite, or none", expected: "finite numbers" });
  const perRow = (): never => {
    throw new InputError({
      where: "functional",
      came: `${title}, which only a critic knows`,
      expected: "the system variational",
    });
  };
  const whole: Bound = { reference: "rows", sign: 1, target: rows, ...bound };
  return functionalOf(title, [{ name, weight: 1, needs: ["critic"], perRow, bound: whole }]);
};

/**
 * KL to rows [n, d], nats.
 * @throws InputError for rows that are not finite
 *
 * @example
 * ```ts
 * import { createKey, distributions, type EvolutionProblem, variational } from "jkoflow";
 * import { jsToRows, klToRows } from "jkoflow/functionals";
 *
 * const rows = distributions.banana().sample(createKey(0), 1000); // [1000, 2]
 * const start = distributions.standardNormal(2);
 * const problem: EvolutionProblem = {
 *   ...{ title: "towards a table", dimension: 2, columns: ["x", "y"], start },
 *   ...{ functional: klToRows(rows), time: 1, step: 0.1 },
 * };
 * variational.checkProblem(problem);
 * console.log(problem.functional.needs, jsToRows(rows).title); // [ 'critic' ] JS to rows
 * ```
 */
export const klToRows = (rows: Float32Array): Functional =>
  toRows("KL to rows", "kl", rows, { ofRows: (v) => v, ofReference: (v) => exp(v), less: "log mean" });

/** The Jensen-Shannon divergence to rows [n, d], nats, from 0 to ln 2. @throws InputError for rows that are not finite */
export const jsToRows = (rows: Float32Array): Functional =>
  toRows("JS to rows", "js", rows, {
    ofRows: (v) => affine(softplus(negate(v)), -HALF, Math.LN2),
    ofReference: (v) => scale(softplus(v), HALF),
    less: "mean",
  });
