import { fold, uniform } from "../../random/index.ts";
import type { Toy } from "./toy.ts";

/**
 * Uniform on 8 squares of side 2 in [-4, 4]^2, those where floor(x / 2) + floor(y / 2) is even (FFJORD, W. Grathwohl et
 * al., ICLR 2019, arXiv:1810.01367). Entropy ln 32 = 3.4657 nats.
 */
export const checkerboard: Toy = {
  name: "checkerboard",
  title: "Checkerboard",
  dimension: 2,
  sample(key, n) {
    const u = uniform(fold(key, "x"), n);
    const v = uniform(fold(key, "y"), n);
    const points = new Float32Array(2 * n);
    for (let i = 0; i < n; i++) {
      const x = 4 * u[i] - 2;
      const half = 2 * v[i]; // [0, 1): the upper square, [1, 2): the lower, two below
      const y = half - (half < 1 ? 0 : 3) + (Math.floor(x) & 1);
      points[2 * i] = below(2 * x);
      points[2 * i + 1] = below(2 * y);
    }
    return points;
  },
  logDensity(x, y) {
    const inside = x >= -4 && x < 4 && y >= -4 && y < 4;
    return inside && ((Math.floor(x / 2) + Math.floor(y / 2)) & 1) === 0 ? -Math.log(32) : Number.NEGATIVE_INFINITY;
  },
};

/** Rounding to float32 may reach the open end of a square: then the float32 number below it. */
function below(value: number): number {
  const rounded = Math.fround(value);
  return rounded > value && rounded % 2 === 0 ? rounded - 2 ** -21 : rounded;
}
