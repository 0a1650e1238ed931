/**
 * Certificates of the convergence theory where all is known: exact steps, steps with a residual of a given norm, the line, trained
 * maps, inverses that are off, a target that is not convex.
 *
 * `npm run bench -- certificates [--tests E1,E2,E3,E4,E5,E6] [--seeds 1,2,3] [--json FILE]`
 */
import { parseArgs } from "node:util";
import { exactGaussians, givenResiduals, onTheLine, shakenInverses } from "./parts/certificatesExact.ts";
import { type CertificateEntry, certificatesPage, type Figures } from "./parts/certificatesPage.ts";
import { scoreEstimates, trainedMaps, withoutConvexity } from "./parts/certificatesTrained.ts";
import { startClock } from "./parts/clock.ts";
import { openEngine } from "./parts/engine.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      tests: { type: "string", default: "E1,E2,E3,E4,E5,E6,scores" },
      seeds: { type: "string", default: "1,2,3" },
      json: { type: "string", default: resultFile("certificates") },
    },
  });
  const seeds = options.seeds.split(",").map((word) => parseCount("seeds", word));
  const engine = await openEngine(1);
  const tests: Readonly<Record<string, () => Promise<Figures[]>>> = {
    E1: async () => exactGaussians(),
    E2: async () => givenResiduals(),
    E3: async () => onTheLine(),
    E4: () => trainedMaps(engine, seeds),
    E5: async () => shakenInverses(),
    E6: () => withoutConvexity(engine, seeds[0]),
    scores: () => scoreEstimates(engine, seeds),
  };
  const names = Object.keys(tests);
  for (const test of parseNames("tests", options.tests, names)) {
    const clock = startClock();
    const lines = await tests[test]();
    const entry: CertificateEntry = { test, lines, cpuSeconds: clock().cpuSeconds, ...conditions(1, {}) };
    storeEntries<CertificateEntry>(options.json, { [test]: entry }, certificatesPage);
    for (const line of lines) console.log(JSON.stringify({ test, ...line }));
  }
  engine.dispose();
});
