/** How systems without a step size of their own train, as their shared settings say. */
import type { GrowthSettings } from "../jko/index.ts";
import { acceptance, type Effort, type SettingsOf, schedule, standardization, training } from "../settings/index.ts";

const shared = { ...standardization, ...training, ...schedule, acceptance };
export type TrainingSettings = SettingsOf<typeof shared>;

/** Normal settings for another effort: less training and no second try, or `longer` training. */
export function withEffort<S extends TrainingSettings>(
  normal: S,
  effort: Effort = "normal",
  longer: Partial<NoInfer<S>>,
): S {
  if (effort === "best") return { ...normal, ...longer };
  if (effort === "normal") return normal;
  const { updates, evaluateEvery } = normal;
  return { ...normal, updates: Math.ceil(updates / 3), evaluateEvery: Math.ceil(evaluateEvery / 2), retries: 0 };
}

/** Four times as many updates, the rate halved: a whole rate now and then ends in likelihood of the grid. */
export const longTraining = ({ updates, patience, learningRate }: TrainingSettings): Partial<TrainingSettings> => ({
  updates: 4 * updates,
  patience: 4 * patience,
  learningRate: learningRate / 2,
  averaging: 0.99,
});

/** Divisions of the rate, as in OT-Flow's code and in FFJORD's. */
const plateaus = {
  plateau: { drops: 3, counts: "anew" },
  staircase: { drops: 2, counts: "on" },
} as const;

/** How blocks are trained that have no step size of their own: the part of a growth that these settings fix. */
export function trainingGrowth(settings: TrainingSettings): Omit<GrowthSettings, "largestBlocks" | "outputScale"> {
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
