/**
 * FFJORD's "2spirals" (W. Grathwohl et al., ICLR 2019, arXiv:1810.01367), also OT-Flow's: with r = 3 pi sqrt(u), a random
 * sign, uniform u', u'' and Gaussian n,
 *   z = sign (-r cos r + u' / 2, r sin r + u'' / 2) / 3 + 0.1 n.
 * In other words: a point of a curve c, the middle of a box of side BOX, plus noise that is uniform over [-BOX / 2, BOX / 2] plus
 * Gaussian in each coordinate. Given r and the sign the coordinates are independent, so that
 *   p(x, y) = mean over signs of the integral of g(x - c_x) g(y - c_y) 2t dt, r = 3 pi t, t in [0, 1],
 *   g(d) = (Phi((d + BOX / 2) / SD) - Phi((d - BOX / 2) / SD)) / BOX.
 * The integral is the quadrature of curve.ts: relative errors below 1e-6 down to ln p = -60. Entropy 2.646 nats.
 */
import { fold, uniform } from "../../random/index.ts";
import { normalCdf } from "../normalQuantile.ts";
import { curveNodes, type NoisyCurve } from "./curve.ts";
import { spiralCurve } from "./curves.ts";
import { sampleNoise } from "./mixture.ts";
import type { Toy } from "./toy.ts";

const BOX = 0.5 / 3;
const SD = spiralCurve.sd;
/** Where Phi leaves too few digits to a difference: from so many sd on the continued fraction takes over. */
const TAIL = 3;
/** Levels of the continued fraction: relative error below 1e-10 from TAIL on. */
const LEVELS = 25;
/** Nodes whose share is below exp(-25) of the nearest one's: all together change ln p by less than 1e-7. */
const NEGLIGIBLE = 25;
const LOG_BOX = Math.log(BOX);
const LOG_ROOT_2_PI = 0.5 * Math.log(2 * Math.PI);

/** The middles of the boxes. */
const curve: NoisyCurve = {
  ...spiralCurve,
  point: (branch, t, out) => {
    spiralCurve.point(0, t, out);
    const sign = branch === 0 ? 1 : -1;
    out[0] = sign * (out[0] + BOX / 2);
    out[1] = sign * (out[1] + BOX / 2);
  },
};

let density: ((x: number, y: number) => number) | undefined; // made when first needed

export const twoSpirals: Toy = {
  name: "twoSpirals",
  title: "Two spirals with uniform noise",
  dimension: 2,
  sample(key, n) {
    const where = uniform(fold(key, "curve"), n);
    const branch = uniform(fold(key, "branch"), n);
    const box = uniform(fold(key, "box"), 2 * n);
    const noise = sampleNoise(key, n);
    const out = new Float64Array(2);
    const points = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) {
      curve.point(Math.floor(2 * branch[i]), Math.sqrt(where[i]), out);
      for (const at of [2 * i, 2 * i + 1]) points[at] = out[at & 1] + BOX * (box[at] - 0.5) + SD * noise[at];
    }
    return points;
  },
  logDensity(x, y) {
    density ??= createDensity();
    return density(x, y);
  },
};

function createDensity(): (x: number, y: number) => number {
  const { centres, weights } = curveNodes(curve); // the weights of a branch sum to 1
  const bounds = new Float64Array(weights.length);
  return (x, y) => {
    // Q(a) <= exp(-a^2 / 2): a node's share is below that of its distance beyond the box, over BOX^2.
    let nearest = 0;
    for (let j = 0; j < bounds.length; j++) {
      const a = Math.max(0, beyond(x - centres[2 * j]));
      const b = Math.max(0, beyond(y - centres[2 * j + 1]));
      bounds[j] = -0.5 * (a * a + b * b);
      if (bounds[j] > bounds[nearest]) nearest = j;
    }
    const share = (j: number): number => logNoisyBox(x - centres[2 * j]) + logNoisyBox(y - centres[2 * j + 1]);
    const reference = share(nearest);
    const least = reference + 2 * LOG_BOX - NEGLIGIBLE;
    let sum = 0;
    for (let j = 0; j < bounds.length; j++) {
      if (bounds[j] > least) sum += weights[j] * Math.exp(share(j) - reference);
    }
    return reference + Math.log(sum / 2);
  };
}

/** By how many sd d lies beyond an end of the box; negative within. */
const beyond = (d: number): number => (Math.abs(d) - BOX / 2) / SD;

/** ln g(d), finite however far outside. */
function logNoisyBox(d: number): number {
  const a = beyond(d);
  const b = a + BOX / SD;
  if (a < TAIL) return Math.log(normalCdf(-a) - normalCdf(-b)) - LOG_BOX;
  // Q(a) - Q(b) with Q(z) = phi(z) mills(z), and phi(a) taken out
  const rest = millsRatio(a) - millsRatio(b) * Math.exp(0.5 * (a - b) * (a + b));
  return Math.log(rest) - 0.5 * a * a - LOG_ROOT_2_PI - LOG_BOX;
}

/** Q(z) / phi(z) = 1 / (z + 1 / (z + 2 / (z + ...))) (Abramowitz and Stegun 26.2.14). */
function millsRatio(z: number): number {
  let value = z;
  for (let level = LEVELS; level > 0; level--) value = z + level / value;
  return 1 / value;
}
