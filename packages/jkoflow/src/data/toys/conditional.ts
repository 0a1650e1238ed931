/** Planar distributions with an exact conditional density: given a label or a number, what is the point like? */
import { categorical, cosTurns, fold, type Key, normal, sinTurns, uniform } from "../../random/index.ts";
import type { ConditionRows } from "../condition.ts";
import { moonArcs } from "./curves.ts";

/** Points and what is given of each. */
export interface ConditionalSample {
  /** [n, 2] */
  readonly points: Float32Array;
  /** One column, `label` or `y`. */
  readonly given: ConditionRows;
}

/** A planar distribution whose conditional density is known. */
export interface ConditionalToy {
  readonly name: string;
  readonly title: string;
  sample(key: Key, n: number): ConditionalSample;
  /** ln p(x | y) in nats. `given` is a value of the given column. */
  logDensity(x: number, y: number, given: string | number): number;
}

const log2Pi = Math.log(2 * Math.PI);
const gaussian = (dx: number, dy: number, sd: number): number =>
  -0.5 * ((dx / sd) ** 2 + (dy / sd) ** 2) - log2Pi - 2 * Math.log(sd);

/** Gaussians on a circle, labelled by component, with the given weights. */
function ring(name: string, title: string, weights: readonly number[], radius: number, sd: number): ConditionalToy {
  const count = weights.length;
  const centre = (label: number): [number, number] => [
    radius * cosTurns(label / count),
    radius * sinTurns(label / count),
  ];
  return {
    name,
    title,
    sample: (key, n) => {
      const labels = categorical(fold(key, "label"), n, weights);
      const points = normal(fold(key, "noise"), 2 * n).map((z, at) => centre(labels[at >> 1])[at & 1] + sd * z);
      return { points, given: labelled(labels) };
    },
    logDensity: (x, y, given) => {
      const [a, b] = centre(Number(given));
      return gaussian(x - a, y - b, sd);
    },
  };
}

const labelled = (labels: Int32Array): ConditionRows => ({
  rows: labels.length,
  columns: [{ name: "label", kind: "category", values: Array.from(labels, String) }],
});

/** The two moons, labelled by arc. */
const moonsByArc: ConditionalToy = {
  name: "moons",
  title: "Two moons, by arc",
  sample: (key, n) => {
    const labels = categorical(fold(key, "label"), n, [1, 1]);
    const arcs = moonArcs.map((arc, k) => arc.sample(fold(key, "arc", k), n));
    const points = Float32Array.from({ length: 2 * n }, (_, at) => arcs[labels[at >> 1]][at]);
    return { points, given: labelled(labels) };
  },
  logDensity: (x, y, given) => moonArcs[Number(given)].logDensity(x, y),
};

/** Two Gaussians around one centre, of sd 1 and 0.3: no single map carries both to unit Gaussians with different means. */
const nested: ConditionalToy = {
  name: "nested",
  title: "Two Gaussians around one centre",
  sample: (key, n) => {
    const labels = categorical(fold(key, "label"), n, [1, 1]);
    const points = normal(fold(key, "noise"), 2 * n).map((z, at) => NESTED_SD[labels[at >> 1]] * z);
    return { points, given: labelled(labels) };
  },
  logDensity: (x, y, given) => gaussian(x, y, NESTED_SD[Number(given)]),
};
const NESTED_SD = [1, 0.3];

/** N((2 sin 2y, 2 cos 2y), (0.3 + 0.1 y)^2 I), y uniform in [0, 2]: mean and spread depend on a number. */
const turning: ConditionalToy = {
  name: "turning",
  title: "Gaussian on a circle, by angle",
  sample: (key, n) => {
    const values = uniform(fold(key, "y"), n).map((u) => 2 * u);
    const noise = normal(fold(key, "noise"), 2 * n);
    const points = noise.map((z, at) => turningMean(values[at >> 1])[at & 1] + turningSd(values[at >> 1]) * z);
    return { points, given: { rows: n, columns: [{ name: "y", kind: "number", values }] } };
  },
  logDensity: (x, y, given) => {
    const [a, b] = turningMean(Number(given));
    return gaussian(x - a, y - b, turningSd(Number(given)));
  },
};
const turningMean = (y: number): [number, number] => [2 * sinTurns(y / Math.PI), 2 * cosTurns(y / Math.PI)];
const turningSd = (y: number): number => 0.3 + 0.1 * y;

export type ConditionalToyName = "eightGaussians" | "unequal" | "moons" | "nested" | "turning";

/** All conditional toys by name. */
export const conditionalToys: Readonly<Record<ConditionalToyName, ConditionalToy>> = {
  eightGaussians: ring("eightGaussians", "Eight Gaussians, by component", new Array<number>(8).fill(1), 2.83, 0.354),
  unequal: ring("unequal", "Four Gaussians of 70, 20, 8 and 2 %", [0.7, 0.2, 0.08, 0.02], 2, 0.5),
  moons: moonsByArc,
  nested,
  turning,
};
