/**
 * A model of a table as a chain: its standardiser and its blocks, one part each, to N(0, I). What a chain has no words for is
 * refused: given columns, encoded ones, another base. Kernels are left out, as they are no part of the density.
 */
import type { BlockPart, Chain, StandardizerPart } from "../chain/index.ts";
import { InputError } from "../errors/index.ts";
import { rk4 } from "../ode/index.ts";
import { checkModel } from "./checkModel.ts";
import type { Model } from "./model.ts";

/**
 * The chain of a model: the same maps to the bit, densities but for the rounding of a sum; a file that needs nothing of tables.
 * @throws InputError for a model that is no chain, with the part that is in the way.
 *
 * @example
 * ```ts
 * import { chain, createEngine, createKey, data, fit, model as models } from "jkoflow";
 *
 * const engine = await createEngine({ threads: 1 });
 * const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), 2);
 * const problem = { train: rows("train", 500), validation: rows("validation", 100) };
 * const { model } = await fit(engine, problem, { settings: { blocks: 1, hidden: [8], updates: 5 } });
 * const bytes = chain.encodeChain(models.chainOf(model));
 * const open = chain.openChain(chain.decodeChain(bytes), { engine });
 * console.log(chain.need(open, "logProb")(rows("test", 3)).length); // 3
 * engine.dispose();
 * ```
 */
export function chainOf(model: Model): Chain {
  checkModel(model);
  const { system, standardizer, schema, condition, flow } = model;
  const { block, blocks, steps } = flow;
  const inTheWay = [
    [condition, "given columns"],
    [schema, "encoded columns"],
    [flow.baseMixture, "a mixture as its base"],
    [flow.baseMeans, "a base that depends on labels"],
    [flow.opening, "an opening by what is given"],
  ].flatMap(([part, words]) => (part === undefined ? [] : [String(words)]));
  if (inTheWay.length > 0) {
    const came = `a model with ${inTheWay.join(", ")}`;
    throw new InputError({ where: "chain", came, expected: "numbers, a standardiser, and blocks to N(0, I)" });
  }
  const tableau = (block.tableau ?? rk4).name;
  const partOf = (own: number | undefined): BlockPart => {
    return { kind: "block", field: block.field, tableau, steps: own ?? steps };
  };
  const first: StandardizerPart = { kind: "standardizer", state: standardizer.toJSON() };
  return {
    system,
    columns: standardizer.columns,
    base: "standard",
    direction: "to base",
    parts: [
      { config: first, weights: new Float32Array(0) },
      ...blocks.map(({ weights, steps: own }) => ({ config: partOf(own), weights })),
    ],
  };
}
