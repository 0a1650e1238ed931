/** Problems with known solutions for the benchmark of evolutions: how each is judged, and what it should come to. */
import { readFileSync } from "node:fs";
import {
  type Distribution,
  normalDistribution,
  standardNormal,
} from "../../packages/jkoflow/src/distributions/index.ts";
import {
  type GaussianState,
  gaussianFlowAt,
  gaussianJkoAt,
  gaussianSymKl,
} from "../../packages/jkoflow/src/evaluate/gaussianFlow.ts";
import { type LogDensities, symKl } from "../../packages/jkoflow/src/evaluate/symKl.ts";
import { functionOf } from "../../packages/jkoflow/src/evaluate/symmetric.ts";
import { kl } from "../../packages/jkoflow/src/functionals/index.ts";
import { type GradientConfig, gradientMap, type MapFlow, openMapFlow } from "../../packages/jkoflow/src/maps/index.ts";
import { createKey, fold } from "../../packages/jkoflow/src/random/index.ts";
import type { EvolutionProblem, Evolved, Settings } from "../../packages/jkoflow/src/systems/index.ts";

export type Figures = Readonly<Record<string, number>>;

export interface Trained {
  readonly problem: EvolutionProblem;
  readonly evolved: Evolved<GradientConfig>;
  readonly cpuSeconds: number;
}

export interface EvolutionTest {
  /** Cases: random targets with one seed, or seeds of one problem. */
  readonly of: "targets" | "seeds";
  problem(number: number): EvolutionProblem;
  judge(trained: Trained, number: number): Figures;
  /** In place of defaults. */
  readonly settings?: Settings;
  readonly published?: Readonly<Record<string, string>>;
  /** In words. */
  readonly expected?: string;
}

/** Rows of each density. */
const ROWS = 2048;

export const openEvolved = ({ evolved }: Trained): MapFlow =>
  openMapFlow(
    evolved.start,
    evolved.maps.map((weights) => gradientMap.open!(evolved.map, weights)),
  );

const logsOf = (p: Distribution, x: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: x.length / p.dimension }, (_, i) =>
    p.logDensityAt(Array.from({ length: p.dimension }, (_, k) => x[i * p.dimension + k])),
  );

/** SymKL of the flow after `step` maps to a density with samples. */
export function symKlTo(flow: MapFlow, step: number, p: Distribution, seed: number): { value: number; error: number } {
  const key = fold(createKey("judge"), seed);
  const ours = flow.sample(fold(key, "flow"), ROWS, step);
  const theirs = p.sample!(fold(key, "exact"), ROWS);
  const [here, there]: LogDensities[] = [
    { p: ours.logDensity, q: logsOf(p, ours.x) },
    { p: flow.logDensity(theirs, step), q: logsOf(p, theirs) },
  ];
  return symKl(here, there);
}

/** The largest |T(T^-1 y) - y| over rows of the end. */
export function inversionError(flow: MapFlow, trained: Trained): number {
  const rows = flow.sample(createKey("inverse"), 1000, flow.steps).x;
  const back = flow.invert(rows, flow.steps);
  const d = flow.dimension;
  const maps = trained.evolved.maps.map((weights) => gradientMap.open!(trained.evolved.map, weights));
  let worst = 0;
  for (let r = 0; r < rows.length / d; r++) {
    let x = back.slice(r * d, (r + 1) * d);
    for (const map of maps) {
      const y = new Float64Array(d);
      map.push(x, y);
      x = y;
    }
    worst = Math.max(worst, Math.hypot(...x.map((v, k) => v - rows[r * d + k])));
  }
  return worst;
}

/** mean [d] and covariance [d, d] of 15 targets for each d: made as the publication's released code does, by its seeds. */
type OuTargets = Readonly<Record<string, readonly { readonly mean: number[]; readonly covariance: number[] }[]>>;
const ouTargets = JSON.parse(readFileSync(new URL("./ouTargets.json", import.meta.url), "utf8")) as OuTargets;

const OU_STEP = 0.05;

function ou(d: number, published: EvolutionTest["published"]): EvolutionTest {
  const targetOf = (number: number): GaussianState => {
    const { mean, covariance } = ouTargets[d][number];
    return { mean: Float64Array.from(mean), covariance: Float64Array.from(covariance) };
  };
  return {
    of: "targets",
    ...(published ? { published } : {}),
    problem: (number) => {
      const { mean, covariance } = targetOf(number);
      return {
        title: `Ornstein-Uhlenbeck, d = ${d}, target ${number}`,
        dimension: d,
        columns: Array.from({ length: d }, (_, k) => `x${k + 1}`),
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
      return { ...Object.fromEntries(figures), inversionError: inversionError(flow, trained) };
    },
  };
}

export const tests: Readonly<Record<string, EvolutionTest>> = {
  ou2: ou(2, { "median0.5": ".0027", "median0.9": ".0041", "particles0.5": ".0066" }),
  ou4: ou(4, { "median0.5": ".0081", "median0.9": ".0083", "particles0.5": ".104" }),
  ou6: ou(6, { "median0.5": ".0176", "median0.9": ".0077", "particles0.5": ".498" }),
};
