import { describe, expect, it } from "vitest";
import { createKey, fold } from "../../random/index.ts";
import { createImageToy, imageToy } from "./imageDensity.ts";
import { entropyFloor, findToy, type ToyName, toys } from "./registry.ts";
import { estimateEntropy, type Toy } from "./toy.ts";

const key = createKey("toys");

/** Entropies of samplers of the same definition in OT-Flow's code, by another implementation; nats, +-0.003. */
const SAMPLERS: Partial<Record<ToyName, number>> = {
  eightGaussians: 2.832,
  pinwheel: 2.318,
  moons: 2.394,
  swissRoll: 2.67,
  circles: 3.268,
  rings: 2.625,
  twoSpirals: 2.646,
};

/** Entropies in nats: those, and closed forms. */
const ENTROPY: Partial<Record<ToyName, number>> = {
  ...SAMPLERS,
  checkerboard: Math.log(32),
  // 25 Gaussians ten sd apart hardly overlap: ln 25 + 1 + ln(2 pi 0.2^2).
  gaussianGrid: Math.log(25) + 1 + Math.log(2 * Math.PI * 0.04),
  funnel: 1 + Math.log(2 * Math.PI) + Math.log(3),
  banana: 1 + Math.log(2 * Math.PI) + Math.log(0.75),
};

/** Integrals of p, -p ln p, x^2 p, xy p and y^2 p over [-half, half]^2 by the midpoint rule with cells of side h. */
function integrals(toy: Toy, half: number, h: number) {
  const count = Math.round((2 * half) / h);
  let [mass, entropy, xx, xy, yy] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const x = -half + (i + 0.5) * h;
    for (let j = 0; j < count; j++) {
      const y = -half + (j + 0.5) * h;
      const l = toy.logDensity(x, y);
      const p = Math.exp(l) * h * h;
      if (p === 0) continue;
      mass += p;
      entropy -= p * l;
      xx += p * x * x;
      xy += p * x * y;
      yy += p * y * y;
    }
  }
  return { mass, entropy, moments: [xx, xy, yy] };
}

/** Pearson's statistic of samples in cells of side 0.5 against the integrated density, cells with few expected joined. */
function chiSquare(toy: Toy, n: number): { readonly chi2: number; readonly cells: number } {
  const points = toy.sample(fold(key, "chi2"), n);
  const side = 24; // cells a side of [-6, 6]^2
  const counts = new Float64Array(side * side);
  for (let i = 0; i < n; i++) {
    const c = Math.floor(2 * points[2 * i] + 12);
    const r = Math.floor(2 * points[2 * i + 1] + 12);
    if (c >= 0 && c < side && r >= 0 && r < side) counts[r * side + c]++;
  }
  let chi2 = 0;
  let cells = 0;
  let restExpected = n;
  let restCount = n;
  const fine = 8; // midpoints a side of a cell
  for (let at = 0; at < counts.length; at++) {
    const x0 = (at % side) / 2 - 6;
    const y0 = Math.floor(at / side) / 2 - 6;
    let p = 0;
    for (let i = 0; i < fine; i++) {
      for (let j = 0; j < fine; j++) {
        p += Math.exp(toy.logDensity(x0 + (i + 0.5) / (2 * fine), y0 + (j + 0.5) / (2 * fine)));
      }
    }
    const expected = (n * p) / (4 * fine * fine);
    if (expected < 10) continue;
    chi2 += (counts[at] - expected) ** 2 / expected;
    cells++;
    restExpected -= expected;
    restCount -= counts[at];
  }
  if (restExpected > 10) chi2 += (restCount - restExpected) ** 2 / restExpected;
  return { chi2, cells };
}

for (const [name, toy] of Object.entries(toys) as [ToyName, Toy][]) {
  describe(name, () => {
    it("has its name, and points that are finite and the same for the same key", () => {
      expect(toy.name).toBe(name);
      const points = toy.sample(key, 1000);
      expect(points.length).toBe(2000);
      expect(points.every(Number.isFinite)).toBe(true);
      expect(toy.sample(key, 1000)).toEqual(points);
      expect(toy.sample(fold(key, 1), 1000)).not.toEqual(points);
      for (let i = 0; i < 1000; i++) expect(toy.logDensity(points[2 * i], points[2 * i + 1])).toBeGreaterThan(-40);
    });
    it("has a density that integrates to 1", () => {
      if (name === "funnel") {
        // The neck is e^-6 wide: integrate over s = x exp(-y / 2) instead of x.
        let sum = 0;
        for (let y = -15; y < 15; y += 0.1) {
          for (let s = -7; s < 7; s += 0.1) sum += Math.exp(toy.logDensity(s * Math.exp(y / 2), y) + y / 2) * 0.01;
        }
        expect(sum).toBeCloseTo(1, 3);
        return;
      }
      // Steps of two thirds of the smallest noise, 0.08, or half of the noise of the arms of the pinwheel.
      // Two spirals have noise beyond their sd of 0.1.
      const [half, h] =
        name === "banana" ? [20, 0.1] : ["pinwheel", "twoSpirals"].includes(name) ? [6, 0.1] : [6, 0.05];
      const { mass, entropy } = integrals(toy, half, h);
      expect(Math.abs(mass - 1)).toBeLessThan(1e-3);
      if (SAMPLERS[name] !== undefined) expect(Math.abs(entropy - SAMPLERS[name])).toBeLessThan(0.004);
    });
    it("has samples that follow the density", () => {
      if (name === "funnel") return; // its neck is too narrow for cells; the entropy below tests it
      const { chi2, cells } = chiSquare(toy, 20_000);
      // Normal approximation of chi-square: mean m, variance 2 m; 4 standard deviations.
      expect(chi2).toBeLessThan(cells + 4 * Math.sqrt(2 * cells));
    });
    if (ENTROPY[name] !== undefined) {
      it(`has an entropy of ${ENTROPY[name].toFixed(4)} nats`, () => {
        const { entropy, standardError } = entropyFloor(name, key, 20_000);
        // 4 standard errors, and half a unit of the last digit given.
        expect(Math.abs(entropy - ENTROPY[name]!)).toBeLessThan(4 * standardError + 5e-4);
      });
    }
  });
}

describe("twoSpirals", () => {
  const toy = toys.twoSpirals;
  it("has the density of its definition", () => {
    // p is the mean over signs of the integral over u, u' and u'' of a Gaussian, by Simpson's rule without distribution
    // functions. Steps of sd / 25 along the arm, sd / 96 in the box: errors below 1e-7 down to ln p = -40.
    const simpson = (count: number, f: (x: number) => number): number => {
      let sum = 0;
      for (let i = 0; i <= count; i++) sum += (i === 0 || i === count ? 1 : i % 2 === 0 ? 2 : 4) * f(i / count);
      return sum / (3 * count);
    };
    const box = (d: number): number =>
      simpson(160, (u) => Math.exp(-0.5 * ((d - u / 6) / 0.1) ** 2) / (0.1 * Math.sqrt(2 * Math.PI)));
    const arm = (x: number, y: number): number =>
      simpson(8000, (t) => {
        const r = 3 * Math.PI * t;
        return 2 * t * box(x + (r * Math.cos(r)) / 3) * box(y - (r * Math.sin(r)) / 3);
      });
    for (const [x, y] of [
      [0, 0],
      [0.7, -1.1],
      [2.9, 0.4],
      [-2.6, 0.9],
      [-0.4, 3.5],
    ]) {
      expect(toy.logDensity(x, y)).toBeCloseTo(Math.log((arm(x, y) + arm(-x, -y)) / 2), 6);
    }
  });
  it("has second moments of its samples that are those of the density", () => {
    const n = 50_000;
    const points = toy.sample(fold(key, "moments"), n);
    integrals(toy, 6, 0.1).moments.forEach((expected, k) => {
      const product = (i: number): number => points[2 * i + (k === 2 ? 1 : 0)] * points[2 * i + (k === 0 ? 0 : 1)];
      let [sum, squares] = [0, 0];
      for (let i = 0; i < n; i++) {
        sum += product(i);
        squares += product(i) ** 2;
      }
      const mean = sum / n;
      expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt((squares / n - mean * mean) / n));
    });
  });
  it("has a density without holes, far outside and where its two formulas meet", () => {
    expect(toy.logDensity(1e3, 0)).toBeGreaterThan(-0.5 * 1e8);
    expect(toy.logDensity(1e3, 0)).toBeLessThan(-0.5 * 9.9e3 ** 2 + 1e2);
    expect(toy.logDensity(1e200, 0)).toBe(Number.NEGATIVE_INFINITY);
    const x = Array.from({ length: 400 }, (_, i) => toy.logDensity(3.4 + i / 1000, 0));
    for (let i = 2; i < x.length; i++) expect(Math.abs(x[i] - 2 * x[i - 1] + x[i - 2])).toBeLessThan(1.5e-4);
  });
});

describe("findToy", () => {
  it("names the toys", () => {
    expect(findToy("moons")).toBe(toys.moons);
    expect(() => findToy("toString")).toThrow("one of moons, eightGaussians");
  });
});

describe("createImageToy", () => {
  const rows = 12;
  const columns = 30;
  const grid = { mass: Array.from({ length: rows * columns }, (_, j) => (j * j) % 17), rows, columns };
  const toy = createImageToy("picture", "A picture", grid);
  it("integrates to 1 and is followed by its samples", () => {
    expect(Math.abs(integrals(toy, 6, 0.02).mass - 1)).toBeLessThan(1e-3);
    const { chi2, cells } = chiSquare(toy, 20_000);
    expect(chi2).toBeLessThan(cells + 4 * Math.sqrt(2 * cells));
    const { entropy, standardError } = estimateEntropy(toy, key, 5000);
    expect(entropy).toBeLessThan(Math.log(64) + 0.2);
    expect(standardError).toBeLessThan(0.02);
  });
  it("puts row 0 at the bottom, column 0 at the left", () => {
    const corner = createImageToy("corner", "A corner", { mass: [0, 0, 0, 1, 0, 0], rows: 2, columns: 3 });
    expect(corner.logDensity(-4, 4)).toBeCloseTo(-Math.log(2 * Math.PI * (4 / 3) * 2), 12);
    expect(corner.logDensity(1000, 4)).toBeCloseTo(-0.5 * (1004 / (4 / 3)) ** 2 - Math.log(2 * Math.PI * (8 / 3)), 6);
  });
  it("refuses bad grids", () => {
    const make = (mass: number[], r: number, c: number) => () =>
      createImageToy("bad", "Bad", { mass, rows: r, columns: c });
    expect(make([1, 1], 1, 2)).toThrow("at least 2 x 2");
    expect(make([1, 1, 1], 2, 2)).toThrow("3 masses");
    expect(make([1, 1, -1, 1], 2, 2)).toThrow("row 1, column 0: mass -1");
    expect(make([1, 1, Number.NaN, 1], 2, 2)).toThrow("mass NaN");
    expect(make([0, 0, 0, 0], 2, 2)).toThrow("no mass");
  });
});

describe("imageToy", () => {
  // Black above white, and a grey column at the right.
  const grey = [0, 0, 0, 0.5, 0, 0, 0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1];
  const toy = imageToy("half", "Half a picture", { width: 4, height: 4, grey });
  it("has a density that integrates to 1", () => {
    expect(Math.abs(integrals(toy, 12, 0.1).mass - 1)).toBeLessThan(1e-3);
  });
  it("is dense where the picture is dark", () => {
    const n = 2000;
    const points = toy.sample(fold(key, "half"), n);
    let upper = 0;
    let right = 0;
    for (let i = 0; i < n; i++) {
      if (points[2 * i + 1] > 0) upper++;
      if (points[2 * i] > 2.67) right++;
    }
    // The dark rows lie at y = 4 and 4 / 3, with a standard deviation of 1: half of them 1.33 sd above 0.
    expect(upper / n).toBeGreaterThan(0.93);
    // A seventh of the mass is at x = 4; 9 % of that leaves, and comes from x = 4 / 3.
    expect(right / n).toBeGreaterThan(0.11);
    expect(right / n).toBeLessThan(0.22);
    expect(toy.logDensity(-4, 4)).toBeGreaterThan(toy.logDensity(4, 4) + 0.5);
    expect(toy.logDensity(0, 4)).toBeGreaterThan(toy.logDensity(0, -4) + 5);
  });
  it("refuses a picture of a single grey", () => {
    expect(() => imageToy("flat", "Flat", { width: 2, height: 2, grey: [0.3, 0.3, 0.3, 0.3] })).toThrow("no mass");
    expect(() => imageToy("line", "Line", { width: 2, height: 1, grey: [0, 1] })).toThrow("at least 2 x 2");
    expect(() => imageToy("bad", "Bad", { width: 2, height: 2, grey: [0, 1, 1] })).toThrow("3 masses");
  });
});
