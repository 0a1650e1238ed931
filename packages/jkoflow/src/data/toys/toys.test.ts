import { describe, expect, it } from "vitest";
import { createKey, fold } from "../../random/index.ts";
import { createImageToy, imageToy } from "./imageDensity.ts";
import { entropyFloor, findToy, type ToyName, toys } from "./registry.ts";
import { estimateEntropy, type Toy } from "./toy.ts";

const key = createKey("toys");

/** Entropies in nats: figures of the definitions' authors for the first four, closed forms for the others. */
const ENTROPY: Partial<Record<ToyName, number>> = {
  eightGaussians: 2.832,
  pinwheel: 2.318,
  moons: 2.394,
  checkerboard: Math.log(32),
  // 25 Gaussians ten sd apart hardly overlap: ln 25 + 1 + ln(2 pi 0.2^2).
  gaussianGrid: Math.log(25) + 1 + Math.log(2 * Math.PI * 0.04),
  funnel: 1 + Math.log(2 * Math.PI) + Math.log(3),
  banana: 1 + Math.log(2 * Math.PI) + Math.log(0.75),
};

/** The integral of the density over [-half, half]^2 by the midpoint rule with cells of side h. */
function mass(toy: Toy, half: number, h: number): number {
  const count = Math.round((2 * half) / h);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) sum += Math.exp(toy.logDensity(-half + (i + 0.5) * h, -half + (j + 0.5) * h));
  }
  return sum * h * h;
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
      const [half, h] = name === "banana" ? [20, 0.1] : name === "pinwheel" ? [6, 0.1] : [6, 0.05];
      expect(Math.abs(mass(toy, half, h) - 1)).toBeLessThan(1e-3);
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
    expect(Math.abs(mass(toy, 6, 0.02) - 1)).toBeLessThan(1e-3);
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
    expect(Math.abs(mass(toy, 12, 0.1) - 1)).toBeLessThan(1e-3);
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
