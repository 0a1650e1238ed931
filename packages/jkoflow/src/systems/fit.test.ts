/** What `fit` refuses, called as plain JavaScript can call it; what it trains is tested in conformance.test.ts. */
import { describe, expect, it } from "vitest";
import { createTable, type Problem, type Table, takeRows } from "../data/index.ts";
import { createReferenceEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { createKey, normal } from "../random/index.ts";
import { fit, jkoIflow } from "./index.ts";

const engine = createReferenceEngine();
const [train, validation] = ["a", "b"].map((name) => createTable(normal(createKey(name), 80), ["x", "y"]));
const problem: Problem = { train, validation };
/** Ends at once: nothing is trained. */
const settings = { blocks: 1, updates: 1, hidden: [2], batchSize: 4, solverSteps: 1, scoringSteps: 1 };

const call = (...given: unknown[]) => (fit as (...given: unknown[]) => Promise<unknown>)(...given);
async function refuses(given: readonly unknown[], message: string | RegExp): Promise<void> {
  const error = await call(...given).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  const said = (error as Error).message;
  expect(said).toMatch(message);
  expect(said).not.toContain("\n");
}

describe("fit", () => {
  it("takes all it knows", async () => {
    const words = Array.from({ length: 40 }, (_, i) => String(i % 2));
    const given = { rows: 40, columns: [{ name: "label", kind: "category" as const, values: words }] };
    let events = 0;
    const more = {
      conditions: { train: given, validation: given },
      bounds: { x: [-9, null] as const },
      onMoved: () => {},
    };
    const options = {
      system: undefined,
      settings,
      key: createKey(1),
      onEvent: () => events++,
      effort: "fast" as const,
    };
    const { model } = await fit(engine, { ...problem, ...more, test: train } as Problem, {
      ...options,
      purpose: undefined,
    });
    expect(model.system).toBe("jko-iflow");
    expect(events).toBeGreaterThan(0);
  });

  it("says which table is missing or is none", async () => {
    await refuses([undefined, problem], "engine: nothing, expected an engine; make one: await createEngine()");
    await refuses([Promise.resolve(engine), problem], "engine: a promise, expected an engine; await it");
    await refuses([problem, engine], "engine: { train, validation }, expected an engine");
    await refuses([engine], "problem: nothing, expected a training and a validation table: { train, validation }");
    await refuses([engine, train], "problem: { values, rows, columns }, expected a training and a validation table");
    await refuses([engine, train.values], "problem: a Float32Array, expected a training");
    await refuses([engine, { train }], /^validation: nothing, expected a table .*data.splitTable$/);
    await refuses([engine, { validation }], "train: nothing, expected a table of rows to train on");
    await refuses(
      [engine, { train, valdation: validation }],
      /^problem: valdation, expected train, .* did you mean validation\?$/,
    );
    await refuses(
      [engine, { train: [[1, 2]], validation }],
      "train: an array of 1, expected a table; make one: data.tableOf(rows)",
    );
    await refuses([engine, { train, validation: validation.values }], "validation: a Float32Array, expected a table");
    await refuses([engine, { train: { ...train, rows: 3 }, validation }], "train: 80 values for 3 rows of 2 columns");
    for (const part of ["train", "validation"]) {
      const none = { ...problem, [part]: createTable(new Float32Array(0), 2) };
      await refuses([engine, none], `${part}: a table of 0 rows, expected at least one row`);
    }
  });

  it("names the first number that is not finite", async () => {
    const withValue = (table: Table, at: number, value: number): Table => {
      const copy = takeRows(
        table,
        Array.from({ length: table.rows }, (_, i) => i),
      );
      copy.values[at] = value;
      return copy;
    };
    const place = 'row 3, column "y"';
    const [nan, infinite] = [withValue(train, 5, Number.NaN), withValue(validation, 5, -Infinity)];
    await refuses(
      [engine, { train: nan, validation }],
      `train: ${place}: NaN, expected a finite number; leave such rows out`,
    );
    await refuses(
      [engine, { train, validation: infinite }],
      `validation: ${place}: -Infinity, expected a finite number`,
    );
  });

  it("refuses given columns of other rows, and bounds that are none", async () => {
    const rows = { rows: 40, columns: [{ name: "y", kind: "number", values: new Float64Array(40) }] };
    const few = { rows: 39, columns: [{ name: "y", kind: "number", values: new Float64Array(39) }] };
    const conditions = (of: unknown) => [engine, { ...problem, conditions: of }];
    await refuses(
      conditions(rows),
      /^conditions: { rows, columns }, expected rows of given columns: { train, validation }/,
    );
    await refuses(conditions({ train: rows }), "conditions: { train }, expected");
    await refuses(conditions({ train, validation }), "conditions: { train, validation }, expected");
    await refuses(
      conditions({ train: rows, validation: few }),
      "conditions:validation: 39 rows, expected 40 rows, as in the",
    );
    await refuses(conditions({ train: { ...few, rows: 40 }, validation: rows }), 'conditions:train: 39 values of "y"');
    await refuses([engine, { ...problem, condition: {} }], "did you mean conditions?");
    await refuses([engine, { ...problem, bounds: [0, 1] }], "bounds: an array of 2, expected pairs by column");
    await refuses([engine, { ...problem, bounds: { x: [2, 1] } }], /^bounds: column "x": \[2,1\], expected/);
    await refuses([engine, { ...problem, bounds: { x: 1 } }], /^bounds: column "x": 1, expected/);
    await refuses([engine, { ...problem, onMoved: 1 }], "onMoved: 1, expected a function");
  });

  it("refuses options that it would ignore", async () => {
    const options = (of: unknown) => [engine, problem, of];
    const known = "one of system, settings, preset, key, onEvent, purpose, effort";
    await refuses(options({ setings: {} }), `options: setings, expected ${known}; did you mean settings?`);
    await refuses(options({ blocks: 2 }), `options: blocks, expected ${known}; give it in settings: { blocks }`);
    await refuses(options({ seed: 2 }), `options: seed, expected ${known}`);
    await refuses(options(null), "options: null, expected some of");
    await refuses(options({ settings: [1] }), "settings: an array of 1, expected values by name");
    await refuses(options({ settings: { block: 2 } }), /did you mean blocks\?/);
    await refuses(options({ key: 1 }), /^key: 1, expected a key; make one: createKey\(1\)$/);
    await refuses(options({ system: "ot-flow" }), /^system: "ot-flow", expected a system, such as/);
    await refuses(options({ system: { ...jkoIflow, train: undefined } }), "system: { name, title, ");
    await refuses(options({ onEvent: 1 }), "onEvent: 1, expected a function");
    await refuses(options({ effort: "fastest" }), 'effort: "fastest", expected fast');
    await refuses(options({ purpose: "anomaly" }), 'purpose: "anomaly", expected density');
  });
});
