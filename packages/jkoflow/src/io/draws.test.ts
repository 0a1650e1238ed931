import { describe, expect, it } from "vitest";
import { writeArvizJson, writeStanCsv } from "./draws.ts";

const columns = ["mu", "theta.1", "theta.2", "L[1,1]", "L[2,1]", "L[1,2]", "L[2,2]", "gap[2]"];
const values = Float64Array.from({ length: 2 * 3 * 8 }, (_, i) => i + 0.5);
const logProb = [-1, -2, -3, -4, -5, Number.NEGATIVE_INFINITY];
const draws = { columns, values, chains: 2, logProb };

describe("Stan's CSV", () => {
  it("is a file a chain, lp__ first, with dotted names", () => {
    const files = writeStanCsv(draws);
    expect(files.map((text) => text.trimEnd().split("\n").length)).toEqual([4, 4]);
    const [header, first] = files[1].split("\n");
    expect(header).toBe("lp__,mu,theta.1,theta.2,L.1.1,L.2.1,L.1.2,L.2.2,gap.2");
    expect(first).toBe(`-4,${Array.from({ length: 8 }, (_, k) => 24.5 + k).join(",")}`);
  });

  it("has no lp__ where none is known, and the fewest digits of float32", () => {
    expect(writeStanCsv({ columns: ["a"], values: Float32Array.of(0.1), chains: 1 })).toEqual(["a\n0.1\n"]);
  });

  it.each(["a,b", 'a"b', "a\nb", "#a"])("refuses the name %j", (name) => {
    expect(() => writeStanCsv({ columns: [name], values: Float32Array.of(1), chains: 1 })).toThrow(
      JSON.stringify(name),
    );
  });
});

describe("ArviZ's JSON", () => {
  it("is [chain][draw][...] by variable, elements in the place that their indices say", () => {
    const text = writeArvizJson(draws);
    const { posterior, sample_stats } = JSON.parse(text.replace("-Infinity", "-99"));
    expect(Object.keys(posterior)).toEqual(["mu", "theta", "L", "gap[2]"]);
    expect(posterior.mu).toEqual([
      [0.5, 8.5, 16.5],
      [24.5, 32.5, 40.5],
    ]);
    expect(posterior.theta[1][2]).toEqual([41.5, 42.5]);
    expect(posterior.L[0][1]).toEqual([
      [11.5, 13.5],
      [12.5, 14.5],
    ]);
    expect(posterior["gap[2]"][0][0]).toBe(7.5);
    expect(sample_stats.lp).toEqual([
      [-1, -2, -3],
      [-4, -5, -99],
    ]);
    expect(text).toContain("-Infinity"); // as Python's json reads it
  });

  it("keeps names apart that are no whole array: an index missing, given twice, from 0, of another rank", () => {
    const names = ["a.1", "a.3", "b.1", "b[1]", "c.0", "c.1", "d.1", "d.1.1", "e", "e.1"];
    const text = writeArvizJson({ columns: names, values: new Float32Array(10), chains: 1 });
    expect(Object.keys(JSON.parse(text).posterior)).toEqual(names);
  });
});

describe("both", () => {
  it.each([writeStanCsv, writeArvizJson])("refuse shapes that do not fit", (write) => {
    expect(() => write({ columns: ["a", "b"], values: new Float32Array(6), chains: 2 })).toThrow("6 numbers");
    expect(() => write({ columns: ["a"], values: new Float32Array(4), chains: 2, logProb: [1] })).toThrow("1 log-dens");
  });
});
