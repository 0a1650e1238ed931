import { afterAll, describe, expect, it } from "vitest";
import { createTable } from "../data/index.ts";
import { standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { InputError } from "../errors/index.ts";
import { readSealed, writeSealed } from "../io/index.ts";
import { gradientMap } from "../maps/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, normal } from "../random/index.ts";
import {
  abilities,
  type BlockPart,
  type Chain,
  createFlow,
  decodeChain,
  encodeChain,
  need,
  openChain,
  type Part,
} from "./index.ts";

const gradient = { kind: "gradient", dimension: 2, width: 6, rank: 2, convexity: 1e-3 } as const;
const wide = { ...gradient, width: 9 } as const;
const field: MlpConfig = { dimension: 2, hidden: [5, 4], activation: { kind: "softplus", beta: 5 }, time: "concat" };
const block: BlockPart = { kind: "block", field, tableau: "rk4", steps: 8 };
const mapOf = (config: typeof gradient | typeof wide, seed: number): Part => ({
  config,
  weights: gradientMap.init(config, createKey(seed), 0.1),
});
const parts: readonly Part[] = [
  mapOf(gradient, 1),
  { config: block, weights: initMlp(field, createKey(2)) },
  mapOf(wide, 3),
  mapOf(gradient, 4),
];
const chainOf = (changes: Partial<Chain> = {}): Chain => ({
  system: "test",
  columns: ["x", "y"],
  base: "standard",
  direction: "from base",
  parts,
  times: [0, 0.5, 1, 1.5, 2],
  ...changes,
});
const { times: _, ...timeless } = chainOf();
const reverse: Chain = { ...timeless, direction: "to base" };
const engine = await createEngine({ threads: 1 });
afterAll(engine.dispose);

/** Midpoint sums of exp(log p) over [-9, 9]^2. */
function massOf(logProb: (rows: Float64Array) => Float64Array): number {
  const [n, width] = [90, 18];
  const cell = width / n;
  const rows = Float64Array.from(
    { length: 2 * n * n },
    (_, i) => -width / 2 + cell * ((i % 2 === 0 ? (i >> 1) % n : Math.floor((i >> 1) / n)) + 0.5),
  );
  return logProb(rows).reduce((sum, l) => sum + Math.exp(l), 0) * cell * cell;
}

describe("a chain of unequal parts", () => {
  it.each([
    ["from the base", chainOf()],
    ["to the base", reverse],
  ])("%s has mass 1 and comes back", (_, chain) => {
    const open = openChain(chain, { engine });
    expect(Math.abs(massOf(need(open, "logProb")) - 1)).toBeLessThan(2e-3);
    const rows = need(open, "sample")(createKey(7), 100).values;
    // The block goes there and back in float32 with equal steps.
    expect(need(open, "inversionError")(rows)).toBeLessThan(1e-4);
    const again = need(open, "fromBase")(need(open, "toBase")(rows));
    again.forEach((value, i) => {
      expect(Math.abs(value - rows[i])).toBeLessThan(1e-4);
    });
    open.dispose();
  });

  it("log-densities are those of finite differences: ln p(x) = ln q(b) + ln |det db/dx|", () => {
    for (const chain of [chainOf(), reverse]) {
      const open = openChain(chain, { engine });
      const [logProb, toBase] = [need(open, "logProb"), need(open, "toBase")];
      const step = 1e-2; // the block is float32
      for (const [x, y] of [
        [0.2, -0.4],
        [-1, 0.7],
      ]) {
        const at = (dx: number, dy: number) => toBase([x + dx, y + dy]);
        const [px, mx, py, my] = [at(step, 0), at(-step, 0), at(0, step), at(0, -step)];
        const [a, c] = [(px[0] - mx[0]) / (2 * step), (px[1] - mx[1]) / (2 * step)];
        const [b, d] = [(py[0] - my[0]) / (2 * step), (py[1] - my[1]) / (2 * step)];
        const wanted = standardNormal(2).logDensityAt(at(0, 0)) + Math.log(Math.abs(a * d - b * c));
        expect(Math.abs(logProb([x, y])[0] - wanted)).toBeLessThan(2e-3);
      }
      open.dispose();
    }
  });

  it("rows carry the log-density that their maps give them, which the inverses find again, at every time", () => {
    const maps = [mapOf(gradient, 1), mapOf(wide, 3)];
    const open = openChain(chainOf({ parts: maps, times: [0, 0.1, 0.2] }));
    const start = standardNormal(2).sample(createKey(5), 20);
    for (const at of [0, 0.1, 0.2]) {
      const { values, logProb, rows, columns } = open.draw!(createKey(5), 20, { at });
      expect(open.sample!(createKey(5), 20, { at })).toEqual({ values, rows, columns });
      open.logProb!(values, { at }).forEach((score, i) => {
        expect(Math.abs(score - logProb[i])).toBeLessThan(1e-6);
      });
      open.toBase!(values, { at }).forEach((value, i) => {
        expect(Math.abs(value - start[i])).toBeLessThan(1e-7);
      });
    }
  });

  it("has mass 1 far out too: the mean of p / q over a wide Gaussian q", () => {
    const open = openChain(
      chainOf({ parts: [mapOf(gradient, 1), mapOf(wide, 3), mapOf(gradient, 4)], times: [0, 1, 2, 3] }),
    );
    const n = 4000;
    const q = standardNormal(2)
      .sample(createKey(5), n)
      .map((v) => 12 * v);
    const ratios = open.logProb!(q).map((log, i) => {
      const squares = (q[2 * i] ** 2 + q[2 * i + 1] ** 2) / 144;
      return Math.exp(log + squares / 2 + Math.log(2 * Math.PI * 144));
    });
    const mean = ratios.reduce((sum, v) => sum + v / n, 0);
    const error = Math.sqrt(ratios.reduce((sum, v) => sum + (v - mean) ** 2, 0)) / n;
    expect(error).toBeLessThan(0.12);
    expect(Math.abs(mean - 1)).toBeLessThan(4 * error);
  });

  it("takes tables by the names of their columns", () => {
    const open = openChain(reverse, { engine });
    const [row, turned] = [
      createTable(Float32Array.of(0.5, -1), ["x", "y"]),
      createTable(Float32Array.of(-1, 0.5), ["y", "x"]),
    ];
    expect(open.logProb!(turned)).toEqual(open.logProb!(row));
    expect(open.logProb!([0.5, -1])).toEqual(open.logProb!(row));
    expect(() => open.logProb!(createTable(Float32Array.of(1, 2), ["x", "z"]))).toThrow('column "z", expected x, y');
  });

  it("of one block is the flow of that block", () => {
    const [single] = [parts[1]];
    const one = openChain({ ...reverse, parts: [single] }, { engine });
    const config = { block: { field, divergence: "exact" as const }, steps: block.steps };
    const alone = createFlow(engine, { ...config, blocks: [{ weights: single.weights, stepSize: 1 }] });
    const rows = normal(createKey(6), 40);
    const [a, b] = [one.logProb!(rows), alone.logProb(rows)];
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i])).toBeLessThan(1e-12);
    });
  });

  it("says in one line what it cannot and why, and offers nothing else", () => {
    const { sample: _, ...still } = standardNormal(2);
    const open = openChain(chainOf({ base: "start" }), { engine, start: still });
    expect(open.sample).toBeUndefined();
    expect(() => need(open, "sample", "run")).toThrow(
      "run: no sample of a chain of 4 maps: its base, N(0, I) in 2 dimensions, has no sampler, expected what it can: logProb | toBase | fromBase | inversionError",
    );
    const bare = openChain(chainOf({ base: "start" }), { engine });
    expect(abilities.filter((name) => bare[name])).toEqual(["toBase", "fromBase", "inversionError"]);
    expect(() => need(bare, "logProb")).toThrow("no logProb of a chain of 4 maps: its start is not in the file");
    const oneWay = { title: "a chain of 2 maps", lacks: { logProb: "part 2 has no inverse" }, sample: () => 0 };
    expect(() => need(oneWay as typeof oneWay & { logProb?: () => number }, "logProb")).toThrow(
      "model: no logProb of a chain of 2 maps: part 2 has no inverse, expected what it can: sample",
    );
    expect(need(openChain(chainOf(), { engine }), "sample")).toBeTypeOf("function");
  });

  it("refuses times, rows and engines that do not fit", () => {
    const open = openChain(chainOf(), { engine });
    expect(() => open.logProb!([0, 0], { at: 0.7 })).toThrow(
      "chain:at: 0.7, expected a time of the chain, from 0 to 2; the nearest is 0.5",
    );
    expect(() => open.logProb!([0, 0, 0])).toThrow("rows: 3 numbers, expected rows of 2");
    expect(() => openChain(reverse, { engine }).logProb!([0, 0], { at: 0 })).toThrow("the chain has no times");
    expect(() => openChain(chainOf())).toThrow("engine: nothing, expected an engine, which a block needs");
    expect(() => openChain(chainOf({ base: "start" }), { engine, start: standardNormal(3) })).toThrow("2 columns");
  });
});

describe("the file of a chain", () => {
  it("gives back the same chain, equal chains equal bytes, a shared description once", () => {
    for (const chain of [chainOf(), reverse, chainOf({ parts: [], times: [0] })]) {
      const bytes = encodeChain(chain);
      expect(decodeChain(bytes)).toEqual(chain);
      expect(encodeChain(decodeChain(bytes))).toEqual(bytes);
    }
    const { maps, of } = JSON.parse(readSealed(encodeChain(chainOf())).metadata.config) as Record<string, unknown[]>;
    expect([maps.length, of]).toEqual([3, [0, 1, 2, 0]]);
  });

  const { tensors, metadata } = readSealed(encodeChain(chainOf()));
  const config = JSON.parse(metadata.config) as Record<string, unknown>;
  const map = config.maps as readonly Record<string, unknown>[];
  const edited: readonly [string, Record<string, unknown>][] = [
    ["config:map.kind: ", { maps: [{ kind: "rejection" }, map[1], map[2]] }],
    ["map.width", { maps: [{ ...map[0], width: 0 }, map[1], map[2]] }],
    ["map.tableau", { maps: [map[0], { ...map[1], tableau: "euler?" }, map[2]] }],
    ["map.steps", { maps: [map[0], { ...map[1], steps: 1.5 }, map[2]] }],
    ["weights: ", { of: [2, 1, 0, 0] }],
    ["of 3: 3, expected below 3", { of: [0, 1, 2, 3] }],
    ["of 0: -1, expected below 3", { of: [-1, 1, 2, 0] }],
    ["tensors: 4 tensors, expected 3", { of: [0, 1, 2] }],
    ["columns", { columns: ["x", "x"] }],
    ["maps: 2 columns, expected 3", { columns: ["x", "y", "z"] }],
    ["base", { base: "mixture" }],
    ["direction", { direction: "up" }],
    ["times", { direction: "to base" }],
    ["times", { times: [0, 1, 2] }],
    ["times", { times: [0, 1, 1, 2, 3] }],
    ["system", { system: 3 }],
    ["maps", { maps: null }],
    ["of", { of: "0" }],
  ];
  it.each(edited)("edited and sealed again is refused: %s", (place, change) => {
    const bytes = writeSealed({ tensors, metadata: { ...metadata, config: JSON.stringify({ ...config, ...change }) } });
    const read = () => decodeChain(bytes, "file");
    expect(read).toThrow(InputError);
    expect(read).toThrow(place.replace("config:", ""));
    expect(read).toThrow(/^[^\n]+$/);
  });

  it("refuses another format, kind, and weights that are no numbers", () => {
    const sealed =
      (more: Record<string, string>, others = tensors) =>
      () =>
        decodeChain(writeSealed({ tensors: others, metadata: { ...metadata, ...more } }), "file");
    expect(sealed({ format: "2" })).toThrow(
      "format: format 2, expected format 4; it is a model of a table: decodeModel",
    );
    expect(sealed({ format: "5" })).toThrow("use the version of jkoflow that wrote it");
    expect(sealed({ kind: "jkoflow checkpoint" })).toThrow("kind");
    const broken = new Map(tensors);
    const { shape } = broken.get("parts.2.weights")!;
    const { weights } = parts[2];
    broken.set("parts.2.weights", { shape, data: weights.slice().fill(Number.NaN, 1, 2) });
    expect(sealed({}, broken)).toThrow("parts.2.weights: a number that is not finite");
    broken.set("parts.2.weights", { shape, data: Float64Array.from(weights) });
    expect(sealed({}, broken)).toThrow("parts.2.weights: no such tensor, expected float32 weights");
  });

  it("never loads a damaged file: every 7th byte flipped, truncations", () => {
    const bytes = encodeChain(chainOf());
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = bytes.slice();
      damaged[at] ^= 1 << (at % 8);
      expect(() => decodeChain(damaged)).toThrow(InputError);
      if (at % 49 === 0) expect(() => decodeChain(bytes.slice(0, at))).toThrow(InputError);
    }
  });
});
