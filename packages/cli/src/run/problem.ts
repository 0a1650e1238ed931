/** The three tables of a run: read, checked, split; and what of them is remembered so that resume finds the same. */
import { resolve } from "node:path";
import { createKey, data, fold, InputError, type io, type Key } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";
import { describeCondition, readConditioned } from "../input/conditionRows.ts";
import { readWhole } from "../input/readWhole.ts";
import { findingCoders, fitRows, knownCoders } from "../input/schemaRows.ts";
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
  /** @throws Error once training has moved them into the engine: one copy of a large table is enough. */
  readonly train: data.Table;
  /** Lets the training rows go. */
  readonly onMoved: () => void;
  readonly trainRows: number;
  readonly columns: readonly string[];
  /** What the columns of the file mean; absent where all are numbers. The tables hold encoded rows. */
  readonly schema?: data.Schema;
  readonly bounds?: Readonly<Record<string, data.Bounds>>;
  /** What is to be added to the log-densities of encoded rows; undefined where it is 0. */
  readonly weights: Weights;
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

export interface Weights {
  readonly validation?: Float64Array;
  readonly test?: Float64Array;
}

/** Log-densities of encoded rows as those of the user's rows. */
export const addWeight = (logProb: Float64Array, weight: Float64Array | undefined): Float64Array =>
  weight === undefined ? logProb : logProb.map((value, i) => value + weight[i]);

interface Part {
  readonly table: data.Table;
  readonly given?: data.ConditionRows;
  readonly weight?: Float64Array;
}

interface Read extends Part {
  readonly origin: Origin;
}

/** @throws InputError for tables that cannot be used. */
export async function loadProblem(sources: Sources, config: RunConfig, shell: Shell): Promise<RunProblem> {
  const notes: string[] = [];
  const train = await readTraining(sources.train, config, notes, shell);
  const other = async (path: string | undefined, part: number): Promise<Read | undefined> =>
    path === undefined ? undefined : await readOther(path, part, config, train, notes, shell);
  const validation = await other(sources.validation, 1);
  const test = await other(sources.test, 2);
  const parts = splitRows(train, config, validation !== undefined, test !== undefined);
  const held = { train: parts.train, validation: validation ?? parts.validation, test: test ?? parts.test };
  const tested = held.test.table.rows > 0;
  const given = (part: Part) => part.given!;
  const tables: Tables = {
    train: held.train.table,
    validation: held.validation.table,
    test: tested ? held.test.table : undefined,
    ...(train.given
      ? {
          conditions: {
            train: given(held.train),
            validation: given(held.validation),
            ...(tested ? { test: given(held.test) } : {}),
          },
        }
      : {}),
    weights: {
      validation: held.validation.weight,
      test: held.test.weight,
    },
    ...(train.schema ? { schema: train.schema } : {}),
  };
  checkTables(tables, sources.train);
  if (tables.conditions) {
    notes.push(...describeCondition(tables.conditions.train));
    checkCategories(tables.conditions, sources.train);
  }
  if (!isToy(sources.train)) notes.push(...tieWarnings(tables.train));
  const origins = { train: train.origin, validation: validation?.origin ?? null, test: test?.origin ?? null };
  return problemOf(tables, origins, notes);
}

const wishesOf = ({ schema, dequantize }: RunConfig): data.SchemaWishes => ({ ...schema, noise: dequantize });

/** The key of the noise on a part's rows: 0 training, 1 validation, 2 test. */
const noiseKey = ({ seed }: RunConfig, part: number): Key => fold(createKey(seed), "dequantize", part);

async function readRows(
  path: string,
  config: RunConfig,
  notes: string[],
  shell: Shell,
  like?: data.ConditionRows,
  coders?: io.Coders,
): Promise<Read & { readonly source: "text" | "numbers" }> {
  const { condition } = config;
  if (isToy(path)) {
    if (condition) {
      const expected = "a table with given columns; toys have none";
      throw new InputError({ where: path, came: `--condition ${condition}`, expected });
    }
    const { table, ...origin } = await readToy(path, config.rows, config.seed, shell);
    return { table, origin, source: "numbers" };
  }
  const whole: Awaited<ReturnType<typeof readWhole>> & { readonly given?: data.ConditionRows } = condition
    ? await readConditioned(path, config, condition, shell, like, coders)
    : await readWhole(path, config, shell, coders);
  const { table, given, sha256, source } = whole;
  notes.push(...whole.notes);
  const origin = { path: path === "-" ? path : resolve(path), sha256 };
  return { table, source, origin, ...(given ? { given } : {}) };
}

/** The table that decides what the columns are. */
async function readTraining(
  path: string,
  config: RunConfig,
  notes: string[],
  shell: Shell,
): Promise<Read & { readonly schema?: data.Schema }> {
  const wishes = wishesOf(config);
  const { coders, words } = findingCoders(wishes);
  const read = await readRows(path, config, notes, shell, undefined, coders);
  const { schema: declared, dequantize, missing } = config;
  if (isToy(path) || (!declared && Object.keys(dequantize).length === 0 && missing !== "indicator")) return read;
  const { schema, notes: found } = data.fitSchema(read.table, words(), wishes, path);
  if (data.isPlain(schema)) return read;
  const bound = data.boundText(schema);
  notes.push(...found, ...(bound === undefined ? [] : [bound]));
  refuseConstant(read.table, path);
  return { ...read, ...encode(schema, read.table, noiseKey(config, 0)), schema };
}

/** A table of the same columns. */
async function readOther(
  path: string,
  part: number,
  config: RunConfig,
  train: Read & { readonly schema?: data.Schema },
  notes: string[],
  shell: Shell,
): Promise<Read> {
  const { schema } = train;
  const read = await readRows(path, config, notes, shell, train.given, schema && knownCoders(schema));
  if (schema === undefined) return { ...read, table: sameColumns(read.table, train.table.columns, path) };
  const names = schema.columns.map(({ name }) => name);
  const raw = fitRows(schema, sameColumns(read.table, names, path), read.source, path);
  return { ...read, ...encode(schema, raw, noiseKey(config, part)) };
}

function encode(schema: data.Schema, table: data.Table, key: Key): Pick<Part, "table" | "weight"> {
  const { table: encoded, logWeight } = data.encodeTable(schema, table, key, { memory: "own" });
  return logWeight ? { table: encoded, weight: logWeight } : { table: encoded };
}

/** A training table in parts; its array is used again. */
function splitRows(whole: Part, { split, seed }: RunConfig, ownValidation: boolean, ownTest: boolean) {
  const { table, given, weight } = whole;
  const shares = { validation: ownValidation ? 0 : split[1], test: ownTest ? 0 : split[2] };
  if (shares.validation === 0 && shares.test === 0) {
    const none: Part = {
      table: { values: new Float32Array(0), rows: 0, columns: table.columns },
      ...(given ? { given: data.takeConditions(given, []) } : {}),
    };
    return { train: whole, validation: none, test: none };
  }
  const used = split[0] + shares.validation + shares.test;
  const scaled = { validation: shares.validation / used, test: shares.test / used };
  const indices = data.splitByChance(table.rows, fold(createKey(seed), "split"), scaled);
  const tables = data.splitMoving(table, indices);
  const part = (name: keyof data.Split): Part => ({
    table: tables[name],
    ...(given ? { given: data.takeConditions(given, indices[name]) } : {}),
    ...(weight ? { weight: Float64Array.from(indices[name], (i) => weight[i]) } : {}),
  });
  return { train: part("train"), validation: part("validation"), test: part("test") };
}

type Tables = Pick<RunProblem, "train" | "validation" | "test" | "conditions" | "weights" | "schema">;

/** A function of its own: a closure of `loadProblem` would hold every table it has seen. */
function problemOf(tables: Tables, origins: RunProblem["origins"], notes: readonly string[]): RunProblem {
  const { validation, test, conditions, schema, weights } = tables;
  const { rows, columns } = tables.train;
  let held: data.Table | undefined = tables.train;
  return {
    get train() {
      if (held === undefined) throw new Error("the training rows were let go when training began");
      return held;
    },
    onMoved: () => {
      held = undefined;
    },
    trainRows: rows,
    columns,
    ...(schema ? { schema, bounds: data.encodedBounds(schema) } : {}),
    weights,
    validation,
    test,
    ...(conditions ? { conditions } : {}),
    origins,
    notes,
  };
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

function checkTables({ train, validation, test }: Tables, where: string): void {
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
  refuseConstant(train, where);
}

function refuseConstant(table: data.Table, where: string): void {
  const constant = data.constantColumns(table);
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
  return [
    ...warnings,
    "--integer NAME takes a column as whole numbers, --categorical NAME as categories, --dequantize NAME=WIDTH adds uniform noise of that width; --columns-as auto finds the first two",
  ];
}
