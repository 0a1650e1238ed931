/**
 * The model of `jko fit` without a flag, on rows of one correlated Gaussian and of two: its mean log-density on many fresh rows is
 * that of the exact density, within two standard errors of the mean over these rows. The training is short; which model is
 * kept goes by the same rule as after a long one.
 */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, fold } from "jkoflow";
import { type GaussianMixture, gaussianMixture, normalDistribution } from "jkoflow/distributions";
import { scoreLogProb } from "jkoflow/evaluate";
import { expect, it } from "vitest";
import type { Measures } from "../src/report/measures.ts";
import { folder, jko, resultOf, SHORT } from "./command.testing.ts";

const home = folder();
const [FITTED, HELD, FRESH] = [400, 100, 4000];
const laws: Readonly<Record<string, GaussianMixture>> = {
  one: gaussianMixture([1], [normalDistribution([3, -1], Float64Array.of(4, 1.8, 1.8, 1))]),
  two: gaussianMixture(
    [0.35, 0.65],
    [
      normalDistribution([-2, 0], Float64Array.of(0.5, 0.2, 0.2, 0.3)),
      normalDistribution([2, 1], Float64Array.of(0.8, -0.3, -0.3, 0.6)),
    ],
  ),
};

for (const [name, law] of Object.entries(laws)) {
  it.each([1, 2, 3])(`is as good as the exact density: rows of ${name}, seed %i`, async (seed) => {
    const key = fold(createKey(seed), name);
    const table = (part: string, rows: number): string => {
      const x = law.sample(fold(key, part), rows);
      const path = join(home, `${name}-${part}-${seed}.csv`);
      fs.writeFileSync(
        path,
        `a,b\n${Array.from({ length: rows }, (_, i) => `${x[2 * i]},${x[2 * i + 1]}`).join("\n")}\n`,
      );
      return path;
    };
    const parts = `${table("train", FITTED)} --validation ${table("held", HELD)} --test ${table("fresh", FRESH)}`;
    const fit = await jko(
      `fit ${parts} --seed ${seed} --out ${join(home, `${name}-${seed}`)} --report none --json ${SHORT}`,
    );
    expect([fit.code, fit.code === 0 ? "" : fit.err]).toEqual([0, ""]);
    const { kept, testNll: ofFlow } = resultOf(fit) as unknown as Measures;
    const x = law.sample(fold(key, "fresh"), FRESH);
    const exact = scoreLogProb(
      Float64Array.from({ length: FRESH }, (_, i) => law.logDensityAt(x.subarray(2 * i, 2 * i + 2))),
    );
    const model = kept?.testNll ?? ofFlow ?? Number.NaN;
    expect(model - exact.nll).toBeLessThan(2 * exact.standardError);
    expect(model - exact.nll).toBeGreaterThan(-2 * exact.standardError);
  });
}
