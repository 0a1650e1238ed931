/** Runs of JKO-ICNN on problems with known solutions, and the page of their figures. */
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { createKey } from "../../packages/jkoflow/src/random/index.ts";
import { type EvolutionProblem, jkoIcnn, type Settings } from "../../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./clock.ts";
import type { Figures, Trained } from "./evolutionJudge.ts";
import { tests } from "./evolutionTests.ts";
import { markdownTable, median, rounded } from "./measure.ts";
import { type Conditions, changedSettings, conditionsLine } from "./results.ts";

export interface EvolutionEntry extends Conditions {
  readonly test: string;
  /** Of the target, or the seed. */
  readonly number: number;
  /** Of a run towards a target; default 1. */
  readonly seed?: number;
  readonly figures: Figures;
}

export const testNames: readonly string[] = Object.keys(tests);

const isNumber = (value: unknown): value is number => typeof value === "number";

async function train(engine: Engine, problem: EvolutionProblem, settings: Settings, seed: number): Promise<Trained> {
  const clock = startClock();
  const run = jkoIcnn.run({
    engine,
    problem,
    settings: { ...jkoIcnn.defaults(problem), ...settings },
    key: createKey(seed),
  });
  for (;;) {
    const next = await run.next();
    if (next.done) return { problem, evolved: next.value, cpuSeconds: clock().cpuSeconds };
  }
}

/** `number` is a target's in the tests of many targets, else that of the case; `seed` is that of the training. */
export async function runTest(
  engine: Engine,
  name: string,
  number: number,
  settings: Settings,
  seed: number,
): Promise<Figures> {
  const test = tests[name];
  if ("figures" in test) return await test.figures(engine, number, settings);
  const trained = await train(engine, test.problem(number), { ...test.settings, ...settings }, seed);
  return { ...test.judge(trained, number), cpuSeconds: trained.cpuSeconds };
}

export function evolutionPage(entries: Readonly<Record<string, EvolutionEntry>>): string {
  const all = Object.values(entries);
  const [ou, others] = [true, false].map((is) => all.filter(({ test }) => (tests[test]?.of === "targets") === is));
  const columns = (test: string): number => Number(test.replace("ou", ""));
  const groups = [...new Set(ou.map(({ test, seed = 1 }) => `${test} ${seed}`))].sort(
    (a, b) => columns(a.split(" ")[0]) - columns(b.split(" ")[0]) || a.localeCompare(b),
  );
  const lines = groups.flatMap((name) => {
    const [test, seed] = name.split(" ");
    const group = ou.filter((entry) => entry.test === test && (entry.seed ?? 1) === Number(seed));
    return ["0.5", "0.9"].flatMap((t) => {
      const of = (name: string): number[] => group.map(({ figures }) => figures[`${name}${t}`]).filter(isNumber);
      if (of("symKl").length === 0) return [];
      const { published } = tests[test];
      return [
        [
          test,
          seed,
          t,
          String(of("symKl").length),
          ...[of("symKl"), of("floor"), of("toScheme")].map((values) => rounded(median(values))),
          rounded(Math.max(...of("toScheme"))),
          published?.[`median${t}`] ?? "-",
          published?.[`particles${t}`] ?? "-",
          rounded(median(group.map(({ figures }) => figures.cpuSeconds))),
        ],
      ];
    });
  });
  const table = (rows: readonly (readonly string[])[]): string => (rows.length > 1 ? markdownTable(rows) : "");
  const head = [
    "test",
    "seed",
    "t",
    "targets",
    "SymKL, median",
    "floor, median",
    "SymKL to the exact scheme, median",
    "the same, largest",
    "published median",
    "Euler-Maruyama 50k + KDE, published",
    "CPU s, median",
  ];
  const known = others.map(({ test, number, figures }) => {
    const { cpuSeconds, ...rest } = figures;
    const found = Object.entries(rest).map(([name, value]) => `${name} ${rounded(value)}`);
    return [test, String(number), found.join(", "), tests[test]?.expected ?? "-", rounded(cpuSeconds)];
  });
  const groupsOf = [
    ...new Set(
      all.map((entry) => `${conditionsLine(entry)}${changedSettings(entry) && `; ${changedSettings(entry)}`}`),
    ),
  ];
  const missing = testNames.filter((name) => !all.some(({ test }) => test === name));
  return [
    "# JKO-ICNN where the solution is known",
    "`npm run bench -- evolution`. Nats. SymKL is KL(p|q) + KL(q|p) by the densities of both on 2,048 rows of each; the floor is",
    "that of the exact scheme with the same step, which no training gets below. Published: Mokrov et al., NeurIPS 2021, released",
    "result files, the same targets; their training of 20 steps took 526, 662 and 664 s of a GPU (d = 2, 4, 6). The cheap rival",
    "for a Gaussian is the closed form itself, and for samples alone Euler-Maruyama; neither gives a density of other targets.",
    "",
    table([head, ...lines]),
    "",
    table([["test", "seed", "found", "exact", "CPU s"], ...known]),
    "",
    ...(missing.length > 0 ? [`Not measured yet: ${missing.join(", ")}.`, ""] : []),
    ...groupsOf.map((line) => `- ${line}`),
  ].join("\n");
}
