import { afterAll, describe, expect, it } from "vitest";
import { gaussianMixture, normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, fold } from "../random/index.ts";
import { type CorrectedChain, drawsOf, fitRejection, logProbOf, logWeightsOf, passesPerRow } from "./index.ts";
import { openPart } from "./part.ts";
import type { OpenPart } from "./partTypes.ts";

const engine = await createEngine({ threads: 1 });
afterAll(engine.dispose);

const field: MlpConfig = { dimension: 2, hidden: [12, 12], activation: { kind: "softplus", beta: 1 }, time: "concat" };
const fail = (): never => {
  throw new Error("a part that does not fit");
};
const blockOf = (seed: number, on = engine): OpenPart => {
  const weights = initMlp(field, createKey(seed)).map((w) => w * 1.5);
  return openPart(
    { config: { kind: "block", field, tableau: "rk4", steps: 5 } as { kind: string }, weights },
    on,
    fail,
  );
};

/** Rejections fitted to rows of their own, each. */
const withRejections = (chain: CorrectedChain, count: number, key = createKey(7)): CorrectedChain => {
  for (let k = 0; k < count; k++) {
    const seen = drawsOf(chain, fold(key, k)).take(10_000);
    chain = { ...chain, parts: [...chain.parts, fitRejection(logWeightsOf(chain.target, seen), 0.2)] };
  }
  return chain;
};
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("blocks and rejections in the plane", () => {
  const covariance = Float64Array.of(0.6, 0.2, 0.2, 0.4);
  const target = gaussianMixture(
    [0.7, 0.3],
    [normalDistribution([1, 0.5], covariance), normalDistribution([-1, -1], covariance)],
  );
  let chain: CorrectedChain = { base: standardNormal(2), target, parts: [blockOf(1)] };
  chain = withRejections(chain, 2);
  chain = withRejections({ ...chain, parts: [...chain.parts, blockOf(2)] }, 3, createKey(8));
  const n = 20_000;
  const draws = drawsOf(chain, createKey(1));
  const drawn = draws.take(n);

  it("the density that a row carries is that at the point", () => {
    const at = logProbOf(chain, drawn.rows.subarray(0, 2 * 5000));
    const most = at.reduce((worst, value, i) => Math.max(worst, Math.abs(value - drawn.logProb[i])), 0);
    expect(most).toBeLessThan(1e-3);
  });

  it("the density has mass 1, and rows follow it", () => {
    const [cells, width] = [140, 14];
    const cell = width / cells;
    const grid = Float64Array.from(
      { length: 2 * cells * cells },
      (_, i) => -width / 2 + cell * ((i % 2 === 0 ? (i >> 1) % cells : Math.floor((i >> 1) / cells)) + 0.5),
    );
    const mass = logProbOf(chain, grid).map((l) => Math.exp(l) * cell * cell);
    expect(Math.abs(mass.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(0.01);
    const shares = [
      (x: number) => (x > 0.5 ? 1 : 0),
      (_: number, y: number) => (y < -0.5 ? 1 : 0),
      (x: number, y: number) => (Math.sign(x - y) + 1) / 2, // cells on the diagonal lie half on each side
    ];
    for (const share of shares) {
      const ofGrid = mass.reduce((sum, m, i) => sum + m * share(grid[2 * i], grid[2 * i + 1]), 0);
      const ofRows = mean(drawn.logProb.map((_, i) => share(drawn.rows[2 * i], drawn.rows[2 * i + 1])));
      // Four standard errors, and those of the means of rejections.
      expect(Math.abs(ofGrid - ofRows)).toBeLessThan(4 * Math.sqrt(0.25 / n) + 0.005);
    }
  });

  it("importance weights of the rows give Z = 1", () => {
    const weights = logWeightsOf(target, drawn).map(Math.exp);
    const z = mean(weights);
    const error = Math.sqrt(mean(weights.map((w) => (w - z) ** 2)) / n);
    expect(Math.abs(z - 1)).toBeLessThan(4 * error + 0.01);
  });

  it("a row costs what the formula says", () => {
    const before = draws.passes(); // without what lies in buffers at the end
    draws.take(n);
    expect(Math.abs((draws.passes() - before) / n / passesPerRow(chain.parts) - 1)).toBeLessThan(0.03);
  });

  it("the stream of a key is the same however it is taken, and with more threads", async () => {
    const parts = drawsOf(chain, createKey(1));
    const pieces = [1, 699, 2300].map((count) => parts.take(count));
    expect(Float64Array.from(pieces.flatMap(({ rows }) => [...rows]))).toEqual(drawn.rows.slice(0, 6000));
    expect(Float64Array.from(pieces.flatMap(({ logProb }) => [...logProb]))).toEqual(drawn.logProb.slice(0, 3000));
    const two = await createEngine({ threads: 2 });
    let seed = 0;
    const again = chain.parts.map((part) => ("logC" in part ? part : blockOf(++seed, two)));
    expect(drawsOf({ ...chain, parts: again }, createKey(1)).take(500).rows).toEqual(drawn.rows.slice(0, 1000));
    two.dispose();
    expect(drawsOf(chain, createKey(2)).take(1).rows).not.toEqual(drawn.rows.slice(0, 2));
  });

  it("refuses rows and bases that do not fit, and maps that have no inverse", () => {
    expect(() => logProbOf(chain, [1, 2, 3])).toThrow("rows: 3 numbers, expected rows of 2");
    expect(() => drawsOf({ ...chain, base: standardNormal(3) }, createKey(0))).toThrow("base: 3 columns, expected 2");
    const { sample: _, ...mute } = standardNormal(2);
    expect(() => drawsOf({ ...chain, base: mute }, createKey(0))).toThrow("expected a law with a sampler");
    const { logZ: __, ...loose } = standardNormal(2);
    expect(() => logProbOf({ ...chain, base: loose }, [0, 0])).toThrow("known logZ");
    const { invert: ___, ...oneWay } = blockOf(1);
    expect(() => logProbOf({ ...chain, parts: [oneWay] }, [0, 0])).toThrow("a map without inverse");
  });
});

describe("two modes far apart whose weights are wrong", () => {
  const modes = [-3, 3].map((at) => normalDistribution([at], Float64Array.of(0.1)));
  const chain: CorrectedChain = {
    base: gaussianMixture([0.5, 0.5], modes),
    target: gaussianMixture([0.8, 0.2], modes),
    parts: [],
  };

  it.each([1, 2, 3])(
    "seed %i: three rejections cut the error of the weights tenfold, the rule is that of the modes",
    (seed) => {
      const corrected = withRejections(chain, 3, createKey(seed));
      const { rows, logProb } = drawsOf(corrected, createKey(100 + seed)).take(20_000);
      const right = mean(rows.map((x) => (x > 0 ? 1 : 0)));
      expect(Math.abs(right - 0.2)).toBeLessThan(0.3 / 10);
      // Weights of the second mode by the rule in exact numbers: .5, .4, .28, .216.
      expect(Math.abs(right - 0.216)).toBeLessThan(0.012);
      const kl = -mean(logWeightsOf(chain.target, { rows, logProb }));
      expect(Math.abs(kl)).toBeLessThan(0.01);
    },
  );
});
