/** Arrays of a kind that an engine does not take: refused by name, and nothing beside them is touched. */
import { describe, expect, it } from "vitest";
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { createGraph, createProgram, matmul, squaredNorm } from "../graph/index.ts";
import type { Batch, Engine } from "./engine.ts";
import { executors } from "./engines.testing.ts";

const graph = createGraph();
const [x, W] = [graph.rows("x", 2), graph.parameter("W", 2, 2)];
const program = createProgram({
  name: "small",
  parameters: [W],
  loss: squaredNorm(matmul(x, W)),
  outputs: { y: matmul(x, W) },
});

/** Whatever a caller without types may hand over, with as many numbers as asked for. */
const others: readonly ((n: number) => unknown)[] = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array].map(
    (kind) => (n: number) => new kind(n),
  ),
  (n) => new Float64Array(n),
  (n) => new BigInt64Array(n),
  (n) => new BigUint64Array(n),
  (n) => new Array<number>(n).fill(0),
  (n) => new DataView(new ArrayBuffer(4 * n)),
  (n) => new ArrayBuffer(4 * n),
  (n) => ({ length: n, 0: 0 }),
  () => null,
  () => "0,0",
  () => 3,
];

/** The entries that take an array: how many numbers, the kind it must be, and the call. */
interface Entry {
  readonly name: string;
  readonly size: number;
  readonly kind: "Float32Array" | "Int32Array";
  readonly call: (engine: Engine, given: never) => unknown;
}
const state = (engine: Engine) => engine.parameters(new Float32Array(4)).state();
const batchOf = (engine: Engine): Batch => ({
  parameters: engine.parameters(new Float32Array(4).fill(1)),
  inputs: { x: engine.table(64, 2) },
});
const entries: readonly Entry[] = [
  { name: "engine.table", size: 8, kind: "Float32Array", call: (e, v) => e.table(4, 2, v) },
  { name: "Table.write", size: 8, kind: "Float32Array", call: (e, v) => e.table(4, 2).write(v) },
  { name: "Table.write of later rows", size: 2, kind: "Float32Array", call: (e, v) => e.table(4, 2).write(v, 3) },
  { name: "engine.parameters", size: 4, kind: "Float32Array", call: (e, v) => e.parameters(v) },
  {
    name: "Parameters.write",
    size: 4,
    kind: "Float32Array",
    call: (e, v) => e.parameters(new Float32Array(4)).write(v),
  },
  ...(["values", "firstMoment", "secondMoment"] as const).map(
    (part): Entry => ({
      name: `Parameters.restore ${part}`,
      size: 4,
      kind: "Float32Array",
      call: (e, v) => e.parameters(new Float32Array(4)).restore({ ...state(e), [part]: v }),
    }),
  ),
  ...(["run", "gradient"] as const).map(
    (method): Entry => ({
      name: `indices of ${method}`,
      size: 64,
      kind: "Int32Array",
      call: (e, v) => e.load(program)[method]({ ...batchOf(e), indices: v }),
    }),
  ),
  {
    name: "indices of step",
    size: 64,
    kind: "Int32Array",
    call: (e, v) => e.load(program).step({ ...batchOf(e), indices: v }, { learningRate: 0.1 }),
  },
];

describe.each(executors)("arrays of another kind: $name", ({ create }) => {
  it.each(entries)("$name", async ({ name, size, kind, call }) => {
    const engine = await create();
    const neighbours = [engine.table(64, 2, new Float32Array(128).fill(7))];
    const all = [...others, (n: number) => (kind === "Int32Array" ? new Float32Array(n) : new Int32Array(n))];
    for (const make of all) {
      const given = make(size);
      // the float64 engine takes float64 where it stores it, so that tests can give it more digits
      const takesFloat64 = engine.kind === "reference" && kind === "Float32Array" && !name.includes("restore");
      if (takesFloat64 && given instanceof Float64Array) continue;
      expect(() => call(engine, given as never), cameOf(given)).toThrow(InputError);
      expect(() => call(engine, given as never)).toThrow(
        `${cameOf(given)}, expected a${kind === "Int32Array" ? "n" : ""} ${kind}`,
      );
      neighbours.push(engine.table(1, 2, new Float32Array(2).fill(7)));
    }
    for (const table of neighbours) expect(table.read().every((v) => v === 7)).toBe(true);
    call(engine, (kind === "Int32Array" ? new Int32Array(size) : new Float32Array(size)) as never);
    engine.dispose();
  });

  it("indices that are NaN, and updates that are no number", async () => {
    const engine = await create();
    const executable = engine.load(program);
    const nan = new Float32Array(64).fill(Number.NaN) as unknown as Int32Array;
    expect(() => executable.run({ ...batchOf(engine), indices: nan })).toThrow(
      /indices: a Float32Array, expected an Int32Array/,
    );
    const parameters = engine.parameters(new Float32Array(4));
    for (const updates of [Number.NaN, -1, 1.5, "2", undefined]) {
      const other = { ...parameters.state(), updates: updates as number };
      expect(() => parameters.restore(other)).toThrow(/^parameters:updates: .*, expected a whole number/);
    }
    for (const batch of [undefined, null, 3]) {
      expect(() => executable.run(batch as unknown as Batch)).toThrow(/expected a batch/);
    }
    engine.dispose();
  });

  it("indices and values that lie in shared memory give what they hold", async () => {
    const engine = await create();
    const values = new Float32Array(new SharedArrayBuffer(4 * 8));
    values.set([1, 2, 3, 4, 5, 6, 7, 8]);
    const indices = new Int32Array(new SharedArrayBuffer(8));
    indices.set([3, 1]);
    const parameters = engine.parameters(Float32Array.of(1, 0, 0, 1));
    const y = engine.table(2, 2);
    const inputs = { x: engine.table(4, 2, values) };
    engine.load(program).run({ parameters, inputs, indices, outputs: { y } });
    expect([...y.read()]).toEqual([7, 8, 3, 4]);
    engine.dispose();
  });
});
