/**
 * A mixture of Gaussians: log p(x) = log sum_k w_k N(x; m_k, S_k).
 *
 * The sum is taken two by two, log(e^a + e^b) = b + softplus(a - b), which neither over- nor underflows, in the graph as on
 * the host.
 */
import { cameOf } from "../errors/came.ts";
import { InputError } from "../errors/index.ts";
import { add, affine, softplus, sub } from "../graph/index.ts";
import { categorical, exp, fold, log, log1p, normal } from "../random/index.ts";
import type { Distribution } from "./distribution.ts";
import { factorCovariance } from "./matrix.ts";
import { type Normal, normalDistribution } from "./normal.ts";

/** A mixture and its parameters. */
export interface GaussianMixture extends Distribution {
  /** Sum 1. */
  readonly weights: readonly number[];
  readonly components: readonly Normal[];
  readonly sample: NonNullable<Distribution["sample"]>;
  readonly stratified: NonNullable<Distribution["stratified"]>;
  readonly logZ: 0;
}

/**
 * Weights are divided by their sum.
 * @throws InputError for weights that are not above 0, and for components that are none or differ in dimension.
 *
 * @example
 * ```ts
 * import { createKey } from "jkoflow";
 * import { gaussianMixture, normalDistribution, standardNormal } from "jkoflow/distributions";
 *
 * const narrow = normalDistribution([3], Float64Array.of(0.25));
 * const mixture = gaussianMixture([0.25, 0.75], [standardNormal(1), narrow]);
 * console.log(mixture.logDensityAt([3]).toFixed(3), mixture.sample(createKey(0), 4).length); // -0.512 4
 * ```
 */
export function gaussianMixture(weights: readonly number[], components: readonly Normal[]): GaussianMixture {
  const fail = (place: string, came: string, expected: string): never => {
    throw new InputError({ where: "mixture", place, came, expected });
  };
  if (components.length === 0) fail("components", "none", "at least one");
  if (weights.length !== components.length) fail("weights", `${weights.length}`, `${components.length}, one each`);
  weights.forEach((w, k) => {
    if (!(Number.isFinite(w) && w > 0)) fail(`weight ${k}`, cameOf(w), "a number above 0");
  });
  const d = components[0].dimension;
  const other = components.find(({ dimension }) => dimension !== d);
  if (other) fail("components", `dimensions ${d} and ${other.dimension}`, "one dimension");
  const total = weights.reduce((a, b) => a + b, 0);
  const shares = weights.map((w) => w / total);
  const logShares = shares.map(log);
  const factors = components.map(({ covariance }) => factorCovariance(covariance, d, "covariance"));
  return {
    title: `a mixture of ${components.length} Gaussians in ${d} dimension${d === 1 ? "" : "s"}`,
    dimension: d,
    weights: shares,
    components,
    logZ: 0,
    moments: momentsOf(shares, components),
    logDensity: (x) =>
      components
        .map((component, k) => affine(component.logDensity(x), 1, logShares[k]))
        .reduce((sum, next) => add(next, softplus(sub(sum, next)))),
    logDensityAt: (row) =>
      components
        .map((component, k) => component.logDensityAt(row) + logShares[k])
        .reduce((a, b) => Math.max(a, b) + log1p(exp(-Math.abs(a - b)))),
    sample: (key, n) => {
      const which = categorical(fold(key, "component"), n, shares);
      const z = normal(fold(key, "within"), n * d);
      const rows = new Float32Array(n * d);
      for (let r = 0; r < n; r++) {
        const { mean } = components[which[r]];
        const lower = factors[which[r]];
        for (let i = 0; i < d; i++) {
          let x = mean[i];
          for (let j = 0; j <= i; j++) x += lower[i * d + j] * z[r * d + j];
          rows[r * d + i] = x;
        }
      }
      return rows;
    },
    stratified: (key, n) => {
      const rows = new Float64Array(n * d);
      let [first, share] = [0, 0];
      components.forEach((component, k) => {
        share += shares[k];
        const next = k === components.length - 1 ? n : Math.round(share * n);
        rows.set(component.stratified(fold(key, "component", k), next - first), first * d);
        first = next;
      });
      return rows;
    },
  };
}

/** m = sum_k w_k m_k, S = sum_k w_k (S_k + (m_k - m) (m_k - m)^T) */
function momentsOf(shares: readonly number[], components: readonly Normal[]): NonNullable<Distribution["moments"]> {
  const d = components[0].dimension;
  const mean = new Float64Array(d);
  components.forEach((component, k) => {
    for (let i = 0; i < d; i++) mean[i] += shares[k] * component.mean[i];
  });
  const covariance = new Float64Array(d * d);
  components.forEach((component, k) => {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        const away = (component.mean[i] - mean[i]) * (component.mean[j] - mean[j]);
        covariance[i * d + j] += shares[k] * (component.covariance[i * d + j] + away);
      }
    }
  });
  return { mean, covariance };
}

/**
 * Gaussians of one variance at the given centres, of equal weight.
 *
 * @example
 * ```ts
 * import { equalMixture } from "jkoflow/distributions";
 *
 * const two = equalMixture([[-1, 0], [1, 0]], 0.25);
 * console.log(two.weights, two.logDensityAt([1, 0]).toFixed(3)); // [ 0.5, 0.5 ] -1.144
 * ```
 */
export const equalMixture = (centres: readonly (readonly number[])[], variance: number): GaussianMixture =>
  gaussianMixture(
    centres.map(() => 1),
    centres.map((centre) =>
      normalDistribution(
        centre,
        Float64Array.from({ length: centre.length ** 2 }, (_, at) => (at % (centre.length + 1) === 0 ? variance : 0)),
      ),
    ),
  );
