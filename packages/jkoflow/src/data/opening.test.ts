import { describe, expect, it } from "vitest";
import { createKey, normal, uniform } from "../random/index.ts";
import { createOpening, fitOpening } from "./opening.ts";

const N = 4000;
const [D, C] = [2, 3];
/** x = mean of the level + A noise: three levels, one covariate each. */
const MEANS = [
  [0, 0],
  [2, -1],
  [-1, 3],
];
const A = [
  [0.5, 0],
  [0.3, 0.2],
];
function rows(seed: string, n: number) {
  const noise = normal(createKey(seed), 2 * n);
  const u = uniform(createKey(`${seed} levels`), n);
  const level = Array.from(u, (x) => (x < 0.5 ? 0 : x < 0.8 ? 1 : 2));
  const x = Float32Array.from({ length: D * n }, (_, at) => {
    const [i, j] = [at >> 1, at & 1];
    return MEANS[level[i]][j] + A[j][0] * noise[2 * i] + A[j][1] * noise[2 * i + 1];
  });
  const y = Float32Array.from({ length: C * n }, (_, at) => (level[Math.floor(at / C)] === at % C ? 1 : 0));
  return { x, y };
}
const train = rows("train", N);
const heldOut = rows("held out", 500);
const state = fitOpening(train, heldOut, D, C);
const opening = createOpening(state);

describe("opening", () => {
  it("makes rows of each level standard normal, to the errors of their number", () => {
    const { x, y } = rows("fresh", 20_000);
    const z = opening.forward(x, y);
    for (let level = 0; level < C; level++) {
      const own = Array.from({ length: 20_000 }, (_, i) => i).filter((i) => y[i * C + level] === 1);
      for (let j = 0; j < D; j++) {
        const mean = own.reduce((sum, i) => sum + z[i * D + j], 0) / own.length;
        const square = own.reduce((sum, i) => sum + z[i * D + j] ** 2, 0) / own.length;
        // The rarest level has 800 training rows: a standard error of 0.035 for its mean.
        expect(Math.abs(mean)).toBeLessThan(0.14);
        expect(Math.abs(square - 1)).toBeLessThan(0.15);
      }
    }
  });

  it("has the log-determinant of the true map, -ln |det A|", () => {
    // ln det of the sample covariance of 4,000 rows: standard error sqrt(2 d / n) / 2 = 0.016.
    expect(Math.abs(opening.logDet + Math.log(0.5 * 0.2))).toBeLessThan(0.06);
  });

  it("is inverted", () => {
    const back = opening.inverse(opening.forward(heldOut.x, heldOut.y), heldOut.y);
    back.forEach((value, at) => {
      expect(Math.abs(value - heldOut.x[at])).toBeLessThan(2e-6 * (1 + Math.abs(heldOut.x[at])));
    });
  });

  it("does without the regression where held-out rows do not follow it", () => {
    const noise = normal(createKey("few"), 2 * 30);
    const few = {
      x: noise,
      y: Float32Array.from({ length: C * 30 }, (_, at) => (Math.floor(at / C) % C === at % C ? 1 : 0)),
    };
    const other = { x: noise.map((value) => -value), y: few.y };
    const { slopes } = fitOpening(few, other, D, C);
    // Opposite means: none, or a ridge that leaves hardly any.
    expect(Math.max(...slopes.map(Math.abs))).toBeLessThan(0.05);
  });
});
