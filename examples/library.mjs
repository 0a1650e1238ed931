import { createEngine, createKey, data, fit, openModel, scoreLogProb } from "jkoflow";

const engine = await createEngine();
const rows = (name, n) => data.createTable(data.toys.moons.sample(createKey(name), n), ["x", "y"]);
const problem = { train: rows("train", 10_000), validation: rows("validation", 1_000) };

const { model } = await fit(engine, problem, { settings: { blocks: 2, updates: 150 } });

const moons = openModel(engine, model);
const { nll, standardError } = scoreLogProb(moons.logProb(rows("test", 5_000)));
console.log(`test NLL ${nll.toFixed(2)} +- ${standardError.toFixed(2)} nats`);
console.log(moons.sample(createKey(1), 3).values);
engine.dispose();
