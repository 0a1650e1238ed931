/** The rows of a source, checked and encoded: those of training decide what the columns are, others have the same. */
import { resolve } from "node:path";
import { createKey, data, fold, InputError, type io, type Key } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";
import { readConditioned } from "../input/conditionRows.ts";
import { readWhole } from "../input/readWhole.ts";
import { findingCoders } from "../input/schemaRows.ts";
import { isToy, readToy } from "../input/toy.ts";
import { leaveOutUnfit, passingCoders, type UnseenWords } from "../input/unfitRows.ts";
import type { Shell } from "../shell.ts";
import type { Part } from "./parts.ts";
import { refuseConstant } from "./problemChecks.ts";

/** Where rows came from, so that resume finds the same. */
export interface Origin {
  readonly path: string;
  readonly sha256: string;
}

/** A part with where it came from. */
export interface Read extends Part {
  readonly origin: Origin;
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
export async function readTraining(
  path: string,
  config: RunConfig,
  notes: string[],
  shell: Shell,
): Promise<Read & { readonly schema?: data.Schema }> {
  const wishes = wishesOf(config);
  refuseMedianOfWords(wishes, config.missing);
  const { coders, words } = findingCoders(wishes, path);
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

/** The median of codes is no category, and that of whole numbers may be none. */
function refuseMedianOfWords({ columnsAs, categorical = [], integer = [] }: data.SchemaWishes, missing: string): void {
  if (missing !== "median" || (columnsAs !== "auto" && categorical.length + integer.length === 0)) return;
  throw new InputError({
    where: "--missing",
    came: "median beside columns of categories or integers",
    expected: "indicator, drop or drop-columns",
    fix: "--missing indicator keeps the gaps as they are, and sample gives them back",
  });
}

/** A table of the same columns. Rows with values that the training rows cannot have are left out, and told. */
export async function readOther(
  path: string,
  part: number,
  config: RunConfig,
  train: Read & { readonly schema?: data.Schema },
  notes: string[],
  shell: Shell,
): Promise<Read> {
  const { schema } = train;
  const unseen: UnseenWords = new Map();
  const read = await readRows(path, config, notes, shell, train.given, schema && passingCoders(schema, unseen));
  if (schema === undefined) return { ...read, table: sameColumns(read.table, train.table.columns, path) };
  const names = schema.columns.map(({ name }) => name);
  const fitting = leaveOutUnfit(schema, sameColumns(read.table, names, path), read.source, path, unseen);
  notes.push(...fitting.notes);
  const given = read.given && data.takeConditions(read.given, fitting.kept);
  return { ...read, ...(given ? { given } : {}), ...encode(schema, fitting.table, noiseKey(config, part)) };
}

function encode(schema: data.Schema, table: data.Table, key: Key): Pick<Part, "table" | "weight"> {
  const { table: encoded, logWeight } = data.encodeTable(schema, table, key, { memory: "own" });
  return logWeight ? { table: encoded, weight: logWeight } : { table: encoded };
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
