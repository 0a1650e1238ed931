/**
 * Intervals of flows whose target was estimated: how often they hold the truth, on problems where it is known, and how far simulated
 * variances are from those of the theory.
 *
 * `npm run bench -- bands [--tests offline,online,bootstrap,matrix,path,well] [--replicates 20000] [--json FILE]`
 *
 * With offline it draws results/bands.svg: the coverage that collapses where intervals are about the scheme and the flow is asked for.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { matrixCoverage, pathCoverage, wellCoverage } from "./parts/bandsFurther.ts";
import { bootstrapCoverage, coverageFigure, offlineCoverage, onlineVariances } from "./parts/bandsLine.ts";
import { type BandsEntry, bandsPage, type Line } from "./parts/bandsPage.ts";
import { startClock } from "./parts/clock.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { conditions, resultFile, storeEntries } from "./parts/results.ts";

/** Replicates of the others, where offline and online have 20,000: one costs more. */
const share = (replicates: number, of: number): number => Math.max(20, Math.round(replicates / of));

const tests: Readonly<Record<string, (replicates: number) => Line[]>> = {
  offline: offlineCoverage,
  online: onlineVariances,
  bootstrap: (replicates) => bootstrapCoverage(share(replicates, 10)),
  matrix: (replicates) => matrixCoverage(share(replicates, 10)),
  path: (replicates) => pathCoverage(share(replicates, 10)),
  well: (replicates) => wellCoverage(share(replicates, 40)),
};
const names = Object.keys(tests);

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      tests: { type: "string", default: names.join(",") },
      replicates: { type: "string", default: "20000" },
      json: { type: "string", default: resultFile("bands") },
    },
  });
  const replicates = parseCount("replicates", options.replicates);
  for (const test of parseNames("tests", options.tests, names)) {
    const clock = startClock();
    const lines = tests[test](replicates);
    const entry: BandsEntry = { test, lines, cpuSeconds: clock().cpuSeconds, ...conditions(1, {}) };
    storeEntries<BandsEntry>(options.json, { [test]: entry }, bandsPage);
    if (test === "offline") writeFileSync(options.json.replace(/(\.json)?$/, ".svg"), coverageFigure(lines));
    for (const line of lines) console.log(JSON.stringify({ test, ...line }));
  }
});
