/**
 * The porous medium equation d rho / dt = Laplacian rho^2 from the profile of G. Barenblatt at t = 0.001: flow and scheme stay
 * such profiles, whose scales are known (evaluate/barenblattFlow.ts). As in D. Alvarez-Melis et al., TMLR 2022, arXiv:2106.00774,
 * section 5.1, with mass 1.
 */
import { type Barenblatt, barenblatt } from "../distributions/index.ts";
import { porousFlowAt, porousStep } from "../evaluate/barenblattFlow.ts";
import { internalEnergy } from "../functionals/index.ts";
import type { EvolutionProblem } from "../systems/index.ts";
import type { NamedProblem, Times } from "./namedProblem.ts";

const POWER = 2;
const BEGIN = 1e-3;

function porousOf(dimension: number, { time, step }: Times): EvolutionProblem {
  const medium = { dimension, m: POWER };
  const from = BEGIN ** barenblatt(dimension, POWER, 1).exponent;
  const profile = (scale: number): Barenblatt => barenblatt(dimension, POWER, scale);
  const schemeScale = (t: number, h: number): number => {
    let scale = from;
    for (let k = Math.round(t / h); k > 0; k--) scale = porousStep(medium, scale, h);
    return scale;
  };
  // The profile of one time is asked for at many rows: the last one is kept.
  let held = { time: 0, profile: profile(from) };
  const at = (t: number): Barenblatt => {
    if (held.time !== t) held = { time: t, profile: profile(porousFlowAt(medium, from, t)) };
    return held.profile;
  };
  return {
    title: "the porous medium equation",
    dimension,
    columns: Array.from({ length: dimension }, (_, k) => (dimension === 1 ? "x" : `x${k + 1}`)),
    start: profile(from),
    functional: internalEnergy(POWER, 1 / (POWER - 1)),
    time,
    step,
    exact: {
      logDensityAt: (row, t) => at(t).logDensityAt(row),
      sample: (key, n, t) => at(t).sample(key, n),
      energyAt: (t) => at(t).energy,
      schemeEnergyAt: (t, h) => profile(schemeScale(t, h)).energy,
    },
  };
}

export const porous: NamedProblem = {
  says: "the porous medium equation from a Barenblatt profile",
  oracle: "Barenblatt's profile: density and F at all times, F of the scheme",
  dimensions: [1, 12],
  times: { time: 0.01, step: 0.001 },
  make: (dimension, _, times) => porousOf(dimension, times),
};
