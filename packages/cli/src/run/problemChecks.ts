/** What training rows must be, and what of them misleads a density model. */
import { data, InputError, io } from "jkoflow";
import { inShell } from "../input/cellFixes.ts";

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
    came: `a single value in all training rows${rounded(table, constant[0])}, which has no density`,
    expected: "columns that vary",
    fix: `leave ${constant.length === 1 ? "it" : "them"} out: --drop ${inShell(constant.join(","))}`,
  });
}

/** Names in a message; a share of a whole may hang on all other columns. */
const NAMED = 6;

/**
 * Columns that others determine up to a small rest, one line each.
 * @throws InputError where nothing is left but rounding: the rows lie in a plane, where there is no density.
 */
export function dependenceWarnings(train: data.Table, where: string): string[] {
  const dependent = data.dependentColumns(train);
  const inWords = ({ of }: data.DependentColumn): string => {
    const names = of.slice(0, NAMED).map((name) => JSON.stringify(name));
    const more = of.length > NAMED ? ` and ${of.length - NAMED} more` : "";
    return of.length === 1 ? `determined by ${names[0]}` : `a linear combination of ${names.join(", ")}${more}`;
  };
  const exact = dependent.filter(({ kind }) => kind === "exact");
  if (exact.length > 0) {
    const columns = exact.map(({ column }) => column);
    throw new InputError({
      where,
      place: `column ${columns.map((name) => JSON.stringify(name)).join(", ")}`,
      came: `${exact.length === 1 ? inWords(exact[0]) : exact.map(inWords).join("; ")} in all training rows, which has no density`,
      expected: "columns that others do not determine",
      fix: `leave ${columns.length === 1 ? "it" : "them"} out: --drop ${inShell(columns.join(","))}`,
    });
  }
  return dependent.map(
    (one) =>
      `column ${JSON.stringify(one.column)} is ${inWords(one)}, but for ${Number(one.residual.toPrecision(2))} of its deviation: ` +
      `the density there is that of the rest, or of rounding; leave it out with --drop ${inShell(one.column)}`,
  );
}

/** Step from a number to the next one in float32. */
const stepAt = (x: number): number => 2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 23);

/** Numbers above 2^53 may be the same in float64 only. */
function rounded({ values, columns }: data.Table, name: string): string {
  const step = stepAt(values[columns.indexOf(name)]);
  return step >= 2 ** 30 ? " (beyond 2^53 float64 has no units: subtract an offset before, if they differ)" : "";
}

/** Rounding beside the standard deviation: above the first a density is one of the rounding, above the second it shows. */
const COARSE = { refused: 0.1, noted: 0.005 } as const;

/**
 * Columns whose spread is small beside their size, as times in seconds since 1970.
 * @throws InputError where float32 keeps hardly anything of the spread.
 */
export function precisionWarnings(train: data.Table, where: string): string[] {
  const rows = Math.min(train.rows, SUMMARY_ROWS);
  const part = { ...train, rows, values: train.values.subarray(0, rows * train.columns.length) };
  return data.describeColumns(part).flatMap(({ name, minimum, maximum, sd }) => {
    const step = stepAt(Math.max(Math.abs(minimum), Math.abs(maximum)));
    if (!(step > COARSE.noted * sd)) return [];
    const came = `values near ${io.shortestFloat32(maximum)} with a standard deviation of ${Number(sd.toPrecision(3))}`;
    const expected = `a spread that float32 resolves: it steps by ${Number(step.toPrecision(3))} there`;
    const fix = "leave out the rows that are far from the others, or subtract an offset from the column";
    if (step > COARSE.refused * sd) {
      throw new InputError({ where, place: `column ${JSON.stringify(name)}`, came, expected, fix });
    }
    return [`column ${JSON.stringify(name)}: ${came}; float32 steps by ${Number(step.toPrecision(3))} there: ${fix}`];
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
  if (warnings.length === 0) return [];
  return [
    ...warnings,
    "--dequantize NAME=WIDTH adds uniform noise of that width, such as the step of rounded values; --integer NAME takes a column as whole numbers, --categorical NAME as categories",
  ];
}
