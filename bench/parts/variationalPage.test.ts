import { expect, it } from "vitest";
import type { Conditions } from "./results.ts";
import { variationalPage } from "./variationalPage.ts";

const machine = { cpu: "a processor", cores: 2, memoryGiB: 8, node: "20" } as unknown as Conditions["machine"];
const conditions: Conditions = { date: "2026-01-01", machine, threads: 1, settings: {} };

it("a figure that was infinite is null in the JSON of results, and is told as such", () => {
  const entry = (seed: number, rivalSymKl10: number) => ({
    ...{ test: "ou2", seed, figures: { symKl10: 0.5 * seed, rivalSymKl10 } },
    ...conditions,
  });
  const entries = { a: entry(1, 3), b: entry(2, Number.POSITIVE_INFINITY), c: entry(3, 5) };
  const page = variationalPage(JSON.parse(JSON.stringify(entries)));
  expect(page).toMatch(/\| rivalSymKl10 \| +5 \| +not finite +\| +3, not finite, 5 +\|/);
  expect(page).toMatch(/\| symKl10 +\| +1 \| +1\.5 +\| +0\.5, 1, 1\.5 +\|/);
});
