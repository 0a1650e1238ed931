/** The rows of a source, checked and encoded: those of training decide what the columns are, others have the same. */
import { createKey, data, fold, InputError, type Key } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";
import { findingCoders } from "../input/schemaRows.ts";
import { sourceName } from "../input/source.ts";
import { isToy } from "../input/toy.ts";
import { leaveOutUnfit, passingCoders, type UnseenWords } from "../input/unfitRows.ts";
import type { Shell } from "../shell.ts";
import type { Part } from "./parts.ts";
import { refuseConstant } from "./problemChecks.ts";
import { type Origin, readSource } from "./sourceRows.ts";

/** A part with where it came from. */
export interface Read extends Part {
  readonly origin: Origin;
}

/** The training rows, and what their columns mean; absent where all are numbers. */
export interface TrainingRows extends Read {
  readonly schema?: data.Schema;
}

const wishesOf = ({ schema, dequantize }: RunConfig): data.SchemaWishes => ({ ...schema, noise: dequantize });

/** The key of the noise on a part's rows: 0 training, 1 validation, 2 test. */
const noiseKey = ({ seed }: RunConfig, part: number): Key => fold(createKey(seed), "dequantize", part);

/** The table that decides what the columns are. */
export async function readTraining(
  path: string,
  config: RunConfig,
  notes: string[],
  shell: Shell,
): Promise<TrainingRows> {
  const declaredOnly = wishesOf(config);
  refuseMedian(config, declaredOnly);
  const where = sourceName(path);
  const { coders, words } = findingCoders(declaredOnly, where);
  const read = await readSource(path, config, shell, { coders, offsets: "find" });
  notes.push(...read.notes);
  const wishes = { ...declaredOnly, offsets: read.offsets };
  const hasOffsets = Object.keys(read.offsets).length > 0;
  const { schema: declared, dequantize, missing } = config;
  const isDeclared = declared || Object.keys(dequantize).length > 0 || missing === "indicator" || hasOffsets;
  if (isToy(path) || !isDeclared) return read;
  const { schema, notes: found } = data.fitSchema(read.table, words(), besides(wishes, read.given, notes), where);
  if (data.isPlain(schema)) return read;
  refuseMedianOf(config, schema);
  notes.push(...found, ...[data.cellText(schema), data.boundText(schema)].filter((text) => text !== undefined));
  refuseConstant(read.table, where);
  return { ...read, ...encode(schema, read, noiseKey(config, 0)), schema };
}

/** Cells have a distribution given categories, not given numbers: beside these they stay in the flow. */
function besides(wishes: data.SchemaWishes, given: data.ConditionRows | undefined, notes: string[]): data.SchemaWishes {
  const number = given?.columns.find(({ kind }) => kind === "number");
  if (number === undefined || wishes.discrete !== "apart") return wishes;
  notes.push(
    `${JSON.stringify(number.name)} is given as a number: categories and gaps of the other columns, where there are some, are dequantised and part of the flow`,
  );
  return { ...wishes, discrete: "in the flow" };
}

const medianRefused = (came: string, fix: string): InputError =>
  new InputError({ where: "--missing", came, expected: "indicator, drop or drop-columns", fix });

/** The median of codes is no category, and that of whole numbers may be none. */
function refuseMedian({ missing }: RunConfig, { categorical = [], integer = [] }: data.SchemaWishes): void {
  if (missing !== "median" || categorical.length + integer.length === 0) return;
  const fix = "--missing indicator keeps the gaps as they are, and sample gives them back";
  throw medianRefused("median beside columns of categories or integers", fix);
}

/** The same of what was found. */
function refuseMedianOf({ missing }: RunConfig, { columns }: data.Schema): void {
  const found = columns.find(({ kind }) => kind !== "number");
  if (missing !== "median" || found === undefined) return;
  const came = `median beside the column ${JSON.stringify(found.name)} of ${found.kind === "integer" ? "whole numbers" : "categories"}`;
  throw medianRefused(came, "--missing indicator keeps the gaps; --columns-as numbers takes all columns as numbers");
}

/** A table of the same columns. Rows with values that the training rows cannot have are left out, and told. */
export async function readOther(
  path: string,
  index: number,
  config: RunConfig,
  train: TrainingRows,
  notes: string[],
  shell: Shell,
): Promise<Read> {
  const { schema } = train;
  const unseen: UnseenWords = new Map();
  const offsets = schema ? data.schemaOffsets(schema) : {};
  const reading = { coders: schema && passingCoders(schema, unseen), offsets, like: data.userConditions(train.given) };
  const read = await readSource(path, config, shell, reading);
  notes.push(...read.notes);
  if (schema === undefined) return { ...read, table: sameColumns(read.table, train.table.columns, path) };
  const names = schema.columns.map(({ name }) => name);
  const own = sameColumns(read.table, names, path);
  const fitting = leaveOutUnfit(schema, own, read.source, sourceName(path), unseen);
  notes.push(...fitting.notes);
  const given = read.given && data.takeConditions(read.given, fitting.kept);
  const part = { table: fitting.table, ...(given ? { given } : {}) };
  return { ...read, ...part, ...encode(schema, part, noiseKey(config, index)) };
}

/** Encoded rows, given what stands apart of them besides what the user gives. */
function encode(schema: data.Schema, { table, given }: Part, key: Key): Part {
  const { table: encoded, logWeight, cells } = data.encodeTable(schema, table, key, { memory: "own" });
  const all = data.joinConditions(given, cells);
  return { table: encoded, ...(logWeight ? { weight: logWeight } : {}), ...(all ? { given: all } : {}) };
}

function sameColumns(table: data.Table, columns: readonly string[], path: string): data.Table {
  try {
    return data.matchColumns(table, columns);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({
      ...error.problem,
      where: sourceName(path),
      expected: `the columns of the training data (${columns.slice(0, 8).join(", ")}${columns.length > 8 ? ", ..." : ""})`,
    });
  }
}
