/** What training rows must be, and what of them misleads a density model. */
import { data, InputError } from "jkoflow";

/** Something of each part; of test rows, where some were set aside. */
interface Held<Value> {
  readonly train: Value;
  readonly validation: Value;
  readonly test?: Value | undefined;
}

const LEAST_ROWS = 10;
/** Rows by which ties are judged; a sample is enough to see them. */
const SUMMARY_ROWS = 50_000;

export function checkTables({ train, validation, test }: Held<data.Table>, where: string): void {
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

export function refuseConstant(table: data.Table, where: string): void {
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
export function checkCategories({ train, validation, test }: Held<data.ConditionRows>, where: string): void {
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

export function tieWarnings(train: data.Table): string[] {
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
