/** Problems with known solutions for the benchmark of evolutions: how each is judged, and what it should come to. */
import { aggregationStates, parabolaState } from "../../packages/jkoflow/src/evaluate/steadyStates.ts";
import { interaction, internalEnergy, potential, sum } from "../../packages/jkoflow/src/functionals/index.ts";
import { squaredNorm } from "../../packages/jkoflow/src/graph/index.ts";
import { accuracy } from "./evolutionAccuracy.ts";
import { agree } from "./evolutionAgree.ts";
import { filtering } from "./evolutionFiltering.ts";
import { type EvolutionTest, type OwnTest, roundNormal } from "./evolutionJudge.ts";
import { mixture } from "./evolutionMixture.ts";
import { ou, ouOfKey } from "./evolutionOu.ts";
import { logKernel, porous, ringKernel, steady } from "./evolutionSteady.ts";

export const tests: Readonly<Record<string, EvolutionTest | OwnTest>> = {
  ou2: ou(2, { "median0.5": ".0027", "median0.9": ".0041", "particles0.5": ".0066" }),
  ou4: ou(4, { "median0.5": ".0081", "median0.9": ".0083", "particles0.5": ".104" }),
  ou8: ou(8, { "median0.5": ".0148", "median0.9": ".0103", "particles0.5": "1.31" }),
  ou12: ou(12, { "median0.5": ".0263", "median0.9": ".0191", "particles0.5": "3.83" }),
  ou16: ouOfKey(16),
  ou20: ouOfKey(20),
  ou6: ou(6, { "median0.5": ".0176", "median0.9": ".0077", "particles0.5": ".498" }),
  porous1: porous(1, 1e-2),
  porous3: porous(3, 5e-4),
  porous6: porous(6, 5e-4),
  fokkerPlanck: steady(
    "nonlinear Fokker-Planck, F = int rho^2 + int x^2 rho",
    {
      start: roundNormal(1, 0.2),
      functional: sum([1, internalEnergy(2)], [1, potential(squaredNorm)]),
      time: 2,
      step: 0.1,
    },
    parabolaState(1).energy,
    "F within 2e-3",
  ),
  aggregation1: steady(
    "aggregation on the line",
    { start: roundNormal(1, 2), functional: interaction(logKernel), time: 10, step: 1 },
    aggregationStates.line,
    "F within 1e-3",
    (r) => r ** 2 / 2 - Math.log(r),
  ),
  disk: steady(
    "aggregation in the plane",
    { start: roundNormal(2, 1), functional: interaction(logKernel), time: 8, step: 1 },
    aggregationStates.disk,
    "F within 1e-3, mean radius 2/3 within .01",
    (r) => r ** 2 / 2 - Math.log(r),
  ),
  ring: steady(
    "a ring in the plane",
    { start: roundNormal(2, 0.5), functional: interaction(ringKernel), time: 10, step: 1 },
    aggregationStates.ring,
    "mean radius .57735 within 1e-3",
    (r) => r ** 4 / 4 - r ** 2 / 2,
  ),
  mixture,
  filtering,
  accuracy2: accuracy(2),
  accuracy4: accuracy(4),
  accuracy6: accuracy(6),
  agreeOu2: agree("ou:2", { time: 0.5, step: 0.05 }),
  agreePorous1: agree("porous:1", {}),
  agreeMixture2: agree("mixture:2", { time: 4, step: 0.2 }, { learningRate: 2e-3 }),
};
