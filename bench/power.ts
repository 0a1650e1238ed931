/**
 * Do the tests of fit keep their level, and what do they find? False alarms on equal distributions (normal in several
 * dimensions, moons), and the power curve on a known shift beside the best any test could do.
 *
 * `npm run bench -- power [--quick] [--draws 500] [--seed 1] [--json FILE]`
 */
import { parseArgs } from "node:util";
import { findToy } from "../packages/jkoflow/src/data/index.ts";
import { bestPower, binomialRange } from "../packages/jkoflow/src/evaluate/binomial.testing.ts";
import { createKey, fold } from "../packages/jkoflow/src/random/index.ts";
import { startClock } from "./parts/clock.ts";
import { fixed } from "./parts/figures.ts";
import { machineLine } from "./parts/machine.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, runBench } from "./parts/options.ts";
import { rejections, shifted, type TestName, testNames } from "./parts/power.ts";
import { type Conditions, conditions, resultFile, storeEntries } from "./parts/results.ts";

/** Rows of each sample. */
const ROWS = 100;
const SHIFTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1] as const;
/** Asked: 5 % +- 1.5 % of false alarms. */
const ASKED = [0.035, 0.065] as const;

interface Entry extends Conditions {
  readonly title: string;
  readonly seed: number;
  readonly rows: number;
  readonly draws: number;
  /** Length of the shift; 0 in the draws without a difference. */
  readonly shift: number;
  /** Power of the best test that knows the direction; null where that is not known in closed form. */
  readonly best: number | null;
  readonly rejections: Readonly<Record<TestName, number>>;
  readonly cpuSeconds: number;
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      draws: { type: "string" },
      seed: { type: "string", default: "1" },
      json: { type: "string" },
    },
  });
  const draws = parseCount("draws", options.draws ?? (options.quick ? "40" : "500"));
  const powerDraws = Math.max(1, Math.round(draws / 2.5));
  const seed = parseCount("seed", options.seed);
  const file = options.json ?? resultFile(options.quick ? "power-quick" : "power");
  const key = fold(createKey(seed), "power");
  const all: Record<string, Entry> = {};

  const measure = (
    name: string,
    title: string,
    count: number,
    shift: number,
    best: number | null,
    pair: Parameters<typeof rejections>[3],
  ): void => {
    const clock = startClock();
    const found = rejections(testNames, fold(key, name), count, pair);
    const { cpuSeconds } = clock();
    all[name] = {
      ...conditions(1, {}),
      title,
      seed,
      rows: ROWS,
      draws: count,
      shift,
      best,
      rejections: found,
      cpuSeconds,
    };
    console.error(
      `${title}: ${testNames.map((test) => `${test} ${found[test]}`).join(", ")} of ${count}; ${cpuSeconds.toFixed(0)} CPU s`,
    );
    storeEntries(file, { [name]: all[name] }, render);
  };
  const gaussians = (cols: number, delta: number) => (own: ReturnType<typeof fold>) => ({
    x: shifted(fold(own, "x"), ROWS, cols, 0),
    y: shifted(fold(own, "y"), ROWS, cols, delta),
    cols,
  });
  for (const cols of options.quick ? [2] : [2, 10]) {
    measure(`null-normal-${cols}`, `N(0, I), ${cols} columns`, draws, 0, null, gaussians(cols, 0));
  }
  const moons = findToy("moons");
  measure("null-moons", "moons", draws, 0, null, (own) => ({
    x: moons.sample(fold(own, "x"), ROWS),
    y: moons.sample(fold(own, "y"), ROWS),
    cols: 2,
  }));
  for (const delta of options.quick ? [0.3, 0.7] : SHIFTS) {
    const best = bestPower(delta, ROWS, ROWS);
    measure(`shift-${delta}`, `shift ${delta}`, powerDraws, delta, best, gaussians(2, delta));
  }
  console.log(render(all));
});

function render(entries: Readonly<Record<string, Entry>>): string {
  const all = Object.values(entries);
  const [{ date, machine, seed, rows }] = all;
  const nulls = all.filter(({ shift }) => shift === 0);
  const powers = all.filter(({ shift }) => shift > 0).sort((a, b) => a.shift - b.shift);
  const share = (entry: Entry, name: TestName): number => entry.rejections[name] / entry.draws;
  const falseAlarms = nulls.map((entry) => [
    entry.title,
    String(entry.draws),
    ...testNames.map((name) => `${fixed(100 * share(entry, name), 1)} %`),
    fixed(entry.cpuSeconds, 0),
  ]);
  const outside = nulls.flatMap((entry) =>
    testNames
      .filter((name) => share(entry, name) < ASKED[0] || share(entry, name) > ASKED[1])
      .map((name) => `${name} on ${entry.title} (${fixed(100 * share(entry, name), 1)} %)`),
  );
  const total = nulls.reduce((sum, { draws }) => sum + draws, 0);
  const pooled = testNames.map(
    (name) => `${fixed((100 * nulls.reduce((sum, entry) => sum + entry.rejections[name], 0)) / total, 2)} %`,
  );
  const [low, high] = nulls.length > 0 ? binomialRange(nulls[0].draws, 0.05, 0.025) : [0, 0];
  const curve = powers.map((entry) => [
    fixed(entry.shift, 1),
    fixed(entry.best, 3),
    ...testNames.map((name) => fixed(share(entry, name), 3)),
    fixed(entry.cpuSeconds, 0),
  ]);
  return [
    "# Tests of fit: false alarms and power",
    `${date}; ${machineLine(machine)}; seed ${seed}; ${rows} rows of each sample, 199 permutations, level 0.05.`,
    "## False alarms: both samples from the same distribution",
    markdownTable([
      ["distribution", "draws", ...testNames, "CPU s"],
      ...falseAlarms,
      ["all", String(total), ...pooled, ""],
    ]),
    `Asked: 5 % ± 1.5 %. ${outside.length === 0 ? "All are within." : `Outside: ${outside.join("; ")}.`} A test whose true rate is ` +
      `5 % has between ${low} and ${high} alarms in ${nulls[0]?.draws ?? 0} draws with a chance of 95 % (binomial), so single figures may ` +
      "leave the asked range by luck; the last line pools all draws. The classifier counts rows, so its accuracies tie, and ties make it cautious.",
    "## Power: N(0, I) against N(shift, I) in two columns",
    markdownTable([["shift", "best possible", ...testNames, "CPU s"], ...curve]),
    `${powers[0]?.draws ?? 0} draws a shift; a share p has a standard error of sqrt(p (1 - p) / draws), at most ${fixed(0.5 / Math.sqrt(powers[0]?.draws ?? 1), 3)}. Best possible: the test that ` +
      "knows the direction of the shift (Neyman and Pearson), which no test of this level beats.",
  ].join("\n\n");
}
