/**
 * Conditional toys with exact densities: JKO-iFlow given a label or a number, with the settings the library chooses, against
 * the exact conditional density on the same fresh test rows, label by label; both constructions; and given shuffled labels,
 * which must be worth nothing.
 *
 * `npm run bench -- conditional [--quick] [--toys moons,turning] [--seed 1] [--threads 1] [--set key=value ...] [--json FILE]`
 */
import { parseArgs } from "node:util";
import {
  type ConditionalSample,
  type ConditionalToy,
  type ConditionalToyName,
  type ConditionRows,
  conditionalToys,
  createTable,
  takeConditions,
} from "../packages/jkoflow/src/data/index.ts";
import { createEngine, type Engine } from "../packages/jkoflow/src/engine/index.ts";
import { type Estimate, pairedDifference } from "../packages/jkoflow/src/evaluate/index.ts";
import { type OpenModel, openModel } from "../packages/jkoflow/src/flow/index.ts";
import { createKey, fold, type Key, permutation } from "../packages/jkoflow/src/random/index.ts";
import { fit, type Problem, type Settings } from "../packages/jkoflow/src/systems/index.ts";
import { startClock } from "./parts/clock.ts";
import { fixed } from "./parts/figures.ts";
import { machineLine } from "./parts/machine.ts";
import { markdownTable } from "./parts/measure.ts";
import { parseCount, parseNames, parseSettings, runBench } from "./parts/options.ts";
import { type Conditions, conditions, resultFile, storeEntries } from "./parts/results.ts";

const ROWS = { train: 10_000, validation: 2_000, test: 20_000 } as const;
/** Of the grid on which a density is integrated, in each direction. */
const GRID = 300;
const HALF_WIDTH = 8;

interface LabelLine {
  readonly label: string;
  readonly rows: number;
  /** Mean of -ln p of the toy itself. */
  readonly exactNll: number;
  /** NLL of the flow less that, on the same rows. */
  readonly excess: Estimate;
  /** Of p(. | label) over the grid. */
  readonly integral: number;
}

interface Variant {
  readonly variant: string;
  readonly labels: readonly LabelLine[];
  readonly overall: Estimate;
  readonly blocks: number;
  readonly cpuSeconds: number;
}

interface Entry extends Conditions {
  readonly seed: number;
  readonly variants: readonly Variant[];
  /** NLL given shuffled labels less NLL of the flow without condition, on the same rows. */
  readonly shuffledLessPlain: Estimate | null;
}

const exact = (toy: ConditionalToy, { points, given }: ConditionalSample): Float64Array =>
  Float64Array.from({ length: given.rows }, (_, i) =>
    toy.logDensity(points[2 * i], points[2 * i + 1], given.columns[0].values[i]),
  );

/** The labels, or for numbers their quarters. */
function groupsOf({ columns }: ConditionRows): string[] {
  const [column] = columns;
  if (column.kind === "category") return [...column.values];
  return Array.from(column.values, (value) => `${column.name} in quarter ${Math.min(4, Math.floor(2 * value) + 1)}`);
}

function integral(open: OpenModel, given: ConditionRows, row: number): number {
  const step = (2 * HALF_WIDTH) / GRID;
  const place = (k: number): number => -HALF_WIDTH + (k + 0.5) * step;
  const points = Float32Array.from({ length: 2 * GRID * GRID }, (_, at) =>
    place(at % 2 === 0 ? (at >> 1) % GRID : Math.floor((at >> 1) / GRID)),
  );
  const same = takeConditions(given, new Int32Array(GRID * GRID).fill(row));
  return open.logProb(points, same).reduce((sum, value) => sum + Math.exp(value) * step * step, 0);
}

async function runVariant(
  engine: Engine,
  toy: ConditionalToy,
  variant: string,
  problem: Problem,
  test: ConditionalSample,
  settings: Settings,
): Promise<{ readonly line: Variant; readonly logProb: Float64Array }> {
  const clock = startClock();
  const { model } = await fit(engine, problem, { settings });
  const { cpuSeconds } = clock();
  const open = openModel(engine, model);
  try {
    const given = problem.conditions ? test.given : undefined;
    const logProb = open.logProb(test.points, given);
    const truth = exact(toy, test);
    const groups = groupsOf(test.given);
    const labels = [...new Set(groups)].sort().map((label): LabelLine => {
      const rows = Array.from(groups.keys()).filter((i) => groups[i] === label);
      const of = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i]);
      return {
        label,
        rows: rows.length,
        exactNll: -of(truth).reduce((sum, value) => sum + value / rows.length, 0),
        excess: pairedDifference(of(logProb), of(truth)),
        integral: given ? integral(open, given, rows[0]) : Number.NaN,
      };
    });
    const overall = pairedDifference(logProb, truth);
    return { line: { variant, labels, overall, blocks: model.flow.blocks.length, cpuSeconds }, logProb };
  } finally {
    open.dispose();
  }
}

const shuffled = (rows: ConditionRows, key: Key): ConditionRows => takeConditions(rows, permutation(key, rows.rows));

await runBench(async () => {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      toys: { type: "string" },
      seed: { type: "string", default: "1" },
      threads: { type: "string", default: "1" },
      set: { type: "string", multiple: true, default: [] },
      json: { type: "string" },
    },
  });
  const known = Object.keys(conditionalToys) as ConditionalToyName[];
  const names = parseNames("toys", options.toys ?? known.join(","), known);
  const seed = parseCount("seed", options.seed);
  const threads = parseCount("threads", options.threads);
  const quick: Settings = options.quick ? { blocks: 2, updates: 100, hidden: [32, 32] } : {};
  const settings = { ...quick, ...parseSettings(options.set) };
  const trial = options.set.length > 0;
  const file = options.json ?? (trial ? undefined : resultFile(options.quick ? "conditional-quick" : "conditional"));
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
        fixed(line.excess.mean, 3),
        fixed(line.excess.standardError, 3),
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
        fixed(overall.mean, 3),
        fixed(overall.standardError, 3),
        "",
        String(blocks),
        fixed(cpuSeconds, 0),
      ],
    ]),
  );
  return markdownTable([head, ...rows]);
}

function render(entries: Readonly<Record<string, Entry>>): string {
  const [{ date, machine, threads }] = Object.values(entries);
  const shuffledLines = Object.entries(entries).flatMap(([name, { shuffledLessPlain: d }]) =>
    d ? [`| ${name} | ${fixed(d.mean, 4)} | ${fixed(d.standardError, 4)} |`] : [],
  );
  return [
    "# Conditional toys",
    `${date}; ${machineLine(machine)}; ${threads} threads; settings chosen by the library, unless a row says otherwise.`,
    "10,000 training rows, 2,000 validation rows, 20,000 fresh test rows. Excess: NLL of log p(x | y) less that of the exact " +
      "conditional density on the same rows; 0.1 is asked for. Integral: of p(. | label) over the plane.",
    renderTable(entries),
    "NLL given shuffled labels less NLL of the flow without condition, on the same rows (zero but for training noise):",
    ["| toy | difference | s.e. |", "| --- | ---: | ---: |", ...shuffledLines].join("\n"),
  ].join("\n\n");
}
