import { describe, expect, it } from "vitest";
import { createKey, fold, normal, uniform } from "../random/index.ts";
import { chiQuantile } from "./chi.ts";
import { fitStandardizer } from "./standardize.ts";
import { createStandardizer, type StandardizerState } from "./standardizer.ts";
import { parseStandardizer } from "./standardizerState.ts";
import { createTable, type Table } from "./table.ts";

/** A scale mixture of normals: ln of the scale is uniform over [-2, 1.5]. Columns are mixed by a shear. */
function scaleMixture(rows: number, d: number, name: string): Table {
  const key = fold(createKey("radial"), name);
  const [g, u] = [normal(fold(key, "g"), rows * d), uniform(fold(key, "u"), rows)];
  const values = Float32Array.from(g, (x, at) => {
    const [i, k] = [Math.floor(at / d), at % d];
    const scale = Math.exp(3.5 * u[i] - 2);
    return 3 * k + scale * (x + (k > 0 ? 0.7 * g[at - 1] : 0));
  });
  return createTable(
    values,
    Array.from({ length: d }, (_, k) => `c${k}`),
  );
}

describe("quantiles of the chi distribution", () => {
  // d = 2 has a closed form, ln(1 - p) = -r^2 / 2; d = 1 is |N|; the others by tables of chi-square.
  it.each([
    [2, 0.3, Math.sqrt(-2 * Math.log(0.7))],
    [2, 0.999, Math.sqrt(-2 * Math.log(0.001))],
    [1, 0.95, 1.959963984540054],
    [4, 0.95, Math.sqrt(9.487729036781154)],
    [10, 0.05, Math.sqrt(3.9402991361190605)],
  ])("d = %d, p = %d", (d, p, expected) => {
    expect(chiQuantile(p, d) / expected).toBeCloseTo(1, 12);
  });

  it.each([6, 62, 256, 1000])("of an even number of columns, %d, agree with the sum of a Poisson distribution", (d) => {
    for (const p of [0.002, 0.3, 0.5, 0.998]) {
      const x = chiQuantile(p, d) ** 2 / 2;
      let [beyond, logTerm] = [0, -x];
      for (let j = 0; j < d / 2; j++) {
        beyond += Math.exp(logTerm);
        logTerm += Math.log(x / (j + 1));
      }
      expect(Math.abs(1 - beyond - p)).toBeLessThan(1e-11);
    }
  });

  it("are what the lengths of normal rows have, d = 200", () => {
    const [rows, d] = [4000, 200];
    const g = normal(createKey("chi"), rows * d);
    const lengths = Array.from({ length: rows }, (_, i) => Math.hypot(...g.subarray(i * d, (i + 1) * d)));
    for (const p of [0.1, 0.5, 0.9]) {
      const share = lengths.filter((r) => r < chiQuantile(p, d)).length / rows;
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / rows));
    }
  });
});

describe.each([2, 5, 20])("rows with the lengths of normal ones, d = %d", (d) => {
  const table = scaleMixture(4000, d, "train");
  const fresh = scaleMixture(4000, d, "fresh");
  const standardizer = fitStandardizer(table, { kind: "radial" });

  it("have them", () => {
    const y = standardizer.forward(fresh);
    for (const p of [0.01, 0.1, 0.5, 0.9, 0.99]) {
      let below = 0;
      for (let i = 0; i < fresh.rows; i++) {
        if (Math.hypot(...y.subarray(i * d, (i + 1) * d)) < chiQuantile(p, d)) below++;
      }
      // Two samples: of the knots, and of what is tried.
      expect(Math.abs(below / fresh.rows - p)).toBeLessThan(4 * Math.sqrt((2 * p * (1 - p)) / fresh.rows) + 0.004);
    }
  });

  it("invert, at the mean too, and survive JSON", () => {
    const again = parseStandardizer(JSON.parse(JSON.stringify(standardizer)));
    const centre = standardizer.inverse(new Float32Array(d));
    expect(Array.from(standardizer.forward(centre).map(Math.abs)).every((v) => v < 1e-3)).toBe(true);
    expect(Number.isFinite(standardizer.logAbsDet(centre)[0])).toBe(true);
    const y = standardizer.forward(fresh);
    expect(again.forward(fresh)).toEqual(y);
    expect(again.logAbsDet(fresh)).toEqual(standardizer.logAbsDet(fresh));
    const back = standardizer.forward(standardizer.inverse(y));
    const errors = Float64Array.from(y, (value, at) => Math.abs(back[at] - value) / (1 + Math.abs(value)));
    expect(errors.reduce((a, b) => Math.max(a, b))).toBeLessThan(2e-4);
  });
});

it("the log-determinant is that of the Jacobian, by central differences", () => {
  const d = 3;
  const table = scaleMixture(4000, d, "train");
  const state: StandardizerState = fitStandardizer(table, { kind: "radial" }).toJSON();
  const standardizer = createStandardizer(state);
  for (let i = 0; i < 40; i++) {
    const row = table.values.slice(i * d, (i + 1) * d);
    const jacobian: number[][] = [];
    for (let k = 0; k < d; k++) {
      const h = 0.02 * (Math.abs(row[k] - 3 * k) + 0.05); // rows and results are float32
      const [up, down] = [row.slice(), row.slice()];
      up[k] += h;
      down[k] -= h;
      const [a, b] = [standardizer.forward(up), standardizer.forward(down)];
      jacobian.push(Array.from(a, (v, j) => (v - b[j]) / (up[k] - down[k])));
    }
    const [[a, b, c], [e, f, g], [p, q, r]] = jacobian;
    const det = a * (f * r - g * q) - b * (e * r - g * p) + c * (e * q - f * p);
    expect(Math.abs(standardizer.logAbsDet(row)[0] - Math.log(Math.abs(det)))).toBeLessThan(0.02);
  }
});

describe("refused", () => {
  it("few rows, and rows of one length", () => {
    expect(() => fitStandardizer(scaleMixture(200, 2, "few"), { kind: "radial" })).toThrow(
      /200 rows off the mean.*at least 330/,
    );
    const circle = createTable(
      Float32Array.from({ length: 2000 }, (_, at) => (at % 2 ? Math.sin : Math.cos)((at >> 1) * 0.0062831853)),
      ["x", "y"],
    );
    expect(() => fitStandardizer(circle, { kind: "radial" })).toThrow(/lengths/);
  });

  it("states of a file without a rising spline", () => {
    const { radial, ...state } = fitStandardizer(scaleMixture(500, 2, "state"), { kind: "radial" }).toJSON();
    expect(() => parseStandardizer(state)).toThrow(/radial/);
    const falling = { ...radial, y: [...radial!.y].reverse() };
    expect(() => parseStandardizer({ ...state, radial: falling })).toThrow(/radial/);
  });
});
