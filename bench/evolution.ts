/**
 * JKO-ICNN along flows whose exact solution is known: the random Gaussian targets of the published test, and one step or a
 * steady state in closed form for each other functional.
 *
 * `npm run bench -- evolution [--tests ou2,porous1] [--targets 0,1,2] [--seeds 1,2] [--set key=value ...] [--threads 1]
 *  [--json FILE]`
 */
import { parseArgs } from "node:util";
import { InputError } from "../packages/jkoflow/src/errors/index.ts";
import { openEngine } from "./parts/engine.ts";
import { type EvolutionEntry, evolutionPage, runTest, testNames } from "./parts/evolutionRun.ts";
import { tests } from "./parts/evolutionTests.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";

const whole = (option: string, text: string): number[] =>
  text.split(",").map((word) => parseCount(option, String(Number(word) + 1)) - 1);

/** All of a test where none are said. @throws InputError for one that it has not. */
function targetsOf(test: string, text: string | undefined): number[] {
  const known = tests[test];
  const count = "targets" in known ? (known.targets ?? 0) : 0;
  if (text === undefined) return Array.from({ length: count }, (_, i) => i);
  const asked = whole("targets", text);
  const other = asked.find((number) => number >= count);
  if (other === undefined) return asked;
  throw new InputError({ where: "--targets", came: `${other} of ${test}`, expected: `0 to ${count - 1}` });
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      tests: { type: "string", default: testNames.join(",") },
      targets: { type: "string" },
      seeds: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      threads: { type: "string", default: "1" },
      json: { type: "string", default: resultFile("evolution") },
    },
  });
  const threads = parseCount("threads", options.threads);
  const settings = parseSettings(options.set);
  const engine = await openEngine(threads);
  for (const test of parseNames("tests", options.tests, testNames)) {
    const isTargets = tests[test].of === "targets";
    const asked = options.seeds === undefined ? undefined : whole("seeds", options.seeds);
    const cases = isTargets
      ? (asked ?? [1]).flatMap((seed) => targetsOf(test, options.targets).map((number) => ({ number, seed })))
      : (asked ?? tests[test].cases ?? [1, 2, 3]).map((number) => ({ number, seed: number }));
    for (const { number, seed } of cases) {
      const figures = await runTest(engine, test, number, settings, seed);
      const ofSeed = isTargets && seed !== 1 ? { seed } : {};
      const entry: EvolutionEntry = { test, number, ...ofSeed, figures, ...conditions(threads, settings) };
      const key = `${test} ${number}${isTargets && seed !== 1 ? ` seed ${seed}` : ""}`;
      storeEntries<EvolutionEntry>(options.json, { [key]: entry }, evolutionPage);
      console.log(JSON.stringify({ test, number, ...ofSeed, ...figures }));
    }
  }
  engine.dispose();
});
