/** How many updates a block gets, so that a fit takes about so many CPU seconds: two short trial fits tell. */
import type { Settings } from "../../packages/jkoflow/src/systems/index.ts";
import type { Fit } from "./fit.ts";

/** Updates a block of the two trial runs that tell what an update costs, and what is spent besides. */
const TRIALS = [30, 150] as const;

/** `fit` fits with the settings it is given; the answer is the settings whose updates a block fill the budget. */
export async function withinBudget(
  fit: (settings: Settings) => Promise<Fit>,
  settings: Settings,
  cpuSeconds: number,
): Promise<Settings> {
  const trials: Fit[] = [];
  for (const updates of TRIALS) trials.push(await fit({ ...settings, updates, retries: 0 }));
  // A trial's blocks share their updates, so what one costs is told by all of them.
  const [few, many] = trials;
  const each = (many.cpuSeconds - few.cpuSeconds) / (many.updates - few.updates);
  const besides = Math.max(0, few.cpuSeconds - few.updates * each);
  const blocks = Math.max(1, many.blocks.length);
  return { ...settings, updates: Math.max(1, Math.floor((cpuSeconds - besides) / each / blocks)) };
}
