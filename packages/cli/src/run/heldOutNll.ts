/** Held-out likelihoods in training, in the units of the user's rows. */
import type { Event } from "jkoflow";
import type { ShownEvent } from "../progress/eventLine.ts";
import type { RunProblem } from "./problem.ts";

/** Makes a held-out energy E[|z|^2 / 2 - logDet] an NLL in the user's units. */
type ToNll = (energy: number) => number;

/** Names of held-out energies, and of the likelihoods that they become. */
const LIKELIHOODS = { score: "validationNll", scoreBefore: "nllBefore" } as const;

/**
 * Adds likelihoods to the events of a training: the first says what makes an energy an NLL of encoded rows; what these lack is
 * known here.
 */
export function createTranslator({ weights }: Pick<RunProblem, "weights">): (event: Event) => ShownEvent {
  let toNll: ToNll | undefined;
  const weight = weights.validation === undefined ? 0 : mean(weights.validation);
  return ({ type, place, values }) => {
    const { energyToNll } = values;
    if (type === "start" && typeof energyToNll === "number") toNll = (energy) => energy + (energyToNll - weight);
    const found = Object.entries(LIKELIHOODS).flatMap(([name, nll]) =>
      toNll && typeof values[name] === "number" ? [[nll, toNll(values[name])] as const] : [],
    );
    return { type, place, values: { ...values, ...Object.fromEntries(found) } };
  };
}

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
