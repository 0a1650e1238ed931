import { describe, expect, it } from "vitest";
import { NumericError } from "../errors/index.ts";
import {
  add,
  createGraph,
  createProgram,
  exp,
  matmul,
  mul,
  rowSum,
  scale,
  softplus,
  squaredNorm,
} from "../graph/index.ts";
import { createRandom, normalOf } from "../graph/values.testing.ts";
import type { Engine } from "./engine.ts";
import { executors } from "./engines.testing.ts";

const steps = 20;
const sizes = { W: 8, V: 8 };

/** A field with names: u = x W, h = softplus u, heat = exp(s h), loss = |x - heat V|^2. */
function setting(engine: Engine) {
  const random = createRandom(3);
  const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => normalOf(random) / 2);
  const g = createGraph();
  const [x, W, V, s] = [g.rows("x", 2), g.parameter("W", 2, 4), g.parameter("V", 4, 2), g.scalar("s")];
  const u = g.label(matmul(x, W), "u");
  const heat = g.label(exp(mul(g.label(softplus(u), "h"), s)), "heat");
  const loss = add(squaredNorm(add(x, scale(matmul(heat, V), 0.1))), rowSum(heat));
  const program = createProgram({ name: "field", parameters: [W, V], loss });
  const rows = draw(2 * 64);
  return {
    executable: engine.load(program),
    table: engine.table(64, 2, rows),
    rows,
    parameters: engine.parameters(draw(sizes.W + sizes.V)),
  };
}

describe.each(executors)("values that are not finite stop the step: $name", ({ create }) => {
  it.each([1, 2])(`${steps} steps x 3 places, %i threads`, async (threads) => {
    const engine = await create({ threads });
    const { executable, table, rows, parameters } = setting(engine);
    const batch = (s = 0.1) => ({ parameters, inputs: { x: table }, scalars: { s } });
    const options = { learningRate: 1e-3, weightDecay: 0.01 };
    const failure = (s?: number): string => {
      const before = parameters.state();
      let message = "";
      try {
        executable.step(batch(s), options);
      } catch (error) {
        expect(error).toBeInstanceOf(NumericError);
        message = (error as Error).message;
      }
      expect(parameters.state()).toEqual(before); // bit for bit, NaN included
      return message;
    };
    const bad = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let caught = 0;
    for (let k = 0; k < steps; k++) {
      executable.step(batch(), options);
      const value = bad[k % 3];

      const at = (k * 29) % rows.length;
      const spoilt = rows.slice();
      spoilt[at] = value;
      table.write(spoilt);
      expect(failure(), `data, step ${k}`).toMatch(/field: not finite, first bad value in x \(rows on rows\)/);
      table.write(rows);
      caught++;

      const good = parameters.read();
      const place = (k * 5) % good.length;
      const weights = good.slice();
      weights[place] = value;
      parameters.write(weights);
      const name = place < sizes.W ? "W" : "V";
      expect(failure(), `parameter, step ${k}`).toMatch(new RegExp(`first bad value in ${name} \\(parameter\\)`));
      parameters.write(good);
      caught++;

      // heat = e^(s h) overflows float64 as well: e^709 is its last
      expect(failure(1e5), `field, step ${k}`).toMatch(/first bad value in heat \(exp on rows\)/);
      caught++;
    }
    expect(caught).toBe(60);
    // And nothing is left behind: the same as an engine that never saw a bad value. (Writing the good weights back rounds
    // the float64 of the reference.)
    if (engine.kind === "reference") return;
    const clean = await create({ threads });
    const other = setting(clean);
    for (let k = 0; k < steps; k++) {
      other.executable.step({ parameters: other.parameters, inputs: { x: other.table }, scalars: { s: 0.1 } }, options);
    }
    expect(parameters.state()).toEqual(other.parameters.state());
    engine.dispose();
    clean.dispose();
  });

  it("the first bad value is the same for any number of threads", async () => {
    const messages = new Set<string>();
    for (const threads of [1, 2, 3]) {
      const engine = await create({ threads });
      const { executable, table, rows, parameters } = setting(engine);
      // two places at once: a bad row in one shard, an overflow (h = 800) in another
      const spoilt = rows.slice();
      spoilt[127] = Number.NaN;
      spoilt[0] = 1e30;
      table.write(spoilt);
      for (let i = 0; i < 5; i++) {
        try {
          executable.step({ parameters, inputs: { x: table }, scalars: { s: 1 } }, { learningRate: 1e-3 });
        } catch (error) {
          messages.add((error as Error).message);
        }
      }
      engine.dispose();
    }
    expect(messages.size).toBe(1);
  });

  it("run and gradient give back what they computed, NaN included", async () => {
    const engine = await create();
    const { executable, table, parameters } = setting(engine);
    const batch = { parameters, inputs: { x: table }, scalars: { s: 1e5 } };
    expect(Number.isFinite(executable.run(batch).loss[0])).toBe(false);
    expect(executable.gradient(batch).gradient.every(Number.isFinite)).toBe(false);
    engine.dispose();
  });
});
