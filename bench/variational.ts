/**
 * The variational flow along problems whose solution is known, beside Euler-Maruyama.
 *
 * `npm run bench -- variational [--tests ou2,porous3] [--seeds 1,2,3] [--set key=value ...] [--threads 1] [--json FILE]`
 */
import { parseArgs } from "node:util";
import { openEngine } from "./parts/engine.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";
import { type VariationalEntry, variationalPage } from "./parts/variationalPage.ts";
import { trainVariational } from "./parts/variationalRun.ts";
import { variationalTests } from "./parts/variationalTests.ts";

const names = Object.keys(variationalTests);

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      tests: { type: "string", default: names.join(",") },
      seeds: { type: "string", default: "1,2,3" },
      set: { type: "string", multiple: true, default: [] },
      threads: { type: "string", default: "1" },
      json: { type: "string", default: resultFile("variational") },
    },
  });
  const threads = parseCount("threads", options.threads);
  const settings = parseSettings(options.set);
  const engine = await openEngine(threads);
  for (const test of parseNames("tests", options.tests, names)) {
    const { problem, judge, settings: own } = variationalTests[test];
    for (const seed of options.seeds.split(",").map((word) => parseCount("seeds", word))) {
      const found: Pick<VariationalEntry, "figures" | "failure"> = await trainVariational(
        engine,
        problem(seed),
        { ...own, ...settings },
        seed,
      ).then(
        (run) => ({ figures: { ...judge(engine, run, seed), cpuSeconds: run.cpuSeconds } }),
        (error: Error) => ({ failure: error.message }),
      );
      const entry: VariationalEntry = { test, seed, ...found, ...conditions(threads, settings) };
      storeEntries<VariationalEntry>(options.json, { [`${test} ${seed}`]: entry }, variationalPage);
      console.log(JSON.stringify({ test, seed, ...found }));
    }
  }
  engine.dispose();
});
