/** The scheme of maps, by two players whose gradients are written here: what it does in which order, and that it can be left. */
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine/index.ts";
import { createKey, type Key, normal, uniform } from "../random/index.ts";
import { composedPlayer, type Event } from "../train/index.ts";
import { type EvolutionState, type MapScheme, mapSteps, type Phase } from "./mapSteps.ts";

/** Rows of one column that a map moves by its only weight. */
interface Rows {
  readonly x: Float64Array;
  readonly pushed: number[];
}

interface Seen {
  /** Steps by which the rows of each step came, and their first value. */
  readonly rows: { readonly pushed: readonly number[]; readonly first: number }[];
  open: number;
}

const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;

/**
 * Rows go to 1 in halves: a step minimises (w - c)^2, whose c the critic moves to half of what is missing. The critic is fitted
 * before each step and then moves along, twice for one of the map.
 */
async function run(drawn: "for each step" | "once", judged: "judged" | "last", resume?: EvolutionState) {
  const engine = await createEngine({ kind: "reference" });
  const [map, critic] = [engine.parameters(Float32Array.of(0.25)), engine.parameters(Float32Array.of(0))];
  const seen: Seen = { rows: [], open: 0 };
  const player = (name: string, of: typeof map, turns: number, slope: () => number) =>
    composedPlayer<number>({ name, parameters: of, turns, rate: () => 0.02 }, (noise) => ({
      values: { loss: Float32Array.of(slope() ** 2) },
      gradient: [slope() + 1e-3 * noise],
    }));
  const scheme: MapScheme<Rows, number> = {
    ...{ steps: 3, stepSize: 0.5, parameters: { map, critic }, rows: { count: 64, drawn, heldOut: 32 } },
    draw: (key: Key, n) => {
      seen.open++;
      return { x: Float64Array.from(normal(key, n)), pushed: [] };
    },
    push: (rows, [w], k) => {
      rows.x.forEach((value, i) => {
        rows.x[i] = value + w;
      });
      rows.pushed.push(k);
    },
    measure: (rows, weights) => ({ energy: mean(rows.x) + (weights?.[0] ?? 0), moved: (weights?.[0] ?? 0) ** 2 }),
    phases: ({ rows }) => {
      seen.rows.push({ pushed: [...rows.pushed], first: rows.x[0] });
      const half = (1 - mean(rows.x)) / 2;
      const moveCritic = player("critic", critic, 2, () => critic.read()[0] - half);
      const moveMap = player("map", map, 1, () => map.read()[0] - critic.read()[0]);
      const draw = (key: Key): number => uniform(key, 1)[0];
      const phase = (name: string, players: Phase<number>["players"]): Phase<number> => {
        const evaluate = () => ({ score: Math.abs((name === "fit" ? critic : map).read()[0] - half) });
        const judge = { every: 60, patience: Number.POSITIVE_INFINITY, evaluate };
        return { name, players, updates: 60, draw, ...(judged === "judged" ? { judge } : {}) };
      };
      return [phase("fit", [moveCritic]), phase("saddle", [moveMap, moveCritic])];
    },
    dispose: () => {
      seen.open--;
    },
  };
  const events: Event<EvolutionState>[] = [];
  const training = mapSteps(scheme, createKey(1), { resume });
  let next = await training.next();
  for (; !next.done; next = await training.next()) events.push(next.value);
  engine.dispose();
  return { events, seen, evolved: next.value };
}

const kinds = [
  ["for each step", "judged"],
  ["once", "last"],
] as const;

describe.each(kinds)("steps that are maps, rows drawn %s, weights %s", (drawn, judged) => {
  it("train each from where the maps before have put the rows, and tell of it", async () => {
    const { events, seen, evolved } = await run(drawn, judged);
    expect(seen.open).toBe(0);
    expect(seen.rows.map(({ pushed }) => pushed)).toEqual([[], [1], [1, 2]]);
    const [{ first }, { first: second }] = seen.rows;
    expect(Math.abs(second - (first + evolved.maps[0][0])) < 1e-12).toBe(drawn === "once");
    expect(events.filter(({ type }) => type === "step").map(({ place }) => place)).toEqual([
      ["step 1"],
      ["step 2"],
      ["step 3"],
    ]);
    expect(events[0]).toMatchObject({ type: "start", place: [], values: { steps: 3, parametersPerStep: 1, step: 0 } });
    expect(events[1]).toMatchObject({ type: "update", place: ["step 1", "fit", "update 20"] });
    expect(events[4].place).toEqual(["step 1", "saddle", "update 20"]);
    expect(Object.keys(events[4].values)).toEqual([
      ...["loss", "gradientNorm", "learningRate", "criticLoss", "criticGradientNorm"],
    ]);
    expect(evolved.reports.map(({ step, time }) => [step, time])).toEqual([0, 1, 2, 3].map((k) => [k, k / 2]));
    // Halves of what is missing, from a mean of about 0: 1/2, 1/4, 1/8, up to the noise of 64 rows.
    for (const [k, [w]] of evolved.maps.entries()) expect(Math.abs(w - 0.5 ** (k + 1))).toBeLessThan(0.15);
  });

  it("go on from every event to the same weights of all players", async () => {
    const { events, evolved } = await run(drawn, judged);
    const last = events.at(-1)!.state();
    expect(last.others).toEqual({ critic: expect.any(Float32Array) });
    for (const { state } of events) {
      const again = await run(drawn, judged, structuredClone(state()));
      expect(again.evolved).toEqual(evolved);
      expect(again.events.at(-1)!.state()).toEqual(last);
      expect(again.seen.open).toBe(0);
    }
  });

  it("give their rows back when they are left", async () => {
    let open = 0;
    const engine = await createEngine({ kind: "reference" });
    const left = mapSteps<object, number>(
      {
        ...{ steps: 2, stepSize: 1, parameters: { map: engine.parameters(Float32Array.of(0)) } },
        rows: { count: 1, drawn, heldOut: 1 },
        draw: () => {
          open++;
          return {};
        },
        push: () => undefined,
        measure: () => ({ energy: 0 }),
        phases: () => {
          throw new Error("no phase");
        },
        dispose: () => {
          open--;
        },
      },
      createKey(1),
    );
    await left.next();
    expect(open).toBe(1);
    await expect(left.next()).rejects.toThrow("no phase");
    expect(open).toBe(0);
    engine.dispose();
  });
});
