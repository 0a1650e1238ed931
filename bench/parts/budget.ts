/** How many updates a block gets, so that a fit takes about so many CPU seconds: trial fits tell, each longer than the last. */
import type { Settings } from "../../packages/jkoflow/src/systems/index.ts";
import type { Fit } from "./fit.ts";

/** Updates a block of the first two trials, and how many times longer a next one is at most. */
const FIRST = 30;
const LONGER = 5;
/** A trial that took this share of the budget tells enough: code is warm by then, and a field as hard to integrate as it gets. */
const ENOUGH = 0.15;
const MOST_TRIALS = 6;
/** Two trials tell what an update costs by their difference only if one took so many times the updates of the other. */
const APART = 1.5;

/** A fit that took so many times its budget is made again, shorter. */
const LATE = 1.3;

/**
 * `fit` fits with the settings it is given; the answer is the settings whose updates a block fill the budget. Trials have no
 * second try: a fit that needs one, because the first is refused, takes twice its budget, and is then `shortened`.
 */
export async function withinBudget(
  fit: (settings: Settings) => Promise<Fit>,
  settings: Settings,
  cpuSeconds: number,
): Promise<Settings> {
  const trial = (updates: number): Promise<Fit> => fit({ ...settings, updates, retries: 0 });
  let asked = LONGER * FIRST;
  let [few, many] = [await trial(FIRST), await trial(asked)];
  const affordable = (share: number): number => {
    // A trial's blocks share their updates, so what one costs is told by all of them.
    const between = (many.cpuSeconds - few.cpuSeconds) / (many.updates - few.updates);
    const apart = many.updates > APART * few.updates && between > 0;
    const each = apart ? between : many.cpuSeconds / many.updates;
    const besides = Math.max(0, many.cpuSeconds - many.updates * each);
    return Math.max(1, Math.floor((share * cpuSeconds - besides) / each / Math.max(1, many.blocks.length)));
  };
  for (let trials = 2; trials < MOST_TRIALS && many.cpuSeconds < ENOUGH * cpuSeconds; trials++) {
    const longer = Math.min(LONGER * asked, affordable(1.3 * ENOUGH));
    if (longer <= asked) break;
    const next = await trial(longer);
    if (next.updates <= APART * many.updates) break; // it ended by itself
    asked = longer;
    [few, many] = [many, next];
  }
  return { ...settings, updates: affordable(1) };
}

/** Settings with which a fit that was late will be in time; undefined for one that was. Tries that were refused count. */
export function shortened(settings: Settings, { cpuSeconds }: Fit, budget: number): Settings | undefined {
  if (cpuSeconds <= LATE * budget) return undefined;
  return { ...settings, updates: Math.max(1, Math.floor((Number(settings.updates) * budget) / cpuSeconds)) };
}
