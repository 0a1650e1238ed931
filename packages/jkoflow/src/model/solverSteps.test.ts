/** Solver steps of a finished flow: as many as its rows need, block by block. */
import { describe, expect, it } from "vitest";
import { createFlow, type FlowConfig } from "../chain/index.ts";
import { createTable, fitStandardizer } from "../data/index.ts";
import { createEngine } from "../engine/index.ts";
import { initMlp, type MlpConfig } from "../nn/index.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { decodeModel, encodeModel, type Model } from "./index.ts";
import { chooseSteps } from "./solverSteps.ts";

const engine = await createEngine({ threads: 1 });
const field: MlpConfig = { dimension: 2, hidden: [16], activation: { kind: "tanh" }, time: "concat" };
const key = createKey("solver steps");
const rows = normal(fold(key, "rows"), 4000);

/** Blocks whose fields are drawn, and larger by these factors. */
function flowOf(sizes: readonly number[], steps: number): FlowConfig {
  const blocks = sizes.map((size, k) => ({
    weights: initMlp(field, fold(key, "block", k), 1).map((w) => Math.fround(size * w)),
    stepSize: 1,
  }));
  return { block: { field, divergence: "exact" }, blocks, steps };
}

/** |mean| and mean size of what the log-densities are off by. */
function errors({ flow }: { readonly flow: FlowConfig }): { readonly ofMean: number; readonly ofRows: number } {
  const open = createFlow(engine, flow);
  const [found, exact] = [open.logProb(rows), open.logProb(rows, 64)];
  open.dispose();
  const off = found.map((value, i) => value - exact[i]);
  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
  return { ofMean: Math.abs(mean(off)), ofRows: mean(off.map(Math.abs)) };
}

const stepsOf = ({ flow }: { readonly flow: FlowConfig }): number[] =>
  flow.blocks.map(({ steps }) => steps ?? flow.steps);

describe("steps", () => {
  it("are more for a block that bends paths, one for blocks at rest, and enough for all rows together", () => {
    const chosen = chooseSteps(engine, flowOf([3, 0.02, 0, 1.5], 8), rows);
    const steps = stepsOf(chosen);
    expect(steps[0]).toBeGreaterThan(1);
    expect(steps.slice(1, 3)).toEqual([1, 1]);
    expect(Math.max(...steps)).toBe(chosen.flow.steps);
    const { ofMean, ofRows } = errors(chosen);
    expect(ofMean).toBeLessThan(1.1e-3);
    expect(ofRows).toBeLessThan(3.3e-3);
    expect(chosen.solverGap).toBeLessThan(1e-3);
  });

  it("are doubled where those of the training do not do", () => {
    const chosen = chooseSteps(engine, flowOf([5, 5], 1), rows);
    expect(chosen.flow.steps).toBeGreaterThan(1);
    expect(errors(chosen).ofMean).toBeLessThan(1.1e-3);
  });

  it("the next fewer would not do", () => {
    const chosen = chooseSteps(engine, flowOf([4], 16), rows);
    const [steps] = stepsOf(chosen);
    expect(steps).toBeGreaterThan(2);
    const fewer = errors({
      flow: { ...chosen.flow, steps: [1, 2, 3, 4, 6, 8, 12].findLast((fewer) => fewer < steps)! },
    });
    expect(fewer.ofRows > 3e-3 || fewer.ofMean > 1e-3).toBe(true);
  });

  it("of a flow without blocks are none that count", () => {
    expect(chooseSteps(engine, flowOf([], 8), rows)).toMatchObject({ flow: { steps: 1 }, solverGap: 0 });
  });
});

describe("in a file", () => {
  const { flow } = chooseSteps(engine, flowOf([3, 0.02], 8), rows);
  const standardizer = fitStandardizer(createTable(rows, ["a", "b"]), { kind: "none" });
  const model: Model = { system: "jko-iflow", standardizer, flow, settings: {}, scores: new Float64Array(1001) };
  const config = (edit: (config: Record<string, unknown>) => void): Uint8Array => {
    const bytes = encodeModel(model);
    const text = new TextDecoder("latin1").decode(bytes);
    const found = /"config":"((?:[^"\\]|\\.)*)"/.exec(text)![1];
    const parsed = JSON.parse(JSON.parse(`"${found}"`));
    edit(parsed);
    return new TextEncoder().encode(JSON.stringify(parsed));
  };

  it("are kept block by block", () => {
    const again = decodeModel(encodeModel(model));
    expect(stepsOf(again)).toEqual(stepsOf(model));
    expect(stepsOf(again)[0]).toBeGreaterThan(stepsOf(again)[1]);
  });

  it("stand beside the largest number, which readers of older versions take for all", () => {
    const written = JSON.parse(new TextDecoder().decode(config(() => {})));
    expect(written.steps).toBe(Math.max(...written.blockSteps));
  });
});
