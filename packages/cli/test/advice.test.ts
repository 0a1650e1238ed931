/** The verdict of a report: who wins, on what grounds, and what it advises where the flow loses. */
import { createKey, data, systems } from "jkoflow";
import { describe, expect, it } from "vitest";
import type { FlowLess } from "../src/report/judgedBaselines.ts";
import { simplest, whyNone } from "../src/report/keep.ts";
import type { Measures } from "../src/report/measures.ts";
import { keptLines, verdict } from "../src/report/verdict.ts";
import { comparison, comparisonHeads, oddLine } from "../src/report/words.ts";

const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), ["x", "y"]);
const problem = { train: rows("train", 200), validation: rows("validation", 100) };

/** The flow less a baseline; rows that carry the mean are left out in `trimmed`. */
const less = (name: string, mean: number, standardError: number, carriers: number[] = [], all = mean): FlowLess => ({
  name,
  mean: all,
  standardError: carriers.length > 0 ? Math.abs(all) : standardError,
  median: mean,
  carriers,
  trimmed: { mean, standardError },
});
const NO_TIES = { grids: [], spikes: [] };
const judged = (flowLess: FlowLess[], more: object = {}): Measures =>
  ({
    flowLess,
    baselines: flowLess.map(({ name }) => ({ name, keepable: name.startsWith("Gaussian") })),
    ties: NO_TIES,
    testNll: 1,
    kept: null,
    stays: null,
    stop: "no gain",
    settings: systems["jko-iflow"].defaults(problem, createKey(1)),
    rows: { train: 200, validation: 50, test: 500 },
    columns: 2,
    blocks: 2,
    ...more,
  }) as unknown as Measures; // the verdict looks at no more

describe("the verdict", () => {
  it("calls the flow a winner only where it beats every baseline", () => {
    const [gaussian, mixture] = [less("Gaussian", -1, 0.1), less("Gaussian mixture", -0.3, 0.1)];
    expect(verdict(judged([gaussian, mixture]))).toBe(
      "The flow beats the best baseline, the Gaussian mixture, by 0.3000 +- 0.1000 nats per row.",
    );
    expect(verdict(judged([less("Gaussian", 0.0166, 0.005), less("Gaussian mixture", -0.0533, 0.0078)]))).toContain(
      "The flow LOSES to the best baseline, the Gaussian, by 0.0166 +- 0.0050",
    );
    expect(verdict(judged([gaussian, less("Gaussian mixture", -0.1, 0.1)]))).toContain("are level");
    expect(verdict(judged([gaussian, less("Gaussian mixture", 651.55, 399.01)]))).toBe(
      "500 test rows do not tell the flow from the best baseline, the Gaussian mixture (difference 651.55 +- 399.01 nats, median 651.55): take the cheaper one.",
    );
    expect(verdict(judged([gaussian, less("Gaussian mixture", -0.8, 0.41)]))).toContain("more would; until then");
    expect(verdict(judged([less("Gaussian", Number.NaN, Number.NaN)]))).toContain("are level");
    expect(verdict(judged([]))).toContain("no baseline was fitted");
    for (const mean of [-3e-9, 3e-9])
      expect(verdict(judged([less("Gaussian", mean, 7e-10)]))).toBe(
        `The flow and the Gaussian are level (difference ${mean < 0 ? "-" : ""}0.0000 +- 0.0000 nats): the cheaper one will do.`,
      );
    const bare = verdict(judged([gaussian], { blocks: 0, settings: { transform: "margins" } }));
    expect(bare).toBe(
      "The flow beats the Gaussian by 1.0000 +- 0.1000 nats per row. The flow has no block: margins and base alone, as no block lowered the held-out NLL.",
    );
  });

  it("goes by every baseline, not by the nearest mean alone", () => {
    const near = less("Gaussian", -0.0429, 0.0199);
    expect(verdict(judged([near, less("Gaussian mixture", -0.127, 0.3356)]))).toContain(
      "The flow and the best baseline, the Gaussian mixture, are level (difference -0.1270",
    );
    expect(verdict(judged([less("Gaussian", 0.05, 0.01), less("Gaussian mixture", 0.3, 0.2)]))).toContain(
      "The flow LOSES to the best baseline, the Gaussian, by 0.0500",
    );
  });

  it("says where its differences are not those of the column beside them", () => {
    const estimate = { mean: 2, standardError: 1 };
    const scored = { testNll: 2, validationNll: 2, standardError: 1, seconds: 1 };
    const shown = { ...scored, baselines: [{ ...scored, name: "Gaussian", others: estimate }], odd: { rows: [] } };
    const grids = [{ name: "a", step: 0.1, repeated: 0.5 }];
    const of = (ties: object) => judged([less("Gaussian", -0.3, 0.1)], { ...shown, ties });
    const tied = of({ grids, spikes: [] });
    expect(comparisonHeads(tied)).toEqual(["", "test NLL (nats)", "flow less it, as judged", "time"]);
    expect(comparison(tied).map((row) => row[2])).toEqual(["", "-0.3000 +- 0.1000"]);
    expect(comparisonHeads(of(NO_TIES))).toEqual(["", "test NLL (nats)", "time"]);
  });

  it("judges without rows that would decide it, and says so", () => {
    const words = verdict(judged([less("Gaussian mixture", -0.4, 0.05, [17], -5_806_976_264.54)]));
    expect(words).toContain("The flow beats the Gaussian mixture by 0.4000 +- 0.0500 nats per row");
    expect(words).toContain(
      "without 1 row that would decide the mean (with it the flow less the baseline is -5806976264.54",
    );
  });

  it("shows the mean over all rows, and beside it that without the rows that carry it", () => {
    const [all, others] = [
      { mean: 2.5e10, standardError: 2.5e10 },
      { mean: 2.04, standardError: 0.08 },
    ];
    const row = { name: "Gaussian", validationNll: 2, testNll: 3e10, standardError: 3e10, seconds: 0, others };
    const measures = {
      ...judged([]),
      validationNll: 2,
      testNll: all.mean,
      standardError: all.standardError,
      seconds: 1,
      odd: { rows: [5], nll: all, median: 1.9, others },
      baselines: [{ ...row, keepable: true }],
    };
    expect(comparison(measures)).toEqual([
      ["flow", "25000000000.00 +- 25000000000.00", "2.0400 +- 0.0800", "1.0 s"],
      ["Gaussian", "30000000000.00 +- 30000000000.00", "2.0400 +- 0.0800", "0.0 s"],
    ]);
    const plain = { ...measures, odd: { ...measures.odd, rows: [] } };
    expect(comparison(plain)[0]).toHaveLength(3);
    expect(comparisonHeads(measures)[2]).toBe("without 1 odd row");
    expect(oddLine(measures.odd, 100, "test")).toEqual([
      "row 6 carries the mean NLL of 100 test rows, 25000000000.00 +- 25000000000.00 nats; without it 2.0400 +- 0.0800, median 1.9000",
    ]);
  });

  it("says that repeated values were judged by their cells, and warns of those it cannot judge so", () => {
    const grids = ["a", "b", "c", "d", "e", "f"].map((name) => ({ name, step: 0.1, repeated: 0.5 }));
    expect(verdict(judged([less("Gaussian", -1, 0.1)], { ties: { grids, spikes: [] } }))).toContain(
      "judged by the probability of the cells that values were rounded from, as a, b, c, d and 2 more columns repeat",
    );
    const spikes = [{ name: "price", repeated: 0.3 }];
    const words = verdict(judged([less("Gaussian", 1, 0.1)], { ties: { grids: [], spikes } }));
    expect(words).toContain("recur in price");
    expect(words).not.toContain("Use the Gaussian"); // it may live on the spikes
  });
});

describe("a flow that loses", () => {
  for (const [name, system] of Object.entries(systems)) {
    for (const stop of ["largest number of blocks", "no gain"]) {
      for (const train of [200, 50_000]) {
        it(`${name} on ${train} rows, stopped by "${stop}"`, () => {
          const settings = system.defaults(problem, createKey(1));
          const lost = { stop, settings, rows: { train, validation: 100, test: 1000 } };
          const words = verdict(judged([less("Gaussian mixture", 1, 0.1)], lost));
          expect(words).toContain("LOSES");
          const advised = [...words.replace(/\.$/, "").matchAll(/--set (\w+)=(\[[^\]]*\]|[^\s,]+)/g)];
          expect(advised.length).toBeGreaterThan(0);
          const given = Object.fromEntries(
            advised.map(([, key, value]) => [key, /^[\d[]/.test(value) ? JSON.parse(value) : value]),
          );
          expect(system.check({ ...settings, ...given })).toMatchObject(given);
          for (const [key, value] of Object.entries(given)) expect(value).not.toEqual(settings[key]);
        });
      }
    }
  }
});

describe("a verdict beside what held-out rows chose", () => {
  const flowLess = [less("Gaussian", 0.5, 0.1), less("Gaussian mixture", 0.4, 0.1)];
  it("does not advise another model than the one that is kept", () => {
    for (const name of ["Gaussian", "Gaussian mixture"]) {
      const words = verdict(judged(flowLess, { kept: { name } }));
      expect(words).toContain("The flow LOSES to the best baseline, the Gaussian, by 0.5000");
      expect(words).not.toMatch(/Use the|--keep best|You may/);
    }
    const words = verdict(judged(flowLess, { stays: { name: "Gaussian", flow: 1, baseline: 2 } }));
    expect(words).toContain("Validation rows preferred the flow, which is kept. You may");
    expect(words).not.toContain("Use the");
  });

  it("names the flag where nothing was chosen, and another way where no run can keep the baseline", () => {
    expect(verdict(judged(flowLess))).toContain("Use the Gaussian (--keep best makes it the model), or");
    const name = "Gaussian mixture of each label";
    const baselines = [{ name, keepable: false }];
    const words = verdict(judged([less(name, 1, 0.1)], { baselines, stays: { why: "none can be kept" } }));
    expect(words).toContain("A run cannot keep that: fit the rows of each label as a table of their own, or");
    expect(words).not.toContain("Use the");
  });
});

describe("--keep best", () => {
  /** Models by their NLL and what they ask for; differences have a standard error of 0.1, and of 0 where there is none. */
  const simplestOf = (...models: readonly (readonly [nll: number, asks: number])[]): number => {
    const all = models.map(([nll, asks], at) => ({ nll, asks, at }));
    const less = (a: { nll: number }, b: { nll: number }) => a.nll - b.nll;
    return simplest(all, (a, b) => ({
      trimmed: { mean: less(a, b), standardError: Math.abs(less(a, b)) < 1e-6 ? 0 : 0.1 },
    })).at;
  };
  it("takes a larger model where it gains what it asks for on the best of the simpler ones", () => {
    expect(simplestOf([3, 1])).toBe(0);
    expect(simplestOf([3, 1], [2.95, 1], [2.92, 1])).toBe(0);
    expect(simplestOf([3, 1], [2.8, 1], [2.75, 1])).toBe(1);
    expect(simplestOf([3, 1], [2.95, 1], [2.8, 1])).toBe(2);
    expect(simplestOf([3, 1], [3.5, 1], [2.85, 2])).toBe(0);
    expect(simplestOf([3, 1], [3.5, 1], [2.75, 2])).toBe(2);
    expect(simplestOf([3, 1], [3 - 1e-9, 1])).toBe(0);
    expect(simplestOf([3, 1], [3, 1])).toBe(0); // a flow of no blocks is the Gaussian
  });
});

describe("the line on the model that was kept", () => {
  const figures = (mean: number, standardError: number) => ({
    name: "Gaussian mixture",
    flow: 2.5,
    baseline: 2.5 - mean,
    flowLess: less("", mean, standardError),
  });
  const ties = NO_TIES;
  it("says which it is, by which figures, and how to have the other", () => {
    const kept = { ...figures(0.5, 0.1), modelHash: "", validationNll: 2, testNll: 2, standardError: 0.1 };
    expect(keptLines({ kept, stays: null, ties })).toEqual([
      "Kept as the model: the Gaussian mixture, which validation rows prefer (NLL 2.0000 nats, of the flow 2.5000). The flow is in flow.safetensors; --keep flow makes it the model.",
    ]);
    const level = { ...kept, ...figures(-0.05, 0.1) };
    expect(keptLines({ kept: level, stays: null, ties })[0]).toContain(
      "the simpler of two that are level on validation",
    );
    const same = { ...kept, ...figures(3e-9, 1e-9) };
    expect(keptLines({ kept: same, stays: null, ties })[0]).toContain(
      "the simpler of two that are level on validation",
    );
    expect(keptLines({ kept: null, stays: figures(-0.5, 0.1), ties })).toEqual([
      "Kept as the model: the flow, which validation rows prefer (NLL 2.5000 nats, of the Gaussian mixture 3.0000).",
    ]);
    expect(keptLines({ kept: null, stays: null, ties })).toEqual([]);
  });

  it("says why no baseline could take the place of the flow", () => {
    const row = (keepable: boolean) => ({ row: { keepable } });
    expect(whyNone([row(true), row(false)], NO_TIES)).toBeUndefined();
    expect(whyNone([row(false)], NO_TIES)).toContain("no baseline that was fitted is one that a run can keep");
    expect(whyNone([], NO_TIES)).toContain("no baseline could be fitted");
    const why = whyNone([row(true)], { spikes: [{ name: "price", repeated: 0.3 }] }) ?? "";
    expect(why).toContain("values recur in price on no grid");
    expect(keptLines({ kept: null, stays: { why }, ties })).toEqual([`Kept as the model: the flow; ${why}.`]);
  });
});
