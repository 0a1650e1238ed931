/** Mixtures of Gaussians, beside the flow itself by finite volumes. */
import { readFileSync } from "node:fs";
import { equalMixture } from "../../packages/jkoflow/src/distributions/index.ts";
import { planeFlowAt } from "../../packages/jkoflow/src/evaluate/planeFlow.ts";
import { kl } from "../../packages/jkoflow/src/functionals/index.ts";
import { type EvolutionTest, lastOf, namesOf, openEvolved, risesOf, roundNormal, symKlTo } from "./evolutionJudge.ts";

/** Five equal unit Gaussians in the plane, centres of the five targets of the publication's released code, by its seeds: [5][5][2]. */
const mixtureTargets = JSON.parse(
  readFileSync(new URL("./mixtureTargets.json", import.meta.url), "utf8"),
) as number[][][];
/** SymKL at t = 4 in the released result files, KL of both directions added: the publication's, and of 50,000 particles with KDE. */
const mixturePublished = [0.1028, 0.0144, 0.1193, 0.0558, 0.0152];
const mixtureParticles = [0.1263, 0.0474, 0.112, 0.0664, 0.0351];

/**
 * KL to them from N(0, 16 I), judged at the publication's time and at twice that, when the flow itself is near to its end; by
 * steps twice as long, which own targets were followed better with.
 */
export const mixture: EvolutionTest = (() => {
  const targetOf = (number: number) => equalMixture(mixtureTargets[number], 1);
  const [times, step] = [[4, 8], 0.2];
  return {
    of: "seeds",
    cases: [0, 1, 2, 3, 4],
    settings: { learningRate: 2e-3 },
    problem: (number) => ({
      title: "five Gaussians in the plane",
      dimension: 2,
      columns: namesOf(2),
      start: roundNormal(2, 4),
      functional: kl(targetOf(number)),
      time: Math.max(...times),
      step,
    }),
    judge: (trained, number) => {
      const flow = openEvolved(trained);
      const figures = times.flatMap((time) => {
        const target = targetOf(number);
        const { value, error } = symKlTo(flow, Math.round(time / step), target, number);
        // The flow itself: what no training of small steps gets below.
        const exact = planeFlowAt(roundNormal(2, 4), target, { radius: 16, cells: 128 }, time, 20 * time);
        return [
          [`symKl${time}`, value],
          [`symKlError${time}`, error],
          [`flowSymKl${time}`, exact.symKl],
        ];
      });
      const [published, particles] = [mixturePublished[number], mixtureParticles[number]];
      return {
        ...lastOf(trained),
        ...Object.fromEntries(figures),
        published4: published,
        particles4: particles,
        rises: risesOf(trained),
      };
    },
    expected: "flowSymKl: the flow itself, by finite volumes; published4 and particles4: the same target at t = 4",
  };
})();
