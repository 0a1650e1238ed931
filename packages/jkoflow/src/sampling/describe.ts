/** A density of rows that were drawn of a target: a mixture of Gaussians fitted to them, and what its importance weights say. */
import { type MixtureBase, mixtureLogDensity, sampleMixtureBase } from "../distributions/index.ts";
import { fitMixture, type Weighed, weigh } from "../evaluate/index.ts";
import { fold, type Key, permutation } from "../random/index.ts";
import type { Evaluator } from "./evaluator.ts";

export interface Described {
  readonly mixture: MixtureBase;
  /** Of rows of the mixture towards the target. */
  readonly weighed: Weighed;
  readonly evaluations: number;
}

/** Of the rows, for those on which the size of the mixture is chosen. */
const HELD_OUT = 0.2;
const WEIGHED_ROWS = 10_000;
const COMPONENTS = [1, 2, 3, 5, 8, 12, 20, 30, 50];

/** Of rows [n, d]. */
export async function describeRows(rows: Float32Array, target: Evaluator, key: Key): Promise<Described> {
  const d = target.dimension;
  const n = rows.length / d;
  const order = permutation(fold(key, "order"), n); // rows that were drawn anew stand beside their twins
  const shuffled = Float32Array.from(rows, (_, at) => rows[order[Math.floor(at / d)] * d + (at % d)]);
  const held = Math.floor(HELD_OUT * n) * d;
  const options = { components: COMPONENTS };
  const mixture = fitMixture(shuffled.subarray(held), shuffled.subarray(0, held), d, fold(key, "fit"), options).parts();
  const drawn = sampleMixtureBase(mixture, fold(key, "weigh"), WEIGHED_ROWS, d);
  const { logDensity } = await target.evaluate(drawn);
  const own = mixtureLogDensity(mixture, drawn, d);
  const ratios = own.map((value, i) =>
    Number.isNaN(logDensity[i]) ? Number.NEGATIVE_INFINITY : logDensity[i] - value,
  );
  return { mixture, weighed: weigh(ratios), evaluations: WEIGHED_ROWS };
}
