/**
 * JKO for Landau on problems with closed forms, beside random pairs of particles.
 *
 * `npm run bench -- landau [--tests bkw2,coulomb] [--seeds 1,2,3] [--set key=value ...] [--threads 1] [--json FILE]`
 */
import { parseArgs } from "node:util";
import { openEngine } from "./parts/engine.ts";
import { type LandauEntry, landauPage, landauTests, runLandau } from "./parts/landauRun.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";

const names = Object.keys(landauTests);

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      tests: { type: "string", default: names.join(",") },
      seeds: { type: "string", default: "1,2,3" },
      set: { type: "string", multiple: true, default: [] },
      threads: { type: "string", default: "1" },
      json: { type: "string", default: resultFile("landau") },
    },
  });
  const threads = parseCount("threads", options.threads);
  const settings = parseSettings(options.set);
  const engine = await openEngine(threads);
  for (const test of parseNames("tests", options.tests, names)) {
    for (const seed of options.seeds.split(",").map((word) => parseCount("seeds", word))) {
      const figures = await runLandau(engine, test, seed, settings);
      const entry: LandauEntry = { test, seed, figures, ...conditions(threads, settings) };
      storeEntries<LandauEntry>(options.json, { [`${test} ${seed}`]: entry }, landauPage);
      console.log(JSON.stringify({ test, seed, ...figures }));
    }
  }
  engine.dispose();
});
