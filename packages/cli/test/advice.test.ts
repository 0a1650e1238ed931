/** What a report advises where a flow loses: settings that its system has, each other than what the run had. */
import { createKey, data, systems } from "jkoflow";
import { describe, expect, it } from "vitest";
import type { Measures } from "../src/report/measures.ts";
import { verdict } from "../src/report/words.ts";

const rows = (name: string, n: number) => data.createTable(data.toys.moons.sample(createKey(name), n), ["x", "y"]);
const problem = { train: rows("train", 200), validation: rows("validation", 100) };

describe("a flow that loses", () => {
  for (const [name, system] of Object.entries(systems)) {
    for (const stop of ["largest number of blocks", "no gain"]) {
      for (const train of [200, 50_000]) {
        it(`${name} on ${train} rows, stopped by "${stop}"`, () => {
          const settings = system.defaults(problem, createKey(1));
          const lost = {
            flowLessMixture: { mean: 1, standardError: 0.1 },
            stop,
            settings,
            rows: { train },
            columns: 2,
          };
          const words = verdict(lost as unknown as Measures);
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
