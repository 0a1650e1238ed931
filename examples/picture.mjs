import { writeFileSync } from "node:fs";
import { createEngine, createKey, data, fit, openModel, plot } from "jkoflow";

// A density in the plane as a picture; training tells of itself by events.
const engine = await createEngine();
const rows = (name, n) => data.createTable(data.toys.eightGaussians.sample(createKey(name), n), ["x", "y"]);
const problem = { train: rows("train", 5000), validation: rows("validation", 500) };
const onEvent = ({ type, place, values }) => {
  if (type === "step") console.error(place.join(", "), values.verdict);
};
const { model } = await fit(engine, problem, { settings: { blocks: 2, updates: 200 }, onEvent });

const open = openModel(engine, model);
const [x, y, side] = [[-5, 5], [-5, 5], 80];
const values = open.logProb(plot.gridPoints(x, y, side, side));
const grid = { x, y, columns: side, rows: side, values };
const panels = [
  { heading: "density", grid },
  { heading: "samples", grid, points: open.sample(createKey(1), 500).values },
];
const axes = { x: { name: "x", unit: "" }, y: { name: "y", unit: "" } };
const svg = plot.densityFigure({ title: "Eight Gaussians", run: "examples/picture.mjs", ...axes, panels });
writeFileSync(process.argv[2] ?? "picture.svg", svg);
engine.dispose();
