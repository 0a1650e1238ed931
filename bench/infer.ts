/**
 * Samplers of a density that is known up to a constant, where exact samples and Z are known.
 *
 * `npm run bench -- infer [--tests eight-modes,mustache] [--systems smc,neural,published] [--seeds 1,2,3] [--set key=value ...]
 * [--threads 1] [--json FILE]`
 */
import { parseArgs } from "node:util";
import { openEngine } from "./parts/engine.ts";
import { type InferEntry, inferPage } from "./parts/inferPage.ts";
import { inferSystems, runSampler } from "./parts/inferRun.ts";
import { inferTests } from "./parts/inferTests.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";

const names = Object.keys(inferTests);

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      tests: { type: "string", default: names.join(",") },
      systems: { type: "string", default: inferSystems.join(",") },
      seeds: { type: "string", default: "1,2,3" },
      set: { type: "string", multiple: true, default: [] },
      threads: { type: "string", default: "1" },
      json: { type: "string", default: resultFile("infer") },
    },
  });
  const threads = parseCount("threads", options.threads);
  const settings = parseSettings(options.set);
  const engine = await openEngine(threads);
  for (const test of parseNames("tests", options.tests, names)) {
    for (const system of parseNames("systems", options.systems, inferSystems)) {
      for (const seed of options.seeds.split(",").map((word) => parseCount("seeds", word))) {
        const found: Pick<InferEntry, "figures" | "failure"> = await runSampler(
          engine,
          system,
          inferTests[test],
          settings,
          seed,
          console.error,
        ).then(
          (figures) => ({ figures }),
          (error: Error) => ({ failure: error.message }),
        );
        const entry: InferEntry = { test, system, seed, ...found, ...conditions(threads, settings) };
        storeEntries<InferEntry>(options.json, { [`${test} ${system} ${seed}`]: entry }, inferPage);
        console.log(JSON.stringify({ test, system, seed, ...found }));
      }
    }
  }
  engine.dispose();
});
