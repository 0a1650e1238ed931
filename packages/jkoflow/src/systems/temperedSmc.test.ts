import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { namedProblem, namedTargets } from "../problems/index.ts";
import { createKey } from "../random/index.ts";
import { type SmcRunState, temperedSmc } from "./temperedSmc.ts";

const engine = await createEngine({ threads: 1 });
const two = await createEngine({ threads: 2 });
const problemOf = (name: string) => namedTargets[name].make(2, createKey(0), { time: 4, step: 0.2 });
const SMALL = { ...temperedSmc.defaults, population: 640, leaps: 4 };

async function run(name: string, seed: number, given = SMALL, resume?: SmcRunState, by = engine) {
  const states: SmcRunState[] = [];
  const steps = temperedSmc.run({
    engine: by,
    problem: problemOf(name),
    settings: given,
    key: createKey(seed),
    resume,
  });
  let next = await steps.next();
  for (; !next.done; next = await steps.next()) states.push(next.value.state());
  return { result: next.value, states };
}

describe("tempered SMC", () => {
  it.each([1, 2, 3])(
    "eight modes by the defaults, seed %d: ln Z both ways, and a mixture that is the target",
    async (seed) => {
      const { result } = await run("eight-modes", seed, { ...temperedSmc.defaults, population: 4800 });
      expect(Math.abs(result.logZ)).toBeLessThan(4 * result.logZError);
      expect(Math.abs(result.weighed.logZ)).toBeLessThan(5 * result.weighed.logZError + 0.003);
      expect(result.weighed.ess).toBeGreaterThan(0.9);
      expect(result.weighed.paretoK).toBeLessThan(0.7);
    },
  );

  it.each(["mustache", "funnel"])(
    "comes to the ends of a %s: ln Z is 0, which from N(0, I) it is not",
    async (name) => {
      const { result } = await run(name, 1, { ...temperedSmc.defaults, population: 4800 });
      expect(Math.abs(result.logZ)).toBeLessThan(3 * result.logZError);
      expect(result.logZError).toBeLessThan(0.1);
    },
  );

  it("goes on from each state to the same bits, and has them for two threads", async () => {
    const { result, states } = await run("banana", 4);
    for (const at of [0, 1, 4, states.length - 1]) {
      expect((await run("banana", 4, SMALL, structuredClone(states[at]))).result).toEqual(result);
    }
    expect((await run("banana", 4, SMALL, undefined, two)).result).toEqual(result);
  });

  it("refuses what is no target", () => {
    expect(() => temperedSmc.checkProblem(namedProblem("landau:bkw2", createKey(0)))).toThrow(
      /expected KL to a density/,
    );
    expect(() => temperedSmc.check({ ...SMALL, population: 3 })).toThrow(
      /population: 3, expected a whole number of at least 100/,
    );
  });
});
