/**
 * Curves with Gaussian noise: p(z) = integral of w(t) N(z; c(t), sd^2 I) dt over t in [0, 1], with weight w. The
 * integral is taken by the trapezoidal rule on closed curves, where it converges faster than any power, and by
 * Gauss-Legendre panels on open ones; steps are shorter than the noise, so relative errors stay below 1e-6.
 */
import { fold, type Key, uniform } from "../../random/index.ts";
import { createMixtureDensity, type Mixture, sampleNoise } from "./mixture.ts";
import type { Toy } from "./toy.ts";

export interface NoisyCurve {
  readonly name: string;
  readonly title: string;
  readonly kind: "open" | "closed";
  /** The curve has several branches of equal weight; a sample takes branch floor(u * branches). */
  readonly branches: number;
  /** The point of a branch at t in [0, 1], written to `out`. */
  readonly point: (branch: number, t: number, out: Float64Array) => void;
  /** The t of a uniform number; t = u when absent. Then `weight` is its density, else 1. */
  readonly parameter?: (u: number) => number;
  readonly weight?: (t: number) => number;
  readonly sd: number;
  /** The largest length of a branch that passes while t grows by 1. */
  readonly speed: number;
}

export function createCurveToy(curve: NoisyCurve): Toy {
  let density: ((x: number, y: number) => number) | undefined; // made when first needed
  return {
    name: curve.name,
    title: curve.title,
    dimension: 2,
    sample: (key, n) => sampleCurve(curve, key, n),
    logDensity: (x, y) => {
      density ??= createMixtureDensity(curveNodes(curve));
      return density(x, y);
    },
  };
}

function sampleCurve(curve: NoisyCurve, key: Key, n: number): Float32Array {
  const where = uniform(fold(key, "curve"), n);
  const branch = uniform(fold(key, "branch"), n);
  const noise = sampleNoise(key, n);
  const out = new Float64Array(2);
  const points = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const t = curve.parameter === undefined ? where[i] : curve.parameter(where[i]);
    curve.point(Math.floor(branch[i] * curve.branches), t, out);
    points[2 * i] = out[0] + curve.sd * noise[2 * i];
    points[2 * i + 1] = out[1] + curve.sd * noise[2 * i + 1];
  }
  return points;
}

/** Six-point Gauss-Legendre rule on [-1, 1] (Abramowitz and Stegun, table 25.4). */
const NODES = [
  -0.932469514203152, -0.661209386466265, -0.238619186083197, 0.238619186083197, 0.661209386466265, 0.932469514203152,
];
const WEIGHTS = [
  0.17132449237917, 0.360761573048139, 0.467913934572691, 0.467913934572691, 0.360761573048139, 0.17132449237917,
];

/** Centres and weights of a quadrature along the curve, branch after branch. */
export function curveNodes(curve: NoisyCurve): Mixture {
  const centres: number[] = [];
  const weights: number[] = [];
  const out = new Float64Array(2);
  const add = (branch: number, t: number, weight: number): void => {
    curve.point(branch, t, out);
    centres.push(out[0], out[1]);
    weights.push(weight * (curve.weight?.(t) ?? 1));
  };
  for (let branch = 0; branch < curve.branches; branch++) {
    if (curve.kind === "closed") {
      const count = Math.ceil(curve.speed / (0.6 * curve.sd)); // error exp(-2 (pi / 0.6)^2) = 1e-24
      for (let j = 0; j < count; j++) add(branch, j / count, 1 / count);
    } else {
      const panels = Math.ceil(curve.speed / (1.5 * curve.sd));
      for (let panel = 0; panel < panels; panel++) {
        NODES.forEach((node, j) => {
          add(branch, (panel + (node + 1) / 2) / panels, WEIGHTS[j] / (2 * panels));
        });
      }
    }
  }
  return { centres: Float64Array.from(centres), weights: Float64Array.from(weights), sdX: curve.sd, sdY: curve.sd };
}
