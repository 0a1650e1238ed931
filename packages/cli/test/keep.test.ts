/** --keep best: a baseline that validation rows prefer is the model of the run; the flow stays beside it. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, fold } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import type { Measures } from "../src/report/measures.ts";
import { folder, hashOf, jko, resultOf, TINY } from "./command.testing.ts";

const place = folder();
/** Two clusters far apart: a flow of a few updates is still the Gaussian, which a mixture beats by more than a nat. */
const table = join(place, "rows.csv");
const z = normal(fold(createKey(3), "rows"), 2 * 600);
const lines = Array.from({ length: 600 }, (_, i) => `${z[2 * i] + (i % 2 === 0 ? 12 : -12)},${z[2 * i + 1]}`);
fs.writeFileSync(table, `a,b\n${lines.join("\n")}\n`);
const measures = (outcome: Awaited<ReturnType<typeof jko>>) => resultOf(outcome) as unknown as Measures;

describe("jko fit --keep best", () => {
  const run = join(place, "kept");
  const file = (name: string): string => join(run, name);

  it("keeps the mixture where held-out rows prefer it, and says so", async () => {
    const outcome = await jko(`fit ${table} --keep best --out ${run} ${TINY}`);
    expect(outcome.out).toContain("Kept as the model: the Gaussian mixture, which validation rows prefer by");
    const { result } = JSON.parse(fs.readFileSync(file("report.json"), "utf8")) as { result: Measures };
    expect(result.kept?.flowLess.trimmed.mean).toBeGreaterThan(1);
    expect(result.modelHash).toBe(hashOf(file("model.safetensors")));
    expect(fs.readFileSync(file("report.html"), "utf8")).toContain("Kept as the model");
  });

  it("scores, samples and describes by what was kept", async () => {
    const { result } = JSON.parse(fs.readFileSync(file("report.json"), "utf8")) as { result: Measures };
    const mixture = result.baselines.find(({ name }) => name === result.kept?.name);
    const own = measures(await jko(`evaluate ${run} --json`));
    expect(own.testNll).toBeCloseTo(mixture?.testNll ?? Number.NaN, 4);
    expect(own.validationNll).toBe(mixture?.validationNll);
    expect(result.validationNll - own.validationNll).toBeGreaterThan(1); // that of the flow
    expect((await jko(`evaluate ${run}`)).out).toContain("Gaussian mixture less Gaussian ");
    const rows = (await jko(`sample ${run} -n 200`)).out.trim().split("\n").slice(1);
    const near = rows.filter((row) => Math.abs(Math.abs(Number(row.split(",")[0])) - 12) < 6);
    expect(near).toHaveLength(200);
    expect((await jko(`info ${run}`)).out).toContain("Gaussian mixture");
    expect((await jko(`plot ${run}`)).code).toBe(0);
  });

  it("comes to the same bits when its report is made again", async () => {
    const [model, flow] = [hashOf(file("model.safetensors")), hashOf(file("flow.safetensors"))];
    fs.rmSync(file("complete.json"));
    expect(measures(await jko(`resume ${run} --json`)).kept?.name).toBe("Gaussian mixture");
    expect([hashOf(file("model.safetensors")), hashOf(file("flow.safetensors"))]).toEqual([model, flow]);
  });

  it("keeps the flow unless asked, and names the way", async () => {
    const other = join(place, "flow");
    const outcome = await jko(`fit ${table} --out ${other} ${TINY}`);
    expect(outcome.out).toMatch(
      /--keep best makes (it|the Gaussian mixture, which is better than the flow too,) the model/,
    );
    expect(fs.existsSync(join(other, "flow.safetensors"))).toBe(false);
    expect((await jko(`fit ${table} --keep all`)).err).toContain("--keep");
  });
});
