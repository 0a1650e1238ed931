/** A mixture of Gaussians as a model: a flow of no blocks whose base it is. */
import type { Standardizer, Table } from "../data/index.ts";
import { type MixtureBase, mixtureLogDensity } from "../distributions/index.ts";
import type { Model } from "./model.ts";
import { scoreQuantiles } from "./scoreQuantiles.ts";

/**
 * `base` is in standardised units; the scores of `heldOut` rows, in the units of the data, are what thresholds go by.
 * @throws InputError where the columns do not fit.
 */
export function mixtureModel(name: string, standardizer: Standardizer, base: MixtureBase, heldOut: Table): Model {
  const dimension = standardizer.columns.length;
  const density = mixtureLogDensity(base, standardizer.forward(heldOut), dimension);
  const scale = standardizer.logAbsDet(heldOut);
  // No block has this field: it says how many columns there are.
  const field = { dimension, hidden: [1], activation: { kind: "tanh" as const }, time: "concat" as const };
  return {
    system: name,
    standardizer,
    flow: { block: { field, divergence: "exact" }, blocks: [], steps: 1, baseMixture: base },
    settings: { components: base.weights.length },
    scores: scoreQuantiles(density.map((value, i) => value + scale[i])),
  };
}
