/**
 * Do the tests of fit keep their level, and what do they find? False alarms on equal distributions (normal in several
 * dimensions, moons, a table of skewed, whole, categorical and rare columns), and the power curve on a known shift beside the best any test could do.
 *
 * `npm run bench -- power [--quick] [--draws 500] [--seed 1] [--tests boosted-trees,mmd-unit] [--nulls] [--json FILE]`
 *
 * `--tests` runs some of them; figures of the others on the same draws stay in the file. `--nulls` leaves the power curve out.
 */
import { parseArgs } from "node:util";
import { findToy } from "../packages/jkoflow/src/data/index.ts";
import { bestPower, binomialRange } from "../packages/jkoflow/src/evaluate/binomial.testing.ts";
import { createKey, fold } from "../packages/jkoflow/src/random/index.ts";
import { startClock } from "./parts/clock.ts";
import { fixed } from "./parts/figures.ts";
import { machineLine } from "./parts/machine.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { mixedRows, rejections, shifted, type TestName, testNames, testWords } from "./parts/power.ts";
import { type Conditions, conditions, knownEntries, resultFile, storeEntries } from "./parts/results.ts";

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
  /** Of the tests that were run on these draws. */
  readonly rejections: Readonly<Partial<Record<TestName, number>>>;
  readonly cpuSeconds: number;
}

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      draws: { type: "string" },
      seed: { type: "string", default: "1" },
      tests: { type: "string", default: Object.keys(testWords).join(",") },
      nulls: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const draws = parseCount("draws", options.draws ?? (options.quick ? "40" : "500"));
  const powerDraws = Math.max(1, Math.round(draws / 2.5));
  const seed = parseCount("seed", options.seed);
  const words = Object.keys(testWords);
  const chosen = parseNames("tests", options.tests, words).map((word) => testWords[word]);
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
    const found = rejections(chosen, fold(key, name), count, pair);
    const spent = clock().cpuSeconds;
    const known = knownEntries<Entry>(file)[name];
    const same = known !== undefined && known.seed === seed && known.draws === count && known.rows === ROWS;
    const others = Object.keys(same ? known.rejections : {}).some((test) => !chosen.includes(test as TestName));
    const cpuSeconds = spent + (others ? known.cpuSeconds : 0);
    all[name] = {
      ...conditions(1, {}),
      title,
      seed,
      rows: ROWS,
      draws: count,
      shift,
      best,
      rejections: { ...(same ? known.rejections : {}), ...found },
      cpuSeconds,
    };
    console.error(
      `${title}: ${chosen.map((test) => `${test} ${found[test]}`).join(", ")} of ${count}; ${spent.toFixed(0)} CPU s`,
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
  measure("null-mixed", "skewed, whole, categorical, rare", draws, 0, null, (own) => ({
    x: mixedRows(fold(own, "x"), ROWS),
    y: mixedRows(fold(own, "y"), ROWS),
    cols: 4,
  }));
  for (const delta of options.nulls ? [] : options.quick ? [0.3, 0.7] : SHIFTS) {
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
  const share = (entry: Entry, name: TestName): number => (entry.rejections[name] ?? Number.NaN) / entry.draws;
  const percent = (value: number, decimals: number): string =>
    Number.isNaN(value) ? "-" : `${fixed(100 * value, decimals)} %`;
  const falseAlarms = nulls.map((entry) => [
    entry.title,
    String(entry.draws),
    ...testNames.map((name) => percent(share(entry, name), 1)),
    fixed(entry.cpuSeconds, 0),
  ]);
  const outside = nulls.flatMap((entry) =>
    testNames
      .filter((name) => share(entry, name) < ASKED[0] || share(entry, name) > ASKED[1])
      .map((name) => `${name} on ${entry.title} (${percent(share(entry, name), 1)})`),
  );
  const total = nulls.reduce((sum, { draws }) => sum + draws, 0);
  const pooled = testNames.map((name) => {
    const run = nulls.filter(({ rejections }) => rejections[name] !== undefined);
    const sum = (of: (entry: Entry) => number): number => run.reduce((all, entry) => all + of(entry), 0);
    return percent(sum(({ rejections }) => rejections[name] ?? 0) / sum(({ draws }) => draws), 2);
  });
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
