/** The three tables of a run: read, checked, split; and what of them is remembered so that resume finds the same. */
import { data } from "jkoflow";
import type { RunConfig } from "../config/runConfig.ts";
import { describeCondition } from "../input/conditionRows.ts";
import { sourceName } from "../input/source.ts";
import { isToy } from "../input/toy.ts";
import type { Shell } from "../shell.ts";
import { type Read, readOther, readTraining } from "./encodedRows.ts";
import { findOdd, oddNote } from "./oddNote.ts";
import { type Part, splitRows } from "./parts.ts";
import { checkCategories, checkTables, dependenceWarnings, precisionWarnings, tieWarnings } from "./problemChecks.ts";
import type { Origin } from "./sourceRows.ts";
import { addWeight, type Weights } from "./weights.ts";

/** Where the rows come from: files, "-" for standard input, toy:NAME or toy:PATH.png. */
export interface Sources {
  readonly train: string;
  readonly validation?: string;
  readonly test?: string;
}

export interface RunProblem {
  /** @throws Error once training has moved them into the engine: one copy of a large table is enough. */
  readonly train: data.Table;
  /** Lets the training rows go. */
  readonly onMoved: () => void;
  readonly trainRows: number;
  readonly columns: readonly string[];
  /**
   * What the columns of the file mean; absent where all are numbers. The tables hold encoded rows: `data.decodeTable` with
   * the conditions of a part gives its rows back.
   */
  readonly schema?: data.Schema;
  readonly bounds?: Readonly<Record<string, data.Bounds>>;
  /** What is to be added to the log-densities of encoded rows; undefined where it is 0. */
  readonly weights: Weights;
  readonly validation: data.Table;
  /** Undefined when no rows were set aside. */
  readonly test: data.Table | undefined;
  /** What the flow is given of the same rows: columns that a user gives, and cells of the rows themselves. */
  readonly conditions?: {
    readonly train: data.ConditionRows;
    readonly validation: data.ConditionRows;
    readonly test?: data.ConditionRows;
  };
  readonly origins: { readonly train: Origin; readonly validation: Origin | null; readonly test: Origin | null };
  /** What was left out, and columns that mislead a density model. */
  readonly notes: readonly string[];
}

/** @throws InputError for tables that cannot be used. */
export async function loadProblem(sources: Sources, config: RunConfig, shell: Shell): Promise<RunProblem> {
  const notes: string[] = [];
  const train = await readTraining(sources.train, config, notes, shell);
  const other = async (path: string | undefined, part: number): Promise<Read | undefined> =>
    path === undefined ? undefined : await readOther(path, part, config, train, notes, shell);
  const validation = await other(sources.validation, 1);
  const test = await other(sources.test, 2);
  const dropped = config.missing === "drop-rows" ? "dropped" : "kept";
  for (const [path, read] of [
    [sources.train, train],
    [sources.validation, validation],
    [sources.test, test],
  ] as const) {
    // Before the rows are split: their numbers are those of the file.
    if (path !== undefined && read !== undefined && !isToy(path))
      notes.push(...oddNote(path, findOdd(read.table, train.schema), dropped));
  }
  const parts = splitRows(train, config, validation !== undefined, test !== undefined);
  const held = { train: parts.train, validation: validation ?? parts.validation, test: test ?? parts.test };
  const tested = held.test.table.rows > 0;
  const given = (part: Part) => part.given!;
  const cells = train.schema && fitCells(train.schema, held.train);
  const schema = train.schema && (cells ? { ...train.schema, cells } : train.schema);
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
    weights: { validation: weightOf(held.validation, cells), test: weightOf(held.test, cells) },
    ...(schema ? { schema } : {}),
  };
  const where = sourceName(sources.train);
  checkTables(tables, where);
  if (tables.conditions) {
    const users = data.userConditions(tables.conditions.train);
    if (users) notes.push(...describeCondition(users));
    checkCategories(tables.conditions, where);
  }
  if (!isToy(sources.train)) {
    notes.push(...precisionWarnings(tables.train, where), ...dependenceWarnings(tables.train, where));
    notes.push(...tieWarnings(tables.train));
  }
  const origins = { train: train.origin, validation: validation?.origin ?? null, test: test?.origin ?? null };
  return problemOf(tables, origins, notes);
}

/** The distribution of cells, where some stand apart. */
function fitCells(schema: data.Schema, { given }: Part): data.CellDistribution | undefined {
  const columns = data.cellColumns(schema);
  return columns.length === 0 ? undefined : data.fitCells(columns, given!, data.userConditions(given));
}

/** What log-densities of a part lack: of filled cells, and of those that stand apart. */
function weightOf({ weight, given, table }: Part, cells: data.CellDistribution | undefined): Float64Array | undefined {
  if (cells === undefined || table.rows === 0) return weight;
  return addWeight(data.cellLogProb(cells, given!, given), weight);
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
