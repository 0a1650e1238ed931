/** The three tables of a run: read, checked, split; and what of them is remembered so that resume finds the same. */
import { resolve } from "node:path";
import { createKey, data, fold, InputError } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";
import { describeCondition, readConditioned } from "../input/conditionRows.ts";
import { readWhole } from "../input/readWhole.ts";
import { isToy, readToy } from "../input/toy.ts";
import type { Shell } from "../shell.ts";

/** Where the rows come from: files, "-" for standard input, toy:NAME or toy:PATH.png. */
export interface Sources {
  readonly train: string;
  readonly validation?: string;
  readonly test?: string;
}

export interface Origin {
  readonly path: string;
  readonly sha256: string;
}

export interface RunProblem {
  readonly train: data.Table;
  readonly validation: data.Table;
  /** Undefined when no rows were set aside. */
  readonly test: data.Table | undefined;
  /** Given columns of the same rows, where the flow is conditional. */
  readonly conditions?: {
    readonly train: data.ConditionRows;
    readonly validation: data.ConditionRows;
    readonly test?: data.ConditionRows;
  };
  readonly origins: { readonly train: Origin; readonly validation: Origin | null; readonly test: Origin | null };
  /** What was left out, and columns that mislead a density model. */
  readonly notes: readonly string[];
}

const LEAST_ROWS = 10;
/** Rows by which ties are judged; a sample is enough to see them. */
const SUMMARY_ROWS = 50_000;

/** @throws InputError for tables that cannot be used. */
export async function loadProblem(sources: Sources, config: RunConfig, shell: Shell): Promise<RunProblem> {
  const key = createKey(config.seed);
  const notes: string[] = [];
  const read = async (path: string, like?: data.ConditionRows): Promise<Read> => {
    if (isToy(path)) {
      if (config.condition) {
        const expected = "a table with given columns; toys have none";
        throw new InputError({ where: path, came: `--condition ${config.condition}`, expected });
      }
      const { table, ...origin } = await readToy(path, config.rows, config.seed, shell);
      return { table, origin };
    }
    const { condition } = config;
    const whole: Awaited<ReturnType<typeof readWhole>> & { readonly given?: data.ConditionRows } = condition
      ? await readConditioned(path, config, condition, shell, like)
      : await readWhole(path, config, shell);
    const { table, given, sha256 } = whole;
    notes.push(...whole.notes);
    const { table: noisy } = dequantized(table, config, path);
    const origin = { path: path === "-" ? path : resolve(path), sha256 };
    return { table: noisy, origin, ...(given ? { given } : {}) };
  };
  const train = await read(sources.train);
  const validation = sources.validation === undefined ? undefined : await read(sources.validation, train.given);
  const test = sources.test === undefined ? undefined : await read(sources.test, train.given);
  const like = (table: data.Table, path: string): data.Table => sameColumns(table, train.table.columns, path);
  const rows = splitRows(train.table.rows, config, validation !== undefined, test !== undefined);
  const parts = data.splitTable(train.table, rows);
  const part = (of: keyof data.Split) => data.takeConditions(train.given!, rows[of]);
  const testGiven = test?.given ?? (train.given && parts.test.rows > 0 ? part("test") : undefined);
  const problem: RunProblem = {
    train: parts.train,
    validation: validation ? like(validation.table, sources.validation!) : parts.validation,
    test: test ? like(test.table, sources.test!) : parts.test.rows > 0 ? parts.test : undefined,
    ...(train.given
      ? {
          conditions: {
            train: part("train"),
            validation: validation?.given ?? part("validation"),
            ...(testGiven ? { test: testGiven } : {}),
          },
        }
      : {}),
    origins: { train: train.origin, validation: validation?.origin ?? null, test: test?.origin ?? null },
    notes,
  };
  checkTables(problem, sources.train);
  if (problem.conditions) {
    notes.push(...describeCondition(problem.conditions.train));
    checkCategories(problem.conditions, sources.train);
  }
  if (!isToy(sources.train)) notes.push(...tieWarnings(problem.train));
  return problem;

  function dequantized(table: data.Table, { dequantize }: RunConfig, path: string): { table: data.Table } {
    if (Object.keys(dequantize).length === 0) return { table };
    return data.dequantize(
      table,
      dequantize,
      fold(key, "dequantize", path === sources.train ? 0 : path === sources.validation ? 1 : 2),
    );
  }

  function splitRows(count: number, { split }: RunConfig, ownValidation: boolean, ownTest: boolean): data.Split {
    const shares = { validation: ownValidation ? 0 : split[1], test: ownTest ? 0 : split[2] };
    if (shares.validation === 0 && shares.test === 0) {
      const none = new Int32Array(0);
      return { train: Int32Array.from({ length: count }, (_, i) => i), validation: none, test: none };
    }
    const used = split[0] + shares.validation + shares.test;
    const scaled = { validation: shares.validation / used, test: shares.test / used };
    return data.splitByChance(count, fold(key, "split"), scaled);
  }
}

interface Read {
  readonly table: data.Table;
  readonly given?: data.ConditionRows;
  readonly origin: Origin;
}

function sameColumns(table: data.Table, columns: readonly string[], path: string): data.Table {
  try {
    return data.matchColumns(table, columns);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({
      ...error.problem,
      where: path,
      expected: `the columns of the training data (${columns.slice(0, 8).join(", ")}${columns.length > 8 ? ", ..." : ""})`,
    });
  }
}

function checkTables({ train, validation, test }: RunProblem, where: string): void {
  if (train.rows < LEAST_ROWS || validation.rows < 2) {
    throw new InputError({
      where,
      came: `${train.rows} training and ${validation.rows} validation rows`,
      expected: `at least ${LEAST_ROWS} and 2`,
      fix: "use a larger table, other shares with --split, or a file with --validation",
    });
  }
  if (test !== undefined && test.rows < 2) {
    throw new InputError({ where, came: `${test.rows} test rows`, expected: "at least 2, or none" });
  }
  const constant = data.constantColumns(train);
  if (constant.length === 0) return;
  throw new InputError({
    where,
    place: `column ${constant.map((name) => JSON.stringify(name)).join(", ")}`,
    came: "a single value in all training rows, which has no density",
    expected: "columns that vary",
    fix: `leave ${constant.length === 1 ? "it" : "them"} out: --drop ${constant.join(",")}`,
  });
}

/** A category that no training row has cannot be learnt, and a rare one may fall into the other parts by chance. */
function checkCategories({ train, validation, test }: NonNullable<RunProblem["conditions"]>, where: string): void {
  for (const [k, column] of train.columns.entries()) {
    if (column.kind !== "category") continue;
    const known = new Set(column.values);
    const others = [validation, test].flatMap((part) => (part ? [...part.columns[k].values] : []));
    const unknown = others.find((word) => !known.has(String(word)));
    if (unknown === undefined) continue;
    throw new InputError({
      where,
      place: `column ${JSON.stringify(column.name)}`,
      came: `${JSON.stringify(unknown)} in validation or test rows and in no training row`,
      expected: "categories that training rows have",
      fix: "merge rare categories, leave their rows out, or choose another --split or --seed",
    });
  }
}

function tieWarnings(train: data.Table): string[] {
  const d = train.columns.length;
  const rows = Math.min(train.rows, SUMMARY_ROWS);
  const warnings = data.columnWarnings(
    data.describeColumns({ ...train, rows, values: train.values.subarray(0, rows * d) }),
  );
  // A table smaller than the limit of the warning has few distinct values in every column.
  if (rows < 200 || warnings.length === 0) return [];
  return [...warnings, "the option --dequantize NAME=WIDTH adds uniform noise of that width to a column"];
}
