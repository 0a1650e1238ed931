/** Every public function that takes a typed array, given everything else: refused by name, never a crash or a wrong number. */

import { describe, expect, it } from "vitest";
import * as chain from "../src/chain/index.ts";
import { createReferenceEngine } from "../src/engine/index.ts";
import * as library from "../src/index.ts";
import { createKey, data, InputError, io, ode, plot } from "../src/index.ts";
import * as maps from "../src/maps/index.ts";
import * as model from "../src/model/index.ts";

const { evaluate, distributions, random } = library;
const api = { ...library, ...evaluate, ...distributions, ...maps, ...chain, ...model, ...random };

const key = createKey(1);
const x = api.normal(key, 40);
const table = data.createTable(x, 2);
const standardizer = data.fitStandardizer(table, { kind: "zscore" });
const gaussian = api.fitGaussian(x, 20, 2);
const field = { kind: "mlp", dimension: 2, hidden: [3], activation: { kind: "tanh" }, time: "concat" } as const;
const block = { field, divergence: "exact" } as const;
const engine = createReferenceEngine();
const flow = api.createFlow(engine, { block, blocks: [{ weights: api.initBlock(block, key), stepSize: 1 }], steps: 1 });
const quantity = { label: "x" };
const caption = { title: "t", subtitle: "s", x: quantity, y: quantity };
const options = { permutations: 1, maxRows: 20 };

type Call = (given: never) => unknown;
const float32: Readonly<Record<string, Call>> = {
  "data.createTable": (v) => data.createTable(v, 2),
  "data.shuffleRows": (v) => data.shuffleRows(v, 2, key),
  "data.meansOf": (v) => data.meansOf(v, x, 2),
  "standardizer.forward": (v) => standardizer.forward(v),
  "standardizer.forward into": (v) => standardizer.forward(x, v),
  "standardizer.inverse": (v) => standardizer.inverse(v),
  "standardizer.logAbsDet": (v) => standardizer.logAbsDet(v),
  "flow.push": (v) => flow.push(v),
  "flow.push, adaptive": (v) => flow.push(v, { rtol: 1e-3, atol: 1e-3 }),
  "flow.invert": (v) => flow.invert(v),
  "flow.logProb": (v) => flow.logProb(v),
  "flow.trajectory": (v) => flow.trajectory(v),
  "flow.push y": (v) => flow.push(x, 1, v),
  logDensity: (v) => api.logDensity({ z: v, logDet: new Float32Array(20) }, 2),
  "kernelLogDensity x": (v) => api.kernelLogDensity({ rows: x, width: 1 }, v, 2),
  "kernelLogDensity rows": (v) => api.kernelLogDensity({ rows: v, width: 1 }, x, 2),
  linksOf: (v) => api.linksOf(block, v),
  splitField: (v) => api.splitField(field, v, 2),
  fitGaussian: (v) => api.fitGaussian(v, 20, 2),
  "gaussian.logProb": (v) => gaussian.logProb(v, 20),
  fitMixture: (v) => api.fitMixture(v, x, 2, key),
  "fitMixture, held out": (v) => api.fitMixture(x, v, 2, key),
  fitConditionalGaussian: (v) => api.fitConditionalGaussian(x, v, 20, 2, 2),
  energyDistance: (v) => api.energyDistance(x, v, 2, key, options),
  mmd: (v) => api.mmd(v, x, 2, key),
  medianDistance: (v) => api.medianDistance(v, 2, key),
  slicedWasserstein: (v) => api.slicedWasserstein(x, v, 2, key),
  classifierTest: (v) => api.classifierTest(x, v, 2, key),
  testsOfFit: (v) => api.testsOfFit(v, x, 2, key, options),
  fillUniform: (v) => api.fillUniform(key, 0, v),
  fillRademacher: (v) => api.fillRademacher(key, 0, v),
};
const float64: Readonly<Record<string, Call>> = {
  "data.symmetricEigen": (v) => data.symmetricEigen(v, 2),
  generalJkoStep: (v) => api.generalJkoStep([0, 0], v, 1),
};
const either: Readonly<Record<string, Call>> = {
  createFlow: (v) => api.createFlow(engine, { ...flow.config, blocks: [{ weights: v, stepSize: 1 }] }),
  "ode.solve": (v) => ode.solve(() => [0], v, { from: 0, to: 1, steps: { count: 1 }, method: "rk4" }),
  fillNormal: (v) => api.fillNormal(key, 0, v),
  "io.writeCsv": (v) => [...io.writeCsv({ values: v, columns: ["a", "b"] })],
  "plot.scatterFigure": (v) =>
    plot.scatterFigure({ ...caption, panels: [{ heading: "a", points: v, kind: "data" }] } as never),
  "plot.marginalsFigure": (v) => plot.marginalsFigure({ ...caption, data: v, model: x, columns: ["a", "b"] } as never),
  "plot.trajectoriesFigure": (v) => plot.trajectoriesFigure({ ...caption, positions: [v, v] } as never),
};
const raw: Readonly<Record<string, Call>> = {
  "io.sha256": (v) => io.sha256(v),
  "io.readSafetensors": (v) => io.readSafetensors(v),
  "io.readSealed": (v) => io.readSealed(v),
  "io.verifySeal": (v) => io.verifySeal(v, "0".repeat(64)),
  "io.listNpz": (v) => io.listNpz(v),
  decodeModel: (v) => api.decodeModel(v),
};
const rawLater: Readonly<Record<string, (given: never) => Promise<unknown>>> = {
  "io.readNpy": (v) => io.readNpy(v),
  "io.readCsv": (v) => io.readCsv(v),
  "io.readTable": (v) => io.readTable(v),
  "io.readNpz": (v) => io.readNpz(v),
  "io.readPng": (v) => io.readPng(v),
  "io.readAll": (v) => io.readAll(v, "file"),
};
const numbers: Readonly<Record<string, Call>> = {
  scoreLogProb: (v) => api.scoreLogProb(v),
  pairedDifference: (v) => api.pairedDifference(v, x),
  categorical: (v) => api.categorical(key, 2, v),
  diagonalJkoStep: (v) => api.diagonalJkoStep(v, [1, 1], 1),
  "data.takeRows": (v) => data.takeRows(table, v),
  "plot.contour": (v) => plot.contour({ columns: 2, rows: 1, values: v }, 0),
};

const typed = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
].map((kind) => [kind.name, () => new kind(40)] as const);
const loose: readonly (readonly [string, () => unknown])[] = [
  ["a list", () => new Array<number>(40).fill(0)],
  ["a DataView", () => new DataView(new ArrayBuffer(160))],
  ["an ArrayBuffer", () => new ArrayBuffer(160)],
  ["null", () => null],
  ["a word", () => "0,0"],
  ["a number", () => 40],
  ["an object", () => ({ length: 40 })],
];

describe.each([
  [["Float32Array"], float32],
  [["Float64Array"], float64],
  [["Float32Array", "Float64Array"], either],
  [["Uint8Array"], raw],
] as const)("what takes %j", (kinds, calls) => {
  it.each(Object.entries(calls))("%s", (_, call) => {
    for (const [name, make] of [...typed, ...loose]) {
      if ((kinds as readonly string[]).includes(name)) continue;
      expect(() => call(make() as never), name).toThrow(InputError);
    }
  });
});

it.each(Object.entries(rawLater))("%s takes bytes, or chunks of them", async (_, call) => {
  for (const [name, make] of [...typed, ...loose]) {
    if (name === "Uint8Array") continue;
    await expect(call(make() as never), name).rejects.toThrow(InputError);
  }
  await expect(call([new Float32Array(8)] as never)).rejects.toThrow(InputError);
});

it.each(Object.entries(numbers))("%s takes any array of numbers", (_, call) => {
  for (const [name, make] of [...typed.filter(([kind]) => kind.startsWith("Big")), ...loose.slice(1)]) {
    expect(() => call(make() as never), name).toThrow(InputError);
  }
});

it("files are written from the kinds they have", () => {
  for (const [name, make] of [...typed, ...loose]) {
    const write = (): unknown => io.writeNpy(make() as never, [40]);
    if (["Float32Array", "Float64Array", "Int32Array", "Uint8Array"].includes(name)) write();
    else expect(write, name).toThrow(InputError);
    const tensors = new Map([["a", { shape: [40], data: make() as never }]]);
    const safetensors = (): unknown => io.writeSafetensors({ tensors, metadata: {} });
    if (name.endsWith("Array") && name !== "Uint8ClampedArray") safetensors();
    else expect(safetensors, name).toThrow(InputError);
  }
});

it("indices that are no rows are refused: NaN, fractions, what lies outside", () => {
  for (const bad of [Number.NaN, 0.5, -1, 20]) {
    expect(() => data.takeRows(table, [0, bad])).toThrow(/^takeRows: index 1: .*, expected a row from 0 to 19$/);
  }
});
