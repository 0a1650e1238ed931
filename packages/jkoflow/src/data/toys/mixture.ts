/** Mixtures of Gaussians in the plane with one diagonal covariance: also what a noisy curve becomes under quadrature. */
import { categorical, fillNormal, fold, type Key } from "../../random/index.ts";

export interface Mixture {
  /** Centres, x then y. [m, 2] */
  readonly centres: Float64Array;
  /** Not negative; need not sum to 1. [m] */
  readonly weights: Float64Array;
  readonly sdX: number;
  readonly sdY: number;
}

export function sampleMixture(mixture: Mixture, key: Key, n: number): Float32Array {
  const { centres, weights, sdX, sdY } = mixture;
  const component = categorical(fold(key, "component"), n, weights);
  const points = sampleNoise(key, n);
  for (let i = 0; i < n; i++) {
    points[2 * i] = centres[2 * component[i]] + sdX * points[2 * i];
    points[2 * i + 1] = centres[2 * component[i] + 1] + sdY * points[2 * i + 1];
  }
  return Float32Array.from(points);
}

/** Standard normal noise. [n, 2] */
export function sampleNoise(key: Key, n: number): Float64Array {
  const noise = new Float64Array(2 * n);
  fillNormal(fold(key, "noise"), 0, noise);
  return noise;
}

/** Terms this far below the largest one do not count in float64. */
const NEGLIGIBLE = 40;

/** The log-density of a mixture; keeps work space, so one for each mixture. */
export function createMixtureDensity(mixture: Mixture): (x: number, y: number) => number {
  const { centres, weights, sdX, sdY } = mixture;
  const total = weights.reduce((sum, w) => sum + w, 0);
  const logNorm = -Math.log(2 * Math.PI * sdX * sdY * total);
  const logWeights = weights.map(Math.log);
  const terms = new Float64Array(weights.length);
  return (x, y) => {
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < terms.length; j++) {
      const dx = (x - centres[2 * j]) / sdX;
      const dy = (y - centres[2 * j + 1]) / sdY;
      const term = logWeights[j] - 0.5 * (dx * dx + dy * dy);
      terms[j] = term;
      if (term > largest) largest = term;
    }
    let sum = 0;
    for (let j = 0; j < terms.length; j++) {
      if (terms[j] > largest - NEGLIGIBLE) sum += Math.exp(terms[j] - largest);
    }
    return largest + Math.log(sum) + logNorm;
  };
}
