import { createEngine, createKey, data, fit, openModel } from "jkoflow";

// Rows as programs have them: arrays, or objects. Times are large beside their spread, so an offset keeps their digits.
const offset = { time: 1_700_000_000 };
const noise = data.rowsOf(data.createTable(data.toys.moons.sample(createKey("rows"), 600), ["x", "y"]));
const rows = noise.map(({ x, y }) => ({ time: 1_700_000_000 + 60 * x, load: 20 + 5 * y }));
const problem = {
  train: data.tableOf(rows.slice(0, 500), { offset }),
  validation: data.tableOf(rows.slice(500), { offset }),
};

const engine = await createEngine();
/** @type {import("jkoflow").FitResult} */
const result = await fit(engine, problem, { settings: { blocks: 1, hidden: [16, 16], updates: 60 } });
const model = openModel(engine, result.model);
const [logProb] = model.logProb(data.tableOf([{ time: 1_700_000_030, load: 21 }], { offset }));
const [sample] = data.rowsOf(model.sample(createKey(1), 1));
console.log(`log-density ${logProb.toFixed(3)}, a sample at ${(offset.time + sample.time).toFixed(2)} s`);
engine.dispose();
