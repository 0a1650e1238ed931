/** A convex potential with fixed weights in float64, one row at a time: gradient and Hessian by the closed forms of convexPotential.ts. */
import { exp } from "../random/index.ts";
import { type ConvexConfig, convexSize } from "./convexPotential.ts";

/** Evaluates a potential at rows of d numbers. */
export interface HostConvex {
  /** grad u into `gradient` [d], H u into `hessian` [d, d] on and below its diagonal, where it is given. */
  at(x: ArrayLike<number>, gradient: Float64Array, hessian?: Float64Array): void;
}

/** The network of these weights outside of an engine. */
export function openConvex(config: ConvexConfig, weights: ArrayLike<number>): HostConvex {
  const { dimension: d, width, rank, convexity } = config;
  if (weights.length !== convexSize(config))
    throw new Error(`${weights.length} weights for a potential of ${convexSize(config)}`);
  let place = 0;
  const next = (count: number): number => {
    place += count;
    return place - count;
  };
  const [A, a] = [next(d * d), next(d)];
  const layer = () => ({ squares: next(rank * d * width), slopes: next(d * width), bias: next(width) });
  const [one, two] = [layer(), layer()];
  const [C, c] = [next(width * width), next(width)];

  /** Entry (k, m) of unit i in 2 sum_r Q_r Q_r^T. */
  const product = (from: number, k: number, m: number, i: number): number => {
    let sum = 0;
    for (let r = 0; r < rank; r++)
      sum += weights[from + (r * d + k) * width + i] * weights[from + (r * d + m) * width + i];
    return 2 * sum;
  };
  const B = new Float64Array(width * d * d); // [W, d, d]
  const l = new Float64Array(width * d); // [W, d]
  const e = new Float64Array(width);
  for (let k = 0; k < d; k++) {
    for (let m = 0; m < d; m++) {
      const opening = Float64Array.from({ length: width }, (_, i) => product(one.squares, k, m, i));
      for (let j = 0; j < width; j++) {
        let sum = product(two.squares, k, m, j);
        for (let i = 0; i < width; i++) sum += weights[C + i * width + j] * opening[i];
        B[(j * d + k) * d + m] = sum;
      }
    }
  }
  for (let j = 0; j < width; j++) {
    e[j] = weights[two.bias + j];
    for (let k = 0; k < d; k++) l[j * d + k] = weights[two.slopes + k * width + j];
    for (let i = 0; i < width; i++) {
      const factor = weights[C + i * width + j];
      e[j] += factor * weights[one.bias + i];
      for (let k = 0; k < d; k++) l[j * d + k] += factor * weights[one.slopes + k * width + i];
    }
  }
  const gram = new Float64Array(d * d); // A^T A + eps I
  for (let k = 0; k < d; k++) {
    for (let m = 0; m < d; m++) {
      let sum = k === m ? convexity : 0;
      for (let i = 0; i < d; i++) sum += weights[A + i * d + k] * weights[A + i * d + m];
      gram[k * d + m] = sum;
    }
  }
  const g = new Float64Array(d);
  return {
    at: (x, gradient, hessian) => {
      for (let k = 0; k < d; k++) {
        let sum = weights[a + k];
        for (let m = 0; m < d; m++) sum += gram[k * d + m] * x[m];
        gradient[k] = sum;
      }
      hessian?.set(gram);
      for (let j = 0; j < width; j++) {
        const cj = weights[c + j];
        if (cj === 0) continue;
        let s = e[j];
        for (let k = 0; k < d; k++) {
          let sum = 0;
          for (let m = 0; m < d; m++) sum += B[(j * d + k) * d + m] * x[m];
          g[k] = sum + l[j * d + k];
          s += (sum / 2 + l[j * d + k]) * x[k];
        }
        const open = 1 / (1 + exp(-s));
        for (let k = 0; k < d; k++) gradient[k] += cj * open * g[k];
        if (hessian === undefined) continue;
        const curved = open * (1 - open);
        for (let k = 0; k < d; k++) {
          for (let m = 0; m <= k; m++) {
            hessian[k * d + m] += cj * (open * B[(j * d + k) * d + m] + curved * g[k] * g[m]);
          }
        }
      }
    },
  };
}
