/**
 * Conditional toys with exact densities: JKO-iFlow given a label or a number, with the settings the library chooses, against
 * the exact conditional density on the same fresh test rows, label by label; both constructions; and given shuffled labels,
 * which must be worth nothing.
 *
 * `npm run bench -- conditional [--quick] [--toys moons,turning] [--seed 1] [--threads 1] [--set key=value ...] [--json FILE]`
 */
import { parseArgs } from "node:util";
import type { Problem } from "../packages/jkoflow/src/data/index.ts";
import {
  type ConditionalSample,
  type ConditionalToyName,
  type ConditionRows,
  conditionalToys,
  createTable,
  takeConditions,
} from "../packages/jkoflow/src/data/index.ts";
import { createEngine } from "../packages/jkoflow/src/engine/index.ts";
import { type Estimate, pairedDifference } from "../packages/jkoflow/src/evaluate/index.ts";
import { createKey, fold, type Key, permutation } from "../packages/jkoflow/src/random/index.ts";
import type { Settings } from "../packages/jkoflow/src/systems/index.ts";
import { runVariant, type Variant } from "./parts/conditionalVariant.ts";
import { fixed, meanAndError } from "./parts/figures.ts";
import { fitOptions, readFitOptions } from "./parts/fitOptions.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, runBench } from "./parts/options.ts";
import { type Conditions, conditions, conditionsLine, storeEntries } from "./parts/results.ts";

const ROWS = { train: 10_000, validation: 2_000, test: 20_000 } as const;
interface Entry extends Conditions {
  readonly seed: number;
  readonly variants: readonly Variant[];
  /** NLL given shuffled labels less NLL of the flow without condition, on the same rows. */
  readonly shuffledLessPlain: Estimate | null;
}

const shuffled = (rows: ConditionRows, key: Key): ConditionRows => takeConditions(rows, permutation(key, rows.rows));

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      ...fitOptions,
      toys: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  const known = Object.keys(conditionalToys) as ConditionalToyName[];
  const names = parseNames("toys", options.toys ?? known.join(","), known);
  const seed = parseCount("seed", options.seed);
  const quick = { blocks: 2, updates: 100, hidden: [32, 32] };
  const { threads, settings, file } = readFitOptions("conditional", options, quick);
  const engine = await createEngine({ threads });
  for (const name of names) {
    const toy = conditionalToys[name];
    const key = fold(createKey(seed), "conditional", name);
    const part = (of: keyof typeof ROWS): ConditionalSample => toy.sample(fold(key, of), ROWS[of]);
    const [train, validation, test] = [part("train"), part("validation"), part("test")];
    const tables = { train: createTable(train.points, 2), validation: createTable(validation.points, 2) };
    const given = { train: train.given, validation: validation.given };
    const run = (variant: string, problem: Problem, more: Settings = {}, rows = test) =>
      runVariant(engine, toy, variant, problem, rows, { ...settings, ...more });
    const field = await run("conditional field", { ...tables, conditions: given });
    const labelled = given.train.columns[0].kind === "category";
    const variants = [field.line];
    let shuffledLessPlain: Estimate | null = null;
    if (labelled) {
      variants.push((await run("label-dependent base", { ...tables, conditions: given }, { base: "labels" })).line);
      const plain = await run("no condition", tables);
      const noise = {
        train: shuffled(given.train, fold(key, "shuffle", 0)),
        validation: shuffled(given.validation, fold(key, "shuffle", 1)),
      };
      const lost = { ...test, given: shuffled(test.given, fold(key, "shuffle", 2)) };
      const other = await run("shuffled labels", { ...tables, conditions: noise }, {}, lost);
      shuffledLessPlain = pairedDifference(other.logProb, plain.logProb);
    }
    const entry: Entry = { ...conditions(threads, settings), seed, variants, shuffledLessPlain };
    console.log(`${renderTable({ [name]: entry })}\n`);
    if (file !== undefined) storeEntries(file, { [name]: entry }, render);
  }
  engine.dispose();
});

function renderTable(entries: Readonly<Record<string, Entry>>): string {
  const head = [
    "toy",
    "construction",
    "label",
    "test rows",
    "exact NLL",
    "excess",
    "s.e.",
    "integral",
    "blocks",
    "CPU s",
  ];
  const rows = Object.entries(entries).flatMap(([name, { variants }]) =>
    variants.flatMap(({ variant, labels, overall, blocks, cpuSeconds }) => [
      ...labels.map((line) => [
        name,
        variant,
        line.label,
        String(line.rows),
        fixed(line.exactNll, 3),
        ...meanAndError(line.excess, 3),
        fixed(line.integral, 4),
        "",
        "",
      ]),
      [
        name,
        variant,
        "all",
        String(labels.reduce((sum, line) => sum + line.rows, 0)),
        "",
        ...meanAndError(overall, 3),
        "",
        String(blocks),
        fixed(cpuSeconds, 0),
      ],
    ]),
  );
  return markdownTable([head, ...rows]);
}

function render(entries: Readonly<Record<string, Entry>>): string {
  const shuffledRows = Object.entries(entries).flatMap(([name, { shuffledLessPlain }]) =>
    shuffledLessPlain ? [[name, ...meanAndError(shuffledLessPlain, 4)]] : [],
  );
  return [
    "# Conditional toys",
    `${conditionsLine(Object.values(entries)[0])}; settings chosen by the library, unless a row says otherwise.`,
    "10,000 training rows, 2,000 validation rows, 20,000 fresh test rows. Excess: NLL of log p(x | y) less that of the exact " +
      "conditional density on the same rows; 0.1 is asked for. Integral: of p(. | label) over the plane.",
    renderTable(entries),
    "NLL given shuffled labels less NLL of the flow without condition, on the same rows (zero but for training noise):",
    markdownTable([["toy", "difference", "s.e."], ...shuffledRows]),
  ].join("\n\n");
}
