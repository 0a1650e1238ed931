/** How near a flow comes to rows that are its target: energy distance to rows that nothing was fitted to, beside a mixture of Gaussians. */
import { type EvolutionProblem, fold, type Key } from "jkoflow";
import { energyDistance, fitMixture } from "jkoflow/evaluate";
import { counted, duration } from "../progress/numbers.ts";
import type { Along } from "./along.ts";
import { type Comparison, fine } from "./comparison.ts";

export interface Towards {
  /** Rows held out that distances are to. */
  readonly rows: number;
  /** Energy distance (G. Szekely, M. Rizzo 2013) without bias, in units of the columns: of this run, its start, the mixture. */
  readonly distance: number;
  readonly startDistance: number;
  readonly mixtureDistance: number;
  /** Share of permutations that are as far apart as this run and the rows: below 0.05 they are told apart. */
  readonly pValue: number;
  readonly components: number;
  /** Of fitting the mixture. */
  readonly mixtureSeconds: number;
}

/** Rows that are compared: every one with every other. */
const MOST = 1000;
const PERMUTATIONS = 100;
/** Of five rows one chooses the size of the mixture. */
const TRAINED = 0.8;
const LEVEL = 0.05;

/** Null for a functional that is none to rows. */
export async function towardsOf(
  { target, dimension: d }: EvolutionProblem,
  { points }: Along,
  key: Key,
  pause: (phase?: string) => Promise<void>,
): Promise<Towards | null> {
  if (target === undefined) return null;
  await pause("comparing with rows held out ...");
  const heldOut = target.heldOut.subarray(0, MOST * d);
  const distanceOf = (rows: ArrayLike<number>, permutations: number) =>
    energyDistance(heldOut, Float32Array.from(rows).subarray(0, MOST * d), d, fold(key, "distance"), { permutations });
  const begun = performance.now();
  const cut = d * Math.floor((TRAINED * target.rows.length) / d);
  const [train, held] = [target.rows.subarray(0, cut), target.rows.subarray(cut)];
  const mixture = fitMixture(train, held, d, fold(key, "mixture"));
  const mixtureSeconds = (performance.now() - begun) / 1000;
  await pause();
  const run = distanceOf(points[points.length - 1], PERMUTATIONS);
  return {
    rows: heldOut.length / d,
    distance: run.unbiased,
    startDistance: distanceOf(points[0], 0).unbiased,
    mixtureDistance: distanceOf(mixture.sample(fold(key, "drawn"), MOST), 0).unbiased,
    pValue: run.pValue,
    components: mixture.parts().weights.length,
    mixtureSeconds,
  };
}

const nameOf = ({ components }: Towards): string => `a mixture of ${counted(components, "Gaussian")}`;

/** The line of the mixture in the table of results. */
export const towardsLine = (towards: Towards | null): Comparison[] =>
  towards === null
    ? []
    : [
        {
          ...{ name: nameOf(towards), energy: null, symKl: null, seconds: towards.mixtureSeconds },
          says: `energy distance to ${counted(towards.rows, "row")} held out ${fine(towards.mixtureDistance)}, this run ${fine(towards.distance)}`,
        },
      ];

/** For the verdict. */
export function towardsSays(towards: Towards | null): string {
  if (towards === null) return "";
  const { rows, distance, startDistance, mixtureDistance, mixtureSeconds, pValue } = towards;
  const apart = pValue < LEVEL ? "which tells them apart" : "which does not tell them apart";
  const mixture = `${nameOf(towards)} fitted to the same rows ${fine(mixtureDistance)} in ${duration(mixtureSeconds)}`;
  const closer =
    pValue < LEVEL && mixtureDistance < distance ? `; CLOSER and cheaper here: ${mixture}` : `; ${mixture}`;
  return `. Energy distance to ${counted(rows, "row")} held out ${fine(distance)}, ${apart} at 5 %; of the start ${fine(startDistance)}${closer}`;
}
