/** Runs of the variational flow, and what the cheapest rival for samples, Euler-Maruyama, makes of the same problem. */
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { createRowMover } from "../../packages/jkoflow/src/jko/index.ts";
import { type MapKind, mapKinds } from "../../packages/jkoflow/src/maps/index.ts";
import { createKey, fold, type Key } from "../../packages/jkoflow/src/random/index.ts";
import {
  type EvolutionProblem,
  type Evolved,
  type Settings,
  variational,
} from "../../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./clock.ts";

export interface VariationalRun {
  readonly problem: EvolutionProblem;
  readonly evolved: Evolved<{ readonly kind: string; readonly dimension: number }>;
  readonly cpuSeconds: number;
}

export async function trainVariational(
  engine: Engine,
  problem: EvolutionProblem,
  settings: Settings,
  seed: number,
): Promise<VariationalRun> {
  const clock = startClock();
  const all = { ...variational.defaults(problem), ...settings };
  const run = variational.run({ engine, problem, settings: all, key: createKey(seed) });
  for (;;) {
    const next = await run.next();
    if (next.done) return { problem, evolved: next.value, cpuSeconds: clock().cpuSeconds };
  }
}

/** n fresh rows of the start after each of these numbers of steps: [n, d] each. */
export function rowsAfter(
  engine: Engine,
  { problem, evolved }: VariationalRun,
  n: number,
  steps: readonly number[],
  key: Key = fold(createKey("judge"), "rows"),
): readonly Float32Array[] {
  type Config = { readonly kind: string; readonly dimension: number };
  const kind = (mapKinds as unknown as Readonly<Record<string, MapKind<Config>>>)[evolved.map.kind];
  const mover = createRowMover(engine, kind, evolved.map);
  const table = engine.table(n, problem.dimension, problem.start.sample!(key, n));
  const taken: Float32Array[] = steps.includes(0) ? [table.read().slice()] : [];
  evolved.maps.forEach((weights, k) => {
    mover.push(table, weights);
    if (steps.includes(k + 1)) taken.push(table.read().slice());
  });
  table.dispose();
  mover.dispose();
  return taken;
}

/** The largest |gap| of all steps, in the units of F. */
export const largestGap = ({ evolved: { reports } }: VariationalRun): number =>
  Math.max(...reports.slice(1).map(({ gap }) => Math.abs(gap)));

/** Steps at which F rose by more than three of its standard errors. */
export const risesOf = ({ evolved: { reports } }: VariationalRun): number =>
  reports.filter(({ energy, energyError }, k) => k > 0 && energy > reports[k - 1].energy + 3 * energyError).length;
