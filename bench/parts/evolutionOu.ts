/** Ornstein-Uhlenbeck: targets whose flow and scheme are known in closed form. */
import { readFileSync } from "node:fs";
import { normalDistribution, standardNormal } from "../../packages/jkoflow/src/distributions/index.ts";
import {
  type GaussianState,
  gaussianFlowAt,
  gaussianJkoAt,
  gaussianSymKl,
} from "../../packages/jkoflow/src/evaluate/gaussianFlow.ts";
import { functionOf } from "../../packages/jkoflow/src/evaluate/symmetric.ts";
import { kl } from "../../packages/jkoflow/src/functionals/index.ts";
import { randomGaussian } from "../../packages/jkoflow/src/problems/randomGaussian.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import { type EvolutionTest, inversionError, namesOf, openEvolved, symKlTo } from "./evolutionJudge.ts";

/** mean [d] and covariance [d, d] of 15 targets for each d: made as the publication's released code does, by its seeds. */
type OuTargets = Readonly<Record<string, readonly { readonly mean: number[]; readonly covariance: number[] }[]>>;
const ouTargets = JSON.parse(readFileSync(new URL("./ouTargets.json", import.meta.url), "utf8")) as OuTargets;

const OU_STEP = 0.05;
/** Targets by a key that are run. */
const KEYED = 2;

/** Beyond the published dimensions: targets made the same way, by a key. */
export const ouOfKey = (d: number): EvolutionTest =>
  ou(d, undefined, (number) => randomGaussian(fold(createKey("ou"), number), d));

export function ou(
  d: number,
  published: EvolutionTest["published"],
  targetOf = (number: number): GaussianState => {
    const { mean, covariance } = ouTargets[d][number];
    return { mean: Float64Array.from(mean), covariance: Float64Array.from(covariance) };
  },
): EvolutionTest {
  return {
    of: "targets",
    targets: ouTargets[d]?.length ?? KEYED,
    ...(published ? { published } : {}),
    problem: (number) => {
      const { mean, covariance } = targetOf(number);
      return {
        title: `Ornstein-Uhlenbeck, d = ${d}, target ${number}`,
        dimension: d,
        columns: namesOf(d),
        start: standardNormal(d),
        functional: kl(normalDistribution(mean, covariance)),
        time: 0.9,
        step: OU_STEP,
      };
    },
    judge: (trained, number) => {
      const { mean, covariance } = targetOf(number);
      const target = { mean, precision: functionOf(covariance, d, (v) => 1 / v) };
      const from = { mean: new Float64Array(d), covariance: standardNormal(d).covariance };
      const flow = openEvolved(trained);
      const figures = [0.5, 0.9].flatMap((t) => {
        const step = Math.round(t / OU_STEP);
        const [truth, scheme] = [gaussianFlowAt(from, target, t), gaussianJkoAt(from, target, OU_STEP, step)];
        const [toTruth, toScheme] = [truth, scheme].map((state) =>
          symKlTo(flow, step, normalDistribution(state.mean, state.covariance), number),
        );
        return [
          [`symKl${t}`, toTruth.value],
          [`symKlError${t}`, toTruth.error],
          [`floor${t}`, gaussianSymKl(truth, scheme)],
          [`toScheme${t}`, toScheme.value],
        ];
      });
      return { ...Object.fromEntries(figures), inversionError: inversionError(flow) };
    },
  };
}
