/** JKO-ICNN with step sizes that are chosen on the way. */
import { describe, expect, it } from "vitest";
import { normalDistribution, standardNormal } from "../distributions/index.ts";
import { createEngine, type Engine } from "../engine/index.ts";
import { kl } from "../functionals/index.ts";
import type { EvolutionState } from "../jko/index.ts";
import { createKey } from "../random/index.ts";
import type { Settings } from "../settings/index.ts";
import type { EvolutionEvent, EvolutionProblem, Evolved } from "./evolution.ts";
import { chainOf } from "./evolve.ts";
import { jkoIcnn } from "./jkoIcnn.ts";

/** Fast at first, slow later: the variance falls from 1 to 0.02. */
const problem: EvolutionProblem = {
  title: "towards a narrow normal",
  dimension: 1,
  columns: ["x"],
  start: standardNormal(1),
  functional: kl(normalDistribution([0.5], Float64Array.of(0.02))),
  time: 0.4,
  step: 0.1,
};

async function train(engine: Engine, chosen: Settings, resume?: EvolutionState) {
  const settings = { ...jkoIcnn.defaults(problem), ...chosen };
  const run = jkoIcnn.run({ engine, problem, settings, key: createKey(1), ...(resume ? { resume } : {}) });
  const events: EvolutionEvent[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) events.push(next.value);
  return { events, evolved: next.value as Evolved<{ readonly kind: "gradient" }> };
}

const small = { width: 8, rank: 2, identityUpdates: 40, updates: 60, batchSize: 64, poolRows: 500, heldOutRows: 400 };

describe("jko-icnn with a tolerance", () => {
  it("takes short steps where the density is fast and long ones where it is not, to the end of the time", async () => {
    const engine = await createEngine({ threads: 1 });
    const chosen = { width: 16, updates: 150, batchSize: 256, poolRows: 10_000, heldOutRows: 4000, tolerance: 0.01 };
    const { events, evolved } = await train(engine, chosen);
    const { times = [], reports, maps } = evolved;
    expect(times.length).toBe(maps.length + 1);
    expect(times.at(-1)).toBe(0.4);
    expect(
      reports
        .slice(1)
        .map(({ stepSize }) => stepSize)
        .reduce((a, b) => a + b, 0),
    ).toBeCloseTo(0.4, 12);
    const lengths = reports.slice(1).map(({ stepSize }) => stepSize);
    expect(Math.min(...lengths)).toBe(lengths[0]);
    expect(lengths.at(-1)!).toBeGreaterThanOrEqual(4 * lengths[0]);
    // All of the shortest length would be many more.
    expect(maps.length).toBeLessThan(0.5 * (0.4 / lengths[0]));
    for (const { doublingError } of reports.slice(1)) expect(doublingError).toBeLessThanOrEqual(0.01);
    const notes = events.filter(({ type }) => type === "note");
    expect(notes.length).toBeGreaterThan(0);
    expect(notes[0].values.text).toMatch(/^steps of 0.1 are too long: by moments they are .* nats from one of 0.2$/);
    expect(chainOf("jko-icnn", problem.columns, evolved).times).toEqual(times);
    engine.dispose();
  });

  it("goes on to the same bits from any event, and gives them for any number of threads", async () => {
    const [one, two] = [await createEngine({ threads: 1 }), await createEngine({ threads: 2 })];
    const chosen = { ...small, tolerance: 0.3 };
    const { events, evolved } = await train(one, chosen);
    expect(events.some(({ type }) => type === "note")).toBe(true);
    expect((await train(two, chosen)).evolved.maps).toEqual(evolved.maps);
    // Refused pairs, accepted ones and what is between them are all among these.
    for (const { state } of events.filter((_, i) => i % 3 === 0)) {
      const again = (await train(one, chosen, structuredClone(state()))).evolved;
      expect(again.times).toEqual(evolved.times);
      expect(again.maps).toEqual(evolved.maps);
      expect(again.reports).toEqual(evolved.reports);
    }
    one.dispose();
    two.dispose();
  });

  it("without a tolerance steps are equal", async () => {
    const engine = await createEngine({ threads: 1 });
    const { evolved } = await train(engine, { ...small, updates: 20 });
    expect(evolved.times).toBeUndefined();
    expect(evolved.maps.length).toBe(4);
    engine.dispose();
  });
});
