/**
 * Pinwheel: five Gaussian arms, each sheared around the origin by an angle that grows along it.
 *
 * Source: M. Johnson et al., "Composing graphical models with neural networks", NeurIPS 2016, arXiv:1603.06277; numbers
 * of FFJORD (arXiv:1810.01367). With f ~ N((1, 0), diag(0.3, 0.1)^2) and a(f) = 2 pi k / 5 + exp(f0) / 4 for class k:
 *   z = 2 R(-a(f)) f.
 * Entropy 2.318 nats.
 */
import { cosTurns, exp, fold, integers, sinTurns } from "../../random/index.ts";
import { sampleNoise } from "./mixture.ts";
import type { Toy } from "./toy.ts";

const CLASSES = 5;
const RADIAL = 0.3;
const TANGENTIAL = 0.1;
const RATE = 0.25;
const SCALE = 2;
/** f0 further out than this many of its standard deviations does not occur. */
const REACH = 8;
/** Steps of the search for roots; the angle turns by less than 0.2 within one. */
const STEPS = 60;

export const pinwheel: Toy = {
  name: "pinwheel",
  title: "Pinwheel",
  dimension: 2,
  sample(key, n) {
    const classes = integers(fold(key, "class"), n, 0, CLASSES);
    const noise = sampleNoise(key, n);
    const points = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) {
      const f0 = 1 + RADIAL * noise[2 * i];
      const f1 = TANGENTIAL * noise[2 * i + 1];
      const turns = classes[i] / CLASSES + (RATE * exp(f0)) / (2 * Math.PI);
      const c = cosTurns(turns);
      const s = sinTurns(turns);
      points[2 * i] = SCALE * (f0 * c + f1 * s);
      points[2 * i + 1] = SCALE * (-f0 * s + f1 * c);
    }
    return points;
  },
  /**
   * The sum over classes, and over all f that lead to the point, of N(f) / |det dz/df|. f0 solves
   * f0 = x cos a(f0) - y sin a(f0), then f1 = x sin a + y cos a; det dz/df = 4 (1 + f1 exp(f0) / 4).
   */
  logDensity(x, y) {
    const u = x / SCALE;
    const v = y / SCALE;
    const radius = Math.hypot(u, v);
    const low = Math.max(-radius, 1 - REACH * RADIAL);
    const high = Math.min(radius, 1 + REACH * RADIAL);
    if (!(low < high)) return Number.NEGATIVE_INFINITY;
    let density = 0;
    for (let k = 0; k < CLASSES; k++) {
      const angle = (f0: number): number => (2 * Math.PI * k) / CLASSES + RATE * Math.exp(f0);
      const excess = (f0: number): number => u * Math.cos(angle(f0)) - v * Math.sin(angle(f0)) - f0;
      let before = excess(low);
      for (let step = 1; step <= STEPS; step++) {
        const from = low + ((high - low) * (step - 1)) / STEPS;
        const to = low + ((high - low) * step) / STEPS;
        const after = excess(to);
        if (before >= 0 !== after >= 0) {
          const f0 = bisect(excess, from, to);
          const f1 = u * Math.sin(angle(f0)) + v * Math.cos(angle(f0));
          density += gaussian(f0, f1) / Math.abs(1 + f1 * RATE * Math.exp(f0));
        }
        before = after;
      }
    }
    return Math.log(density / (CLASSES * SCALE * SCALE));
  },
};

function gaussian(f0: number, f1: number): number {
  const a = (f0 - 1) / RADIAL;
  const b = f1 / TANGENTIAL;
  return Math.exp(-0.5 * (a * a + b * b)) / (2 * Math.PI * RADIAL * TANGENTIAL);
}

/** The root between two points where the sign changes. */
function bisect(excess: (f0: number) => number, low: number, high: number): number {
  const sign = excess(low) >= 0;
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2;
    if (excess(middle) >= 0 === sign) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
