import { describe, expect, it } from "vitest";
import { standardNormal } from "../distributions/index.ts";
import { createEngine } from "../engine/index.ts";
import { parseExpression } from "../expressions/index.ts";
import { entropy, kl, potential, sum } from "../functionals/index.ts";
import { createKey } from "../random/index.ts";
import type { EvolutionProblem } from "./evolution.ts";
import { evolve } from "./evolve.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

const settings = {
  width: 8,
  rank: 2,
  updates: 60,
  identityUpdates: 40,
  batchSize: 128,
  poolRows: 1000,
  heldOutRows: 500,
};
const problem = (v: string, more: Partial<EvolutionProblem> = {}): EvolutionProblem => ({
  title: "a flow",
  dimension: 1,
  columns: ["x"],
  start: standardNormal(1),
  functional: sum([1, entropy()], [1, potential((x) => parseExpression(v, ["x"]).node(x))]),
  time: 0.1,
  step: 0.05,
  ...more,
});

describe("evolve", () => {
  it("gives the flow that the system trains, open and as data", async () => {
    const engine = await createEngine({ threads: 1 });
    const events: string[] = [];
    const key = createKey(3);
    const onEvent = ({ type }: { type: string }) => events.push(type);
    const { flow, open, reports, stop } = await evolve(engine, problem("cos(3*x) + x^2/2"), { settings, key, onEvent });
    expect([flow.parts.length, reports.length, flow.times, stop]).toEqual([2, 3, [0, 0.05, 0.1], "end of the time"]);
    expect(events.filter((type) => type === "step").length).toBe(2);
    // What is sampled at a time has the density of that time: E exp(log N(y; 0, 2) - log q(y)) = 1 within five errors.
    const { values: y } = open.sample!(createKey(4), 2000, { at: 0.05 });
    const ratios = Array.from(open.logProb!(y, { at: 0.05 }), (log, i) =>
      Math.exp(-(y[i] ** 2) / 2 - Math.log(2 * Math.PI) / 2 - log),
    );
    const mean = ratios.reduce((a, b) => a + b, 0) / 2000;
    const spread = Math.sqrt(ratios.reduce((a, b) => a + (b - mean) ** 2, 0) / 2000 / 2000);
    expect(Math.abs(mean - 1)).toBeLessThan(5 * spread + 0.01);

    const training = jkoIcnn.run({
      engine,
      problem: problem("cos(3*x) + x^2/2"),
      settings: { ...jkoIcnn.defaults(problem("x")), ...settings },
      key,
    });
    let next = await training.next();
    while (!next.done) next = await training.next();
    expect(next.value.maps).toEqual(flow.parts.map(({ weights }) => weights));
    engine.dispose();
  });

  it("refuses what it does not know, in one line", async () => {
    const engine = await createEngine({ kind: "reference" });
    const refused = (given: unknown, options: object, message: string) =>
      expect(evolve(engine, given as EvolutionProblem, options)).rejects.toThrow(message);
    await refused(problem("x^2"), { setings: {} }, "options: setings, expected one of system, settings, key, onEvent");
    await refused(problem("x^2"), { settings: { updtes: 3 } }, "jko-icnn:updtes: an unknown setting");
    await refused("ou:2", {}, 'problem: "ou:2", expected an evolution problem');
    await refused(undefined, {}, "problem: nothing");
    const { sample: _, ...silent } = standardNormal(1);
    await refused(
      problem("x^2", { start: silent }),
      {},
      "start: N(0, I) in 1 dimension, expected one that gives samples",
    );
    await refused(problem("x^2", { functional: kl(standardNormal(1)) }), { key: 3 }, "key");
    engine.dispose();
  });
});
