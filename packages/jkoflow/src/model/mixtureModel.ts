/**
 * A mixture of Gaussians as a model: a flow of no blocks whose base it is. Of a conditional model the opening comes before it: a
 * mixture of what a linear regression leaves.
 */
import type { ConditionRows, OpeningState, Standardizer, Table } from "../data/index.ts";
import { createOpening } from "../data/index.ts";
import { type MixtureBase, mixtureLogDensity } from "../distributions/index.ts";
import { InputError } from "../errors/index.ts";
import type { Model } from "./model.ts";
import type { ModelCondition } from "./modelCondition.ts";
import { scoreQuantiles } from "./scoreQuantiles.ts";

/** What is left to describe by a mixture, and what came before it; in standardised units. */
export interface MixtureParts {
  readonly mixture: MixtureBase;
  /** Of a conditional model. */
  readonly opening?: OpeningState;
}

/** What the rows of a conditional model are given. */
export interface MixtureGiven {
  readonly condition: ModelCondition;
  readonly heldOut: ConditionRows;
}

/**
 * The scores of `heldOut` rows, in the units of the data, are what thresholds go by.
 * @throws InputError where the columns do not fit, or an opening comes without what it is given or the other way round.
 *
 * @example
 * ```ts
 * import { createEngine, createKey, data, openModel } from "jkoflow";
 * import { fitMixture } from "jkoflow/evaluate";
 * import { type MixtureParts, mixtureModel } from "jkoflow/model";
 *
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), ["x", "y"]);
 * const [train, heldOut] = [rows("train", 400), rows("held out", 200)];
 * const scaled = data.fitStandardizer(train, { kind: "zscore" });
 * const [x, y] = [scaled.forward(train), scaled.forward(heldOut)];
 * const parts: MixtureParts = { mixture: fitMixture(x, y, 2, createKey(0), { components: [1, 3] }).parts() };
 * const model = mixtureModel("mixture", scaled, parts, heldOut);
 * const engine = await createEngine({ threads: 1 });
 * console.log(openModel(engine, model).logProb(rows("test", 2)).length); // 2
 * engine.dispose();
 * ```
 */
export function mixtureModel(
  name: string,
  standardizer: Standardizer,
  { mixture, opening }: MixtureParts,
  heldOut: Table,
  given?: MixtureGiven,
): Model {
  if ((opening === undefined) !== (given === undefined)) {
    const came = opening === undefined ? "given columns without an opening" : "an opening without given columns";
    throw new InputError({ where: "mixtureModel", came, expected: "both or none" });
  }
  const dimension = standardizer.columns.length;
  const z = standardizer.forward(heldOut);
  const y = given?.condition.encoder.encode(given.heldOut);
  const opened = opening && createOpening(opening);
  const density = mixtureLogDensity(mixture, opened ? opened.forward(z, y!) : z, dimension);
  const scale = standardizer.logAbsDet(heldOut);
  // No block has this field: it says how many columns there are, and how many covariates.
  const field = {
    dimension,
    hidden: [1],
    activation: { kind: "tanh" as const },
    time: "concat" as const,
    ...(given ? { condition: given.condition.encoder.width } : {}),
  };
  return {
    system: name,
    standardizer,
    flow: {
      block: { field, divergence: "exact" },
      blocks: [],
      steps: 1,
      baseMixture: mixture,
      ...(opening ? { opening } : {}),
    },
    ...(given ? { condition: given.condition } : {}),
    settings: { components: mixture.weights.length },
    scores: scoreQuantiles(density.map((value, i) => value + scale[i] + (opened?.logDet ?? 0))),
  };
}
