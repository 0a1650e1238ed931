/** `jko fit --report`: less to wait for, the same model, and what was left out can be made up for. */
import fs from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { fewRows } from "../src/report/fewRows.ts";
import type { Measures } from "../src/report/measures.ts";
import { folder, hashOf, jko, type Outcome, resultOf, smallTable, TINY } from "./command.testing.ts";

const home = folder();
const table = smallTable(join(home, "small.csv"));
const path = (name: string): string => join(home, name);
const fits = new Map<string, Outcome>();

beforeAll(async () => {
  for (const extent of ["none", "quick", "full"]) {
    const fit = await jko(`fit ${table} --out ${path(extent)} --report ${extent} ${TINY}`);
    expect([fit.code, fit.code === 0 ? "" : fit.err]).toEqual([0, ""]);
    fits.set(extent, fit);
  }
});

const resultIn = (run: string): Measures => JSON.parse(fs.readFileSync(join(run, "report.json"), "utf8")).result;
const svgs = (run: string): string[] => fs.readdirSync(join(run, "plots")).filter((name) => name.endsWith(".svg"));

it("none, quick and full are the same model and likelihood", () => {
  const [none, quick, full] = ["none", "quick", "full"].map((name) => resultIn(path(name)));
  for (const less of [none, quick]) {
    for (const key of ["modelHash", "testNll", "validationNll", "standardError", "inversionError"] as const)
      expect(less[key]).toBe(full[key]);
  }
  expect([none.report, quick.report, full.report]).toEqual(["none", "quick", undefined]);
  expect([none.baselines, none.flowLess, none.fit]).toEqual([[], [], null]);
  expect(quick.baselines.map(({ testNll }) => testNll)).toEqual(
    full.baselines.slice(0, 2).map(({ testNll }) => testNll),
  );
  expect(quick.flowLess).toEqual(full.flowLess.slice(0, 2));
  expect([quick.fit, full.fit === null]).toEqual([null, false]);
});

it("none writes no page and no figure, quick a page with one", () => {
  const names = fs.readdirSync(path("none"));
  expect(names).not.toContain("report.html");
  expect(names).not.toContain("plots");
  expect(svgs(path("quick"))).toEqual(["marginals.svg"]);
  expect(fs.readFileSync(join(path("quick"), "report.html"), "utf8")).toContain("--report quick: no tests of fit");
  expect(svgs(path("full")).length).toBeGreaterThan(4);
});

it("says in one line what makes up for it, and that does", async () => {
  const none = path("none");
  const said = `--report none: no baselines, tests of fit, figures or page; jko evaluate ${none} --all gives the first two, jko plot ${none} the figures`;
  expect(fits.get("none")!.out.split("\n")).toContain(said);
  expect(fits.get("none")!.out).toContain("no baseline was fitted");
  expect(fits.get("none")!.out).not.toContain("report.html");
  expect(fits.get("full")!.out).not.toContain("--report");
  const later = resultOf(await jko(`evaluate ${none} --all --json`)) as unknown as Measures;
  const { baselines, fit } = resultIn(path("full"));
  expect(later.baselines.map(({ testNll }) => testNll)).toEqual(baselines.map(({ testNll }) => testNll));
  expect(later.fit?.tests.length).toBe(fit?.tests.length);
  expect((await jko(`plot ${none} --quiet`)).code).toBe(0);
  expect(svgs(none).sort()).toEqual(svgs(path("full")).sort());
});

it("is kept by resume", async () => {
  const broken = path("broken");
  const first = await jko(`fit ${table} --out ${broken} --report none ${TINY} --json`, {
    onOut: (text, interrupt) => text.includes('"trained"') && interrupt("SIGINT"),
  });
  expect(first.code).toBe(130);
  expect(first.err).toContain("the model is saved, its report is not");
  expect((await jko(`resume ${broken} --quiet`)).code).toBe(0);
  expect(resultIn(broken)).toMatchObject({ report: "none", baselines: [], fit: null });
  expect(fs.existsSync(join(broken, "report.html"))).toBe(false);
  expect(hashOf(join(broken, "model.safetensors"))).toBe(hashOf(join(path("full"), "model.safetensors")));
  expect((await jko(`fit ${table} --report some`)).err).toContain("none | quick | full");
});

it("says what few rows can tell", () => {
  const measures = (test: number, standardError: number): Measures => ({
    ...resultIn(path("full")),
    rows: { train: 100, validation: 10, test },
    flowLess: [
      { name: "Gaussian", mean: 0, standardError, median: 0, carriers: [], trimmed: { mean: 0, standardError } },
    ],
  });
  // A verdict needs two standard errors. With a true difference of 2.8 it is reached with probability Phi(0.8) = 0.788.
  expect(fewRows(measures(27, 0.25))).toEqual([
    "This is judged by 27 test rows: a true difference below about 0.7000 nats would be missed more often than one time in five.",
  ]);
  expect(fewRows(measures(50, 0.25))).toEqual([]);
  expect(fits.get("full")!.out).toContain("This is judged by 20 test rows");
  expect(fs.readFileSync(join(path("full"), "report.html"), "utf8")).toContain("This is judged by 20 test rows");
});
