/** Held-out rows choose the model of a run: the flow, or a baseline that is as good; the flow stays beside it. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, fold } from "jkoflow";
import { normal, uniform } from "jkoflow/random";
import { beforeAll, describe, expect, it } from "vitest";
import type { Measures } from "../src/report/measures.ts";
import { folder, hashOf, jko, resultOf, SHORT } from "./command.testing.ts";

const place = folder();
const N = 600;
const z = normal(fold(createKey(3), "rows"), 3 * N);
const u = uniform(fold(createKey(3), "places"), N);

function write(name: string, header: string, row: (i: number) => readonly unknown[]): string {
  const path = join(place, name);
  fs.writeFileSync(path, `${header}\n${Array.from({ length: N }, (_, i) => row(i).join(",")).join("\n")}\n`);
  return path;
}

/** Two clusters far apart: a flow of a few updates is still the Gaussian, which a mixture beats by more than a nat. */
const cluster = (i: number): number => z[2 * i] + (i % 2 === 0 ? 12 : -12);
const table = write("rows.csv", "a,b", (i) => [cluster(i), z[2 * i + 1]]);
/** The same with a category of three words, a flag and gaps, of which the clusters know nothing. */
const mixed = write("mixed.csv", "a,b,kind,flag", (i) => [
  i % 10 === 3 ? "" : cluster(i),
  z[2 * i + 1],
  ["ant", "bee", "cow"][i % 3],
  i % 5 === 0 ? 1 : 0,
]);
/** A column that depends on a given number and a given word, with two clusters around that. */
const given = write("given.csv", "y,x,kind", (i) => [
  cluster(i) / 4 + 3 * z[2 * N + i],
  z[2 * N + i],
  ["ant", "bee"][(i >> 1) % 2],
]);
/** A third of two columns stands within a thousandth, the other has sharp ends: what margins hold. */
const edges = write("edges.csv", "a,b,c", (i) => [
  i % 3 === 0 ? 5 + z[i] / 1000 : 3 + z[i],
  u[i],
  (i >> 2) % 3 === 0 ? z[N + i] / 1000 : z[2 * N + i] - 9,
]);

const measures = (outcome: Awaited<ReturnType<typeof jko>>) => resultOf(outcome) as unknown as Measures;
const resultIn = (run: string): Measures => JSON.parse(fs.readFileSync(join(run, "report.json"), "utf8")).result;

describe("jko fit", () => {
  const run = join(place, "kept");
  const file = (name: string): string => join(run, name);

  it("keeps the mixture where held-out rows prefer it, and says so", async () => {
    const outcome = await jko(`fit ${table} --out ${run} ${SHORT}`);
    expect(outcome.out).toContain("Kept as the model: the Gaussian mixture, which validation rows prefer (NLL ");
    expect(outcome.out).toMatch(/^Gaussian mixture \(kept\) /m);
    expect(outcome.out).toMatch(/^Tests of fit of the Gaussian mixture: /m);
    const result = resultIn(run);
    expect(result.kept?.flowLess.trimmed.mean).toBeGreaterThan(1);
    expect((result.kept?.flow ?? 0) - (result.kept?.baseline ?? 0)).toBeCloseTo(result.kept?.flowLess.mean ?? 0, 10);
    expect(result.modelHash).toBe(hashOf(file("model.safetensors")));
    const page = fs.readFileSync(file("report.html"), "utf8");
    expect(page).toContain("Kept as the model");
    expect(page).toContain("Do samples of the Gaussian mixture look like the data?");
    expect(page).toContain("test NLL of the model, the Gaussian mixture");
  });

  it("scores, samples and describes by what was kept", async () => {
    const result = resultIn(run);
    const mixture = result.baselines.find(({ name }) => name === result.kept?.name);
    const own = measures(await jko(`evaluate ${run} --json`));
    expect(own.testNll).toBeCloseTo(mixture?.testNll ?? Number.NaN, 4);
    expect(own.validationNll).toBe(mixture?.validationNll);
    expect(result.validationNll - own.validationNll).toBeGreaterThan(1); // that of the flow
    expect((await jko(`evaluate ${run}`)).out).toContain("Gaussian mixture less Gaussian ");
    const rows = (await jko(`sample ${run} -n 200`)).out.trim().split("\n").slice(1);
    const near = rows.filter((row) => Math.abs(Math.abs(Number(row.split(",")[0])) - 12) < 6);
    expect(near).toHaveLength(200);
    const { out } = await jko(`info ${run}`);
    expect(out).toMatch(/mixture +\d+ Gaussians\n/);
    expect(out.replaceAll(/\s+/g, " ")).toContain("Kept as the model: the Gaussian mixture");
    const drawn = fs.readFileSync(file("plots/density.svg"));
    expect((await jko(`plot ${run}`)).code).toBe(0);
    expect(fs.readFileSync(file("plots/density.svg")).equals(drawn)).toBe(true);
  });

  it("comes to the same bits when its report is made again", async () => {
    const [model, flow] = [hashOf(file("model.safetensors")), hashOf(file("flow.safetensors"))];
    fs.rmSync(file("complete.json"));
    expect(measures(await jko(`resume ${run} --json`)).kept?.name).toBe("Gaussian mixture");
    expect([hashOf(file("model.safetensors")), hashOf(file("flow.safetensors"))]).toEqual([model, flow]);
  });

  it("chooses the same model whatever the report", async () => {
    for (const extent of ["none", "quick"]) {
      const other = join(place, extent);
      const { out } = await jko(`fit ${table} --out ${other} --report ${extent} ${SHORT}`);
      expect(out).toContain("Kept as the model: the Gaussian mixture");
      expect(hashOf(join(other, "model.safetensors"))).toBe(hashOf(file("model.safetensors")));
    }
  });

  it("keeps the flow where asked, where a system is named, and of anomalies; --print-config says which", async () => {
    const other = join(place, "flow");
    const outcome = await jko(`fit ${table} --keep flow --out ${other} ${SHORT}`);
    expect(outcome.out).toMatch(
      /--keep best makes (it|the Gaussian mixture, which is better than the flow too,) the model/,
    );
    expect(outcome.out).not.toContain("Kept as the model");
    expect(fs.existsSync(join(other, "flow.safetensors"))).toBe(false);
    expect(hashOf(join(other, "model.safetensors"))).toBe(hashOf(file("flow.safetensors")));
    const wish = async (flags: string): Promise<unknown> =>
      JSON.parse((await jko(`fit ${table} --print-config ${flags}`)).out).keep;
    const named = join(place, "named.json");
    fs.writeFileSync(named, `{"system": "jko-iflow"}`);
    const asked = join(place, "asked.json");
    fs.writeFileSync(asked, `{"keep": "flow"}`);
    for (const [flags, kept] of [
      ["", "best"],
      ["--effort fast", "best"],
      ["--system jko-iflow", "flow"],
      [`--config ${named}`, "flow"],
      [`--config ${asked}`, "flow"],
      ["--for anomalies", "flow"],
      ["--system jko-iflow --keep best", "best"],
      ["--for anomalies --keep best", "best"],
    ]) {
      expect([flags, await wish(flags)]).toEqual([flags, kept]);
    }
    expect((await jko(`fit ${table} --keep all`)).err).toContain("--keep");
  });
});

describe.each([
  { what: "categories, flags and gaps", data: mixed, flags: "", kept: /^Gaussian mixture.* around that$/ },
  { what: "given columns", data: given, flags: "--condition x,kind", kept: /^Gaussian mixture.* around that$/ },
  { what: "kernel margins", data: edges, flags: "", kept: /^Gaussian mixture with kernel margins$/ },
])("a mixture beside $what", ({ what, data, flags, kept }) => {
  const run = join(place, what.replaceAll(/\W/g, "-"));
  let out = "";
  beforeAll(async () => {
    const fit = await jko(`fit ${data} ${flags} --out ${run} ${SHORT}`);
    expect([fit.code, fit.code === 0 ? "" : fit.err]).toEqual([0, ""]);
    out = fit.out;
  });

  it("is kept, and scores rows as it did when it was held against the flow", async () => {
    const result = resultIn(run);
    expect(result.kept?.name).toMatch(kept);
    expect(out).toContain(`Kept as the model: the ${result.kept?.name}`);
    const own = measures(await jko(`evaluate ${run} --json`));
    expect(own.modelHash).toBe(result.modelHash);
    expect(own.testNll).toBeCloseTo(result.kept?.testNll ?? Number.NaN, 3);
    expect((await jko(`info ${run}`)).out).toMatch(/\nmixture +\d+ Gaussian/);
    expect((await jko(`plot ${run} --quiet`)).code).toBe(0);
  });

  it("has rows of the same kind, and the same bits when resumed", async () => {
    const path = join(place, `${what.length}.csv`);
    expect((await jko(`sample ${run} -n 4000 -o ${path}`)).code).toBe(0);
    const lines = (file: string): string[][] =>
      fs
        .readFileSync(file, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(","));
    const [[...header], ...rows] = lines(path);
    const [names, ...own] = lines(data);
    header.forEach((name, column) => {
      const of = (all: string[][], at: number): string[] => all.map((cells) => cells[at]);
      const [samples, before] = [of(rows, column), of(own, names.indexOf(name))];
      const words = new Set(before.filter((cell) => Number.isNaN(Number(cell)) || cell === ""));
      for (const word of words) {
        const share = (cells: string[]): number => cells.filter((cell) => cell === word).length / cells.length;
        // Three binomial standard errors of the rows and of the samples together.
        const p = share(before);
        const error = Math.sqrt(p * (1 - p) * (1 / before.length + 1 / samples.length));
        expect(Math.abs(share(samples) - p)).toBeLessThan(3 * error + 1e-9);
      }
      for (const cell of samples) if (Number.isNaN(Number(cell))) expect(words).toContain(cell);
    });
    const hash = hashOf(join(run, "model.safetensors"));
    fs.rmSync(join(run, "complete.json"));
    expect((await jko(`resume ${run} --quiet`)).code).toBe(0);
    expect(hashOf(join(run, "model.safetensors"))).toBe(hash);
  });
});

it("a flow that held-out rows prefer stays the model, with both figures", async () => {
  const run = join(place, "stays");
  // Three rings: a dozen Gaussians for each, and hundreds for every way in which they meet.
  const noise = normal(fold(createKey(3), "radii"), 3 * N);
  const turns = uniform(fold(createKey(3), "turns"), 3 * N);
  const rings = write("rings.csv", "a,b,c,d,e,f", (i) =>
    [0, 1, 2].flatMap((k) => {
      const [radius, angle] = [3 + noise[3 * i + k] / 4, 2 * Math.PI * turns[3 * i + k]];
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }),
  );
  const fast = "--effort fast --set blocks=1 --set updates=150 --report none --threads 1";
  const { out } = await jko(`fit ${rings} ${fast} --out ${run}`);
  expect(out).toMatch(
    /Kept as the model: the flow, which validation rows prefer \(NLL [\d.]+ nats, of the .+ [\d.]+\)\./,
  );
  expect(out).toMatch(/^flow \(kept\) /m);
  const { stays, kept, modelHash } = resultIn(run);
  expect([kept, modelHash]).toEqual([null, hashOf(join(run, "model.safetensors"))]);
  expect(stays).toHaveProperty("flowLess");
  expect(fs.existsSync(join(run, "flow.safetensors"))).toBe(false);
});
