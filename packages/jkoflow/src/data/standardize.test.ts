import { describe, expect, it } from "vitest";
import { InputError } from "../errors/errors.ts";
import { createKey, fold, normal } from "../random/index.ts";
import { normalQuantile } from "./normalQuantile.ts";
import { fitStandardizer, type StandardizeOptions } from "./standardize.ts";
import { parseStandardizer } from "./standardizerState.ts";
import { createTable, selectColumns, type Table } from "./table.ts";
import { applyTransform, fitTransform, invertTransform, type TransformKind, transformLogSlope } from "./transform.ts";

/** Three dependent columns of different scale, the last with heavy tails and ties. */
function example(rows: number): Table {
  const g = normal(fold(createKey("standardize"), rows), rows * 3);
  const values = new Float32Array(rows * 3);
  for (let i = 0; i < rows; i++) {
    values[3 * i] = 100 + 5 * g[3 * i];
    values[3 * i + 1] = 0.1 * g[3 * i] + 0.05 * g[3 * i + 1];
    values[3 * i + 2] = i % 4 === 0 ? 1 : Math.exp(2 * g[3 * i + 2]);
  }
  return createTable(values, ["a", "b", "c"]);
}

const table = example(2000);
const kinds = ["zscore", "whiten", "none"] as const;
const transforms: readonly TransformKind[] = ["none", "asinh", "log", "quantile"];

for (const kind of kinds) {
  for (const transform of transforms) {
    describe(`standardiser ${kind}, ${transform}`, () => {
      const options: StandardizeOptions = { kind, transform };
      const standardizer = fitStandardizer(table, options);
      const y = standardizer.forward(table);
      it("inverts", () => {
        const x = standardizer.inverse(y).values;
        // y is rounded to float32: half a unit of 2^-24 in units of y times |dx/dy|, which varies by column and row.
        const slopes = standardizer.logAbsDet(table);
        for (let at = 0; at < x.length; at++) {
          const scale = Math.abs(table.values[at]) + 1 + Math.exp(-Math.min(0, slopes[Math.floor(at / 3)]));
          expect(Math.abs(x[at] - table.values[at])).toBeLessThan(1e-5 * scale);
        }
      });
      it("has the log-determinant of its Jacobian", () => {
        const state = standardizer.toJSON();
        const logDets = standardizer.logAbsDet(table);
        for (let i = 0; i < 40; i++) {
          // The Jacobian of the float64 map: central differences of the transforms, times the fixed linear part.
          let expected = 0;
          for (let k = 0; k < 3; k++) {
            const x = table.values[3 * i + k];
            const h = 1e-5 * (1 + Math.abs(x));
            const t = state.transforms[k];
            expected += Math.log((applyTransform(t, x + h) - applyTransform(t, x - h)) / (2 * h) / state.sd[k]);
          }
          for (const value of state.eigenvalues ?? []) expected -= 0.5 * Math.log(value);
          // Central differences err by h^2, but by h where the second derivative jumps: the spline's knots, the log's centre.
          const smooth = transform === "none" || transform === "asinh";
          expect(Math.abs(logDets[i] - expected)).toBeLessThan(smooth ? 1e-6 : 1e-3);
        }
      });
      it("survives JSON", () => {
        const again = parseStandardizer(JSON.parse(JSON.stringify(standardizer)));
        expect(again.forward(table)).toEqual(y);
        expect(again.logAbsDet(table)).toEqual(standardizer.logAbsDet(table));
      });
      if (kind !== "none") {
        it("gives mean 0 and variance 1", () => {
          for (let k = 0; k < 3; k++) {
            let mean = 0;
            let square = 0;
            for (let i = 0; i < table.rows; i++) {
              mean += y[3 * i + k] / table.rows;
              square += y[3 * i + k] ** 2 / table.rows;
            }
            expect(mean).toBeCloseTo(0, 6);
            expect(square).toBeCloseTo(1, 5);
          }
        });
      }
    });
  }
}

describe("whitening", () => {
  it("removes correlations, and its full Jacobian has the stated determinant", () => {
    const standardizer = fitStandardizer(table, { kind: "whiten" });
    const y = standardizer.forward(table);
    for (const [j, k] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      let sum = 0;
      for (let i = 0; i < table.rows; i++) sum += y[3 * i + j] * y[3 * i + k];
      expect(sum / table.rows).toBeCloseTo(0, 5);
    }
    // Columns of the (constant) Jacobian by large steps, exact up to float32.
    const base = standardizer.forward(new Float32Array(3));
    const m = [0, 1, 2].map((k) => {
      const step = [64, 1, 64][k];
      const unit = new Float32Array(3);
      unit[k] = step;
      return Array.from(standardizer.forward(unit), (v, j) => (v - base[j]) / step);
    });
    const det =
      m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
      m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
      m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
    expect(Math.log(Math.abs(det))).toBeCloseTo(standardizer.logAbsDet(table)[0], 4);
  });
  it("names dependent columns", () => {
    const values = Float32Array.from({ length: 300 }, (_, at) => table.values[at]);
    for (let i = 0; i < 100; i++) values[3 * i + 1] = 2 * values[3 * i];
    const dependent = createTable(values, ["a", "b", "c"]);
    expect(() => fitStandardizer(dependent, { kind: "whiten" })).toThrow(/linearly dependent columns \("[ab]", "[ab]"/);
    expect(fitStandardizer(dependent).columns.length).toBe(3);
  });
});

describe("fitStandardizer", () => {
  it("refuses constant columns by name", () => {
    const constant = createTable(Float32Array.of(1, 5, 5, 2, 5, 5), ["a", "b", "c"]);
    expect(() => fitStandardizer(constant)).toThrow(
      'standardize: column "b": one value in all 2 rows (and 1 more columns), expected values that differ; drop it',
    );
    expect(() => fitStandardizer(createTable(Float32Array.of(3), 1))).toThrow("one value in all 1 rows");
  });
  it("takes transforms by column and refuses unknown ones", () => {
    const state = fitStandardizer(table, { transform: { c: "log" } }).toJSON();
    expect(state.transforms.map((t) => t.kind)).toEqual(["none", "none", "log"]);
    expect(() => fitStandardizer(table, { transform: { z: "log" } })).toThrow('no column "z"');
  });
  it("matches columns by name", () => {
    const standardizer = fitStandardizer(table, { transform: "asinh" });
    const turned = selectColumns(table, ["c", "a", "b"]);
    expect(standardizer.forward(turned)).toEqual(standardizer.forward(table));
    expect(standardizer.forward(table.values)).toEqual(standardizer.forward(table));
    expect(() => standardizer.forward(selectColumns(table, ["a", "b"]))).toThrow('no column "c"');
  });
});

describe("transform auto", () => {
  const odd = createTable(table.values.slice(), table.columns);
  odd.values.set([1e7, 0, 2], 3 * 5);
  odd.values[3 * 8 + 1] = -40;
  const kindsOf = (t: Table, options: StandardizeOptions = {}) =>
    fitStandardizer(t, { transform: "auto", ...options })
      .toJSON()
      .transforms.map(({ kind }) => kind);
  it("bends the columns with odd values beyond the regular ones, and no others", () => {
    expect(kindsOf(table)).toEqual(["none", "none", "none"]);
    expect(kindsOf(odd)).toEqual(["tails", "tails", "none"]);
    expect(fitStandardizer(table, { kind: "whiten", transform: "auto" }).forward(table)).toEqual(
      fitStandardizer(table, { kind: "whiten" }).forward(table),
    );
    const [bent] = fitStandardizer(odd, { transform: "auto" }).toJSON().transforms;
    if (bent.kind !== "tails") throw new Error(bent.kind);
    // Of the 1,999 others each is only moved and scaled.
    for (let i = 0; i < odd.rows; i++) {
      const x = odd.values[3 * i];
      if (i !== 5) expect(applyTransform(bent, x)).toBe((x - bent.centre) / bent.scale);
    }
    // edge + w ln(1 + (a - edge) / w), a = (1e7 - 100) / 5 deviations, edge near 3.5, w 1/4: 3.5 + ln(8e6) / 4.
    expect(applyTransform(bent, 1e7)).toBeCloseTo(bent.edge + Math.log(8e6) / 4, 1);
  });
  it("is continuous with its slope at the edge, inverts, and has its exact derivative", () => {
    const [t] = fitStandardizer(odd, { transform: "auto" }).toJSON().transforms;
    if (t.kind !== "tails") throw new Error(t.kind);
    for (const side of [-1, 1]) {
      const edge = t.centre + side * t.edge * t.scale;
      expect(applyTransform(t, edge + 1e-9) - applyTransform(t, edge - 1e-9)).toBeLessThan(1e-8);
      expect(transformLogSlope(t, edge + 1e-9)).toBeCloseTo(transformLogSlope(t, edge - 1e-9), 6);
      for (const beyond of [0, 1e-3, 1, 1e3, 1e7]) {
        const x = edge + side * beyond;
        // float64: x = edge + w expm1(...) magnifies an error of 2^-52 in u by |x| / w.
        expect(Math.abs(invertTransform(t, applyTransform(t, x)) - x)).toBeLessThan(1e-12 * (1 + Math.abs(x)) * 100);
        const h = 1e-6 * (1 + beyond);
        const slope = (applyTransform(t, x + side * h) - applyTransform(t, x - side * h)) / (2 * h * side);
        if (beyond > 0) expect(Math.abs(Math.log(slope) - transformLogSlope(t, x))).toBeLessThan(1e-4); // of order h^2
      }
    }
  });
  it("leaves regular rows where they are without the odd ones, under whitening too", () => {
    const one = createTable(table.values.slice(), table.columns);
    one.values[15] = 1e7;
    const rows = (t: Table) => fitStandardizer(t, { kind: "whiten", transform: "auto" }).logAbsDet(table)[0];
    // Moments and correlations are those of the other rows: one of 2,000 is missing, which is worth a few thousandths.
    expect(Math.abs(rows(one) - rows(table))).toBeLessThan(0.005);
    const plain = fitStandardizer(one, { kind: "whiten" }).logAbsDet(table)[0];
    expect(Math.abs(plain - rows(table))).toBeGreaterThan(5);
  });
  it("looks at held-out rows too, and lets declared bounds go first", () => {
    expect(kindsOf(table, { heldOut: odd })).toEqual(["tails", "tails", "none"]);
    expect(kindsOf(odd, { bounds: { a: [-1e9, null] } })).toEqual(["bounded", "tails", "none"]);
  });
  it("survives JSON and inverts through a whole table", () => {
    const standardizer = fitStandardizer(odd, { kind: "whiten", transform: "auto" });
    const again = parseStandardizer(JSON.parse(JSON.stringify(standardizer)));
    expect(again.forward(odd)).toEqual(standardizer.forward(odd));
    const back = again.inverse(again.forward(odd)).values;
    // y is float32: at 7.5 it errs by 2^-22, which w / (w + a - edge) of 1 / 8e6 turns into 8e6 * 5 * 4e-7 / 0.25.
    expect(Math.abs(back[15] - 1e7)).toBeLessThan(100);
  });
});

describe("transforms", () => {
  it("are strictly monotone far beyond the data and smooth across knots", () => {
    const column = Float64Array.from({ length: 1000 }, (_, i) => table.values[3 * i + 2]);
    for (const kind of transforms) {
      const t = fitTransform(kind, column);
      let before = applyTransform(t, -1e6);
      for (let x = -1000; x < 1000; x += 0.37) {
        const u = applyTransform(t, x);
        expect(u).toBeGreaterThan(before);
        before = u;
      }
      if (t.kind !== "quantile") continue;
      for (const knot of t.x) {
        const h = 1e-9 * (1 + Math.abs(knot));
        expect(transformLogSlope(t, knot - h)).toBeCloseTo(transformLogSlope(t, knot + h), 3);
      }
    }
  });
  it("give normal scores", () => {
    // Table values of the normal quantile function.
    expect(normalQuantile(0.5)).toBeCloseTo(0, 9);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 9);
    expect(normalQuantile(1e-8)).toBeCloseTo(-5.612001244174789, 7);
  });
});

describe("parseStandardizer refuses", () => {
  const good = JSON.parse(JSON.stringify(fitStandardizer(table, { kind: "whiten", transform: "quantile" })));
  const spline = good.transforms[0];
  const withTransform = (t: unknown) => ({ ...good, transforms: [t, good.transforms[1], good.transforms[2]] });
  const cases: readonly [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["text", "zscore"],
    ["an empty object", {}],
    ["an unknown kind", { ...good, kind: "robust" }],
    ["no columns", { ...good, columns: [] }],
    ["columns that are not text", { ...good, columns: [1, 2, 3] }],
    ["doubled columns", { ...good, columns: ["a", "a", "c"] }],
    ["more columns", { ...good, columns: ["a", "b", "c", "d"] }],
    ["a short mean", { ...good, mean: [1, 2] }],
    ["a mean that is not finite", { ...good, mean: [1, 2, null] }],
    ["an sd of 0", { ...good, sd: [1, 0, 1] }],
    ["a negative sd", { ...good, sd: [1, -1, 1] }],
    ["no transforms", { ...good, transforms: undefined }],
    ["a missing transform", { ...good, transforms: good.transforms.slice(1) }],
    ["a transform that is text", withTransform("log")],
    ["an unknown transform", withTransform({ kind: "sqrt" })],
    ["a log without scale", withTransform({ kind: "log", centre: 0 })],
    ["a scale of 0", withTransform({ kind: "asinh", centre: 0, scale: 0 })],
    ["tails without an edge", withTransform({ kind: "tails", centre: 0, scale: 1, width: 0.25 })],
    ["tails of no width", withTransform({ kind: "tails", centre: 0, scale: 1, edge: 3, width: 0 })],
    ["one knot", withTransform({ ...spline, x: [0], y: [0], slopes: [1] })],
    ["falling knots", withTransform({ ...spline, x: [...spline.x].reverse() })],
    ["equal scores", withTransform({ ...spline, y: spline.y.map(() => 0) })],
    ["a slope of 0", withTransform({ ...spline, slopes: spline.slopes.map(() => 0) })],
    ["too few slopes", withTransform({ ...spline, slopes: [1] })],
    ["no eigenvalues", { ...good, eigenvalues: undefined }],
    ["a negative eigenvalue", { ...good, eigenvalues: [1, 1, -1] }],
    ["few eigenvectors", { ...good, eigenvectors: [1, 0, 0] }],
    ["vectors that are not orthonormal", { ...good, eigenvectors: [1, 0, 0, 0, 1, 0, 0, 1, 1] }],
  ];
  for (const [name, value] of cases) it(name, () => expect(() => parseStandardizer(value)).toThrow(InputError));
});

describe("wide tables", () => {
  const wide = (rows: number, d: number): Table => createTable(normal(createKey("wide"), rows * d), d);
  it("are not whitened where the rows cannot carry it, or there are too many columns to rotate", () => {
    const whiten = (rows: number, d: number) => fitStandardizer(wide(rows, d), { kind: "whiten" });
    expect(() => whiten(30, 3000)).toThrow(/30 rows of 3000 columns, which are linearly dependent, expected more rows/);
    expect(() => whiten(5, 5)).toThrow(/5 rows of 5 columns/);
    expect(() => whiten(300, 257)).toThrow(/257 columns, expected at most 256; standardise by zscore/);
    expect(whiten(6, 5).toJSON().kind).toBe("whiten");
    expect(fitStandardizer(wide(30, 3000)).toJSON().kind).toBe("zscore");
  });
  it("of more columns than a flow may have are refused, before a matrix is made", () => {
    for (const kind of ["zscore", "whiten", "none"] as const) {
      expect(() => fitStandardizer(wide(2, 100_000), { kind })).toThrow(
        /100000 columns, expected at most 4096 for a flow/,
      );
    }
  });
});
