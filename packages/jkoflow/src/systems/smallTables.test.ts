/** Small tables nobody tuned for: a flow that is no worse than the Gaussian, and that one odd row does not spoil. */
import { describe, expect, it } from "vitest";
import { createTable, type Table } from "../data/index.ts";
import { createEngine } from "../engine/index.ts";
import { fitGaussian, pairedDifference, scoreLogProb } from "../evaluate/index.ts";
import { openModel } from "../model/index.ts";
import { createKey, fold, halfLog2Pi, type Key, normal, uniform } from "../random/index.ts";
import { fit, systems } from "./index.ts";
import { defaults as tableDefaults } from "./jkoIflowDefaults.ts";

const engine = await createEngine({ threads: 1 });

/** x ~ N(100, 4), y | x: correlation 0.6, N(-3, 1). */
function correlated(key: Key, rows: number): Table {
  const g = normal(key, 2 * rows);
  const values = g.map((z, at) => (at % 2 === 0 ? 100 + 2 * z : -3 + 0.6 * g[at - 1] + 0.8 * z));
  return createTable(values, ["a", "b"]);
}
/** ln p, from the inverse of the map above. */
const exact = ({ values, rows }: Table): Float64Array =>
  Float64Array.from({ length: rows }, (_, i) => {
    const z = (values[2 * i] - 100) / 2;
    const e = (values[2 * i + 1] + 3 - 0.6 * z) / 0.8;
    return -2 * halfLog2Pi - Math.log(2 * 0.8) - (z * z + e * e) / 2;
  });

/** N(-2, 0.09) or N(2, 0.09) in x, each with probability 1/2; N(0, 1) in y. */
function twoClusters(key: Key, rows: number): Table {
  const g = normal(fold(key, "g"), 2 * rows);
  const side = uniform(fold(key, "side"), rows);
  const values = g.map((z, at) => (at % 2 === 1 ? z : 0.3 * z + (side[at / 2] < 0.5 ? -2 : 2)));
  return createTable(values, ["x", "y"]);
}

describe("rows of one Gaussian", () => {
  for (const name of ["one", "two", "three"]) {
    it(`end within two standard errors of it: ${name}`, async () => {
      const key = createKey(name);
      const [train, validation, test] = [800, 100, 4000].map((rows) => correlated(fold(key, rows), rows));
      const { model, stop } = await fit(engine, { train, validation }, { effort: "fast", key });
      const logProb = openModel(engine, model).logProb(test);
      const gaussian = fitGaussian(train.values, train.rows, 2).logProb(test.values, test.rows);
      expect(Math.abs(scoreLogProb(logProb).nll - scoreLogProb(exact(test)).nll)).toBeLessThan(
        2 * scoreLogProb(logProb).standardError,
      );
      // No worse than the Gaussian, by the paired difference.
      const { mean, standardError } = pairedDifference(logProb, gaussian);
      expect(mean).toBeLessThan(2 * standardError + 1e-5); // float32 in the flow
      if (model.flow.blocks.length > 0) return;
      expect(stop).toBe("block rejected");
      // Zero blocks on whitened rows: the Gaussian of the training rows itself, to float32.
      for (let i = 0; i < test.rows; i++) expect(Math.abs(logProb[i] - gaussian[i])).toBeLessThan(1e-4);
    });
  }
});

describe("one odd row in training", () => {
  const key = createKey("odd");
  const [train, validation, test] = [800, 200, 2000].map((rows) => twoClusters(fold(key, rows), rows));
  const odd = createTable(train.values.slice(), train.columns);
  odd.values[2 * 5] = 1e5;
  const nllOf = async (table: Table): Promise<number> => {
    const { model } = await fit(engine, { train: table, validation }, { effort: "fast", key });
    return scoreLogProb(openModel(engine, model).logProb(test)).nll;
  };

  it("costs less than 0.03 nats on test rows", async () => {
    const [without, withOne] = [await nllOf(train), await nllOf(odd)];
    expect(withOne - without).toBeLessThan(0.03);
  });

  for (const system of Object.values(systems)) {
    it(`is bent by ${system.name}, and nothing where there is none`, async () => {
      const at = (table: Table) => system.check(system.defaults({ train: table, validation }, key));
      expect(at(train).transform).toBe("none");
      expect(at(odd)).toEqual({ ...at(train), ...noise(at(odd)), transform: "auto" });
      const brief = { updates: 4, evaluateEvery: 2, ...("blocks" in at(odd) ? { blocks: 1 } : {}) };
      const { model } = await fit(engine, { train: odd, validation }, { system, settings: brief, key });
      expect(model.standardizer.toJSON().transforms.map(({ kind }) => kind)).toEqual(["tails", "none"]);
    });
  }
});

/** The noise of a batch follows the distances between rows, which a row more or less changes a little. */
const noise = (settings: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    ["jitter", "jointJitter"].filter((name) => name in settings).map((name) => [name, settings[name]]),
  );

describe("tables of 20,000 rows or more", () => {
  it("keep blocks of any gain and their rates", () => {
    const problem = { train: correlated(key20, 20_000), validation: correlated(fold(key20, 1), 100) };
    const { acceptance, learningRate, updates, transform } = tableDefaults(problem, key20);
    expect({ acceptance, learningRate, updates, transform }).toEqual({
      ...{ acceptance: "any", learningRate: 7e-3, updates: 1000, transform: "none" },
    });
  });
});
const key20 = createKey(20);
