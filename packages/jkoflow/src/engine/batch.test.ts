import { describe, expect, it } from "vitest";
import { InputError } from "../errors/index.ts";
import { add, createGraph, createProgram, matmul, mul, scale, squaredNorm } from "../graph/index.ts";
import type { Batch, Engine, Executable, OptimiserStep } from "./engine.ts";
import { executors } from "./engines.testing.ts";

/** y = 2 x + s noise W, with both inputs and a loss. */
function setting(engine: Engine) {
  const g = createGraph();
  const [x, noise, W, s] = [g.rows("x", 3), g.rows("noise", 2), g.parameter("W", 2, 3), g.scalar("s")];
  const y = add(scale(x, 2), mul(matmul(noise, W), s));
  const program = createProgram({ name: "p", parameters: [W], loss: squaredNorm(y), outputs: { y }, means: { x } });
  const values = (n: number, c: number, of: (i: number, j: number) => number): Float32Array =>
    Float32Array.from({ length: n * c }, (_, k) => of(Math.floor(k / c), k % c));
  const tables = {
    x: engine.table(
      100,
      3,
      values(100, 3, (i, j) => i + j / 4),
    ),
    noise: engine.table(
      40,
      2,
      values(40, 2, (i, j) => (j === 0 ? i / 64 : 1)),
    ),
  };
  const parameters = engine.parameters(Float32Array.of(1, 0, 0, 0, 1, 0));
  const out = engine.table(60, 3, new Float32Array(180).fill(-1));
  return { program, executable: engine.load(program), tables, parameters, out, scalars: { s: 1 } };
}
/** The expected y for rows i of x and k of noise; all numbers are exact in float32. */
const expectedRow = (i: number, k: number, s = 1): number[] => [2 * i + (s * k) / 64, 2 * i + 0.5 + s, 2 * i + 1];

describe.each(executors)("rows of a batch: $name", ({ create }) => {
  it("indices choose the rows of every table, in their order and as often as they say", async () => {
    const engine = await create();
    const { executable, tables, parameters, out, scalars } = setting(engine);
    const indices = Int32Array.of(7, 7, 0, 39, 12, 3, 21, 21, 1, 2, 4, 30, 31);
    const { x } = executable.run({ parameters, inputs: tables, indices, outputs: { y: out }, scalars });
    const y = out.read(0, indices.length);
    expect([...y]).toEqual([...indices].flatMap((i) => expectedRow(i, i)));
    const mean = indices.reduce((sum, i) => sum + i, 0) / indices.length;
    expect(x[0]).toBeCloseTo(mean, 4); // float32 sum of 13 numbers below 40
    engine.dispose();
  });

  it("a source with `from` takes its own rows, whatever the indices are", async () => {
    const engine = await create();
    const { executable, tables, parameters, out, scalars } = setting(engine);
    const indices = Int32Array.of(90, 5, 77);
    const inputs = { x: tables.x, noise: { table: tables.noise, from: 37 } };
    executable.run({ parameters, inputs, indices, outputs: { y: out }, scalars });
    expect([...out.read(0, 3)]).toEqual([...expectedRow(90, 37), ...expectedRow(5, 38), ...expectedRow(77, 39)]);
    engine.dispose();
  });

  it("outputs land at their offset and nowhere else", async () => {
    const engine = await create();
    const { executable, tables, parameters, out, scalars } = setting(engine);
    for (const from of [0, 1, 13, 40]) {
      out.write(new Float32Array(180).fill(-1));
      executable.run({ parameters, inputs: tables, rows: 20, outputs: { y: { table: out, from } }, scalars });
      const all = out.read();
      for (let i = 0; i < 60; i++) {
        const inside = i >= from && i < from + 20;
        const row = inside ? expectedRow(i - from, i - from) : [-1, -1, -1];
        expect([...all.subarray(3 * i, 3 * i + 3)], `row ${i}, from ${from}`).toEqual(row);
      }
    }
    engine.dispose();
  });

  it("rows default to the indices, then to the first input; fewer rows may be asked for", async () => {
    const engine = await create();
    const { executable, tables, parameters, out, scalars } = setting(engine);
    const inputs = { x: { table: tables.x, from: 60 }, noise: tables.noise };
    const mean = (batch: Batch): number => executable.run({ parameters, scalars, ...batch }).x[0];
    expect(mean({ inputs })).toBeCloseTo(79.5, 4); // rows 60 to 99
    expect(mean({ inputs, rows: 3 })).toBeCloseTo(61, 4);
    expect(mean({ inputs: tables, indices: Int32Array.of(1, 3, 39), rows: 2 })).toBeCloseTo(2, 4);
    out.dispose();
    engine.dispose();
  });

  it("batches of growing and shrinking size, with and without outputs", async () => {
    const engine = await create();
    const { executable, tables, parameters, scalars } = setting(engine);
    for (const rows of [3, 40, 1, 25, 2]) {
      const indices = Int32Array.from({ length: rows }, (_, i) => 39 - i);
      const { x } = executable.run({ parameters, inputs: tables, indices, scalars });
      expect(x[0]).toBeCloseTo(39 - (rows - 1) / 2, 4);
    }
    engine.dispose();
  });

  it("tables transfer rows at any offset", async () => {
    const engine = await create();
    const table = engine.table(50, 3);
    expect(new Set(table.read())).toEqual(new Set([0]));
    table.write(Float32Array.of(1, 2, 3, 4, 5, 6), 7);
    expect([...table.read(6, 4)]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0]);
    expect(table.read(50, 0).length).toBe(0);
    engine.dispose();
  });
});

describe.each(executors)("wrong batches are InputErrors: $name", ({ create }) => {
  /** Every entry breaks one thing of a good batch; the message must name it. */
  const wrong: readonly [string, (batch: Batch, engine: Engine) => object, RegExp][] = [
    ["no parameters", () => ({ parameters: undefined }), /parameters: none, expected 6 numbers/],
    ["other parameters", (_, e) => ({ parameters: e.parameters(new Float32Array(5)) }), /5 numbers, expected 6/],
    ["a missing input", ({ inputs }) => ({ inputs: { x: inputs!.x } }), /input "noise"/],
    [
      "another width",
      ({ inputs }) => ({ inputs: { x: inputs!.x, noise: inputs!.x } }),
      /"noise".*3 columns.*2 columns/,
    ],
    ["too many rows", () => ({ rows: 41 }), /"noise".*40 rows.*at least 41/],
    ["an index too large", () => ({ rows: undefined, indices: Int32Array.of(1, 40) }), /"noise".*at least 41/],
    ["a negative index", () => ({ rows: undefined, indices: Int32Array.of(1, -1) }), /index 1.*-1/],
    ["fewer indices than rows", () => ({ indices: Int32Array.of(1), rows: 2 }), /1 indices for 2 rows/],
    ["no rows", () => ({ rows: 0 }), /0 rows/],
    ["half a row", () => ({ rows: 1.5 }), /1.5 rows/],
    ["NaN rows", () => ({ rows: Number.NaN }), /NaN rows/],
    [
      "from behind the end",
      ({ inputs }) => ({ inputs: { ...inputs, x: { table: inputs!.x, from: 99 } } }),
      /at least 139/,
    ],
    ["a negative from", ({ inputs }) => ({ inputs: { ...inputs, x: { table: inputs!.x, from: -1 } } }), /first row -1/],
    ["half a from", ({ inputs }) => ({ inputs: { ...inputs, x: { table: inputs!.x, from: 0.5 } } }), /first row 0.5/],
    ["no scalar", () => ({ scalars: {} }), /scalar "s"/],
    ["a NaN scalar", () => ({ scalars: { s: Number.NaN } }), /scalar "s".*NaN/],
    ["an infinite scalar", () => ({ scalars: { s: -Infinity } }), /scalar "s".*-Infinity/],
    ["a narrow output", (_, e) => ({ outputs: { y: e.table(100, 2) } }), /"y".*2 columns/],
    ["a short output", (_, e) => ({ outputs: { y: e.table(39, 3) } }), /"y".*39 rows/],
    ["an output without room", (_, e) => ({ outputs: { y: { table: e.table(60, 3), from: 30 } } }), /at least 70/],
  ];

  it.each(wrong)("%s", async (_, change, message) => {
    const engine = await create();
    const { executable, tables, parameters, scalars } = setting(engine);
    const good: Batch = { parameters, inputs: tables, rows: 40, scalars };
    const bad = { ...good, ...change(good, engine) } as Batch;
    const calls: ((e: Executable) => unknown)[] = [
      (e) => e.run(bad),
      (e) => e.gradient(bad),
      (e) => e.step(bad, { learningRate: 0.1 }),
    ];
    for (const call of calls) {
      expect(() => call(executable)).toThrow(InputError);
      expect(() => call(executable)).toThrow(message);
    }
    expect([...parameters.read()]).toEqual([1, 0, 0, 0, 1, 0]);
    executable.run(good); // and the program still runs
    engine.dispose();
  });

  it("memory of another engine", async () => {
    const [engine, other] = [await create(), await create()];
    const strangers = [await executors[0].create(), ...(engine.kind === "reference" ? [] : [other])];
    if (engine.kind === "reference") strangers.splice(0, 1, ...(executors[1] ? [await executors[1].create()] : []));
    const { executable, tables, parameters, scalars } = setting(engine);
    for (const stranger of strangers) {
      const x = stranger.table(100, 3);
      const theirs = stranger.parameters(new Float32Array(6));
      expect(() => executable.run({ parameters, inputs: { ...tables, x }, rows: 40, scalars })).toThrow(InputError);
      expect(() => executable.run({ parameters: theirs, inputs: tables, rows: 40, scalars })).toThrow(/another engine/);
      expect(() => executable.run({ parameters, inputs: tables, rows: 40, scalars, outputs: { y: x } })).toThrow(
        InputError,
      );
      stranger.dispose();
    }
    engine.dispose();
    other.dispose();
  });

  it("tables and parameters of wrong sizes", async () => {
    const engine = await create();
    const table = engine.table(4, 3);
    const parameters = engine.parameters(new Float32Array(6));
    const calls: (() => unknown)[] = [
      () => engine.table(4, 3, new Float32Array(11)),
      () => engine.table(0, 3),
      () => engine.table(2.5, 2),
      () => table.write(new Float32Array(15)),
      () => table.write(new Float32Array(3), 4),
      () => table.write(new Float32Array(3), -1),
      () => table.write(new Float32Array(4)),
      () => table.read(3, 2),
      () => table.read(-1, 1),
      () => table.read(0.5, 1),
      () => parameters.write(new Float32Array(5)),
      () => parameters.restore({ ...parameters.state(), secondMoment: new Float32Array(7) }),
    ];
    for (const call of calls) expect(call, String(call)).toThrow(InputError);
    engine.dispose();
  });

  it("optimiser options out of range, programs without a loss", async () => {
    const engine = await create();
    const { executable, tables, parameters, scalars } = setting(engine);
    const batch: Batch = { parameters, inputs: tables, rows: 40, scalars };
    const bad: OptimiserStep[] = [
      { learningRate: Number.NaN },
      { learningRate: -1 },
      { learningRate: 1, weightDecay: Infinity },
      { learningRate: 1, clip: Number.NaN },
      { learningRate: 1, beta1: 1 },
      { learningRate: 1, beta2: -0.1 },
      { learningRate: 1, epsilon: Number.NaN },
    ];
    for (const options of bad)
      expect(() => executable.step(batch, options), JSON.stringify(options)).toThrow(InputError);
    const g = createGraph();
    const plain = engine.load(createProgram({ name: "plain", outputs: { y: scale(g.rows("x", 3), 2) } }));
    expect(() => plain.step({ inputs: tables }, { learningRate: 1 })).toThrow(/no loss/);
    expect(() => plain.gradient({ inputs: tables })).toThrow(/no loss/);
    engine.dispose();
  });
});
