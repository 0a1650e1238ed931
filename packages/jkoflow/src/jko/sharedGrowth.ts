/** How blocks are trained that have no step size of their own, as the settings that such systems share say. */
import { acceptance, type SettingsOf, schedule, training } from "../settings/index.ts";
import type { GrowthSettings } from "./growth.ts";

const shared = { ...training, ...schedule, acceptance };

/** Divisions of the rate, as in OT-Flow's code and in FFJORD's. */
const plateaus = {
  plateau: { drops: 3, counts: "anew" },
  staircase: { drops: 2, counts: "on" },
} as const;

/** The part of a growth that these settings fix. */
export function sharedGrowth(
  settings: SettingsOf<typeof shared>,
): Omit<GrowthSettings, "largestBlocks" | "outputScale"> {
  const { schedule, learningRateDrop: factor, patience, clamp, averaging } = settings;
  const plateau = schedule === "cosine" ? {} : { plateau: { factor, patience, ...plateaus[schedule] } };
  const { clamp: _, averaging: __, ...step } = settings;
  return {
    stepSizes: { kind: "list", values: [Number.POSITIVE_INFINITY] },
    retries: settings.retries,
    largestGap: settings.largestGap,
    acceptance: settings.acceptance,
    movementRatio: 0,
    freeBlock: false,
    initialNoise: 0,
    step: { ...step, ...plateau, ...(clamp > 0 ? { clamp } : {}), ...(averaging > 0 ? { averaging } : {}) },
  };
}
