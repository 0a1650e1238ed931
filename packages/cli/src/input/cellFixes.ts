/** What to do about a cell that cannot be read, in the words of the command. */
import type { Fixes } from "./tableFile.ts";

/** A name as it is typed on a command line. */
export const inShell = (name: string): string =>
  /^[\w.:%@/+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;

/** Of numbers that are written otherwise. */
const NUMBER_FIXES = {
  "decimal comma": () => "if all decimals have commas: --decimal ,",
  "decimal point": () => "if all decimals have points: --decimal .",
  comma: () => "say what the comma is: --decimal , or --thousands ,",
  thousands: () => "name what stands between thousands: --thousands MARK",
} as const;

const POLICY = "choose a policy for missing values: --missing drop, median or indicator";

/** Of a table that a model is trained on. */
export const trainingFixes: Fixes = {
  missing: () => `fill it, or ${POLICY}`,
  infinite: () => `it is infinite or too large for float32: rescale the column, or ${POLICY}`,
  text: (column) => {
    const name = inShell(column);
    return `for a column of categories name it: --categorical ${name}, or let --columns-as auto find them; or leave it out: --drop ${name}; if such words stand for gaps: --gap WORD`;
  },
  date: (column) => {
    const name = inShell(column);
    return `it is a date or a time: leave the column out: --drop ${name}, or write it as a number, such as days or seconds since 1970; for categories in spite of this: --categorical ${name}`;
  },
  ...NUMBER_FIXES,
};

/** Of rows for a model; `gaps` says whether the command has --missing nan. */
export function modelFixes(gaps: "may score NaN" | "are refused"): Fixes {
  const gap =
    gaps === "may score NaN" ? "fill it, or let such rows score NaN: --missing nan" : "fill it or leave the row out";
  const header = "if the first line holds names that were not seen as such: --header";
  return {
    missing: () => gap,
    infinite: () => `it is infinite or too large for float32: ${gap}`,
    text: () => `the model was trained on numbers there; ${header}; if such words stand for gaps: --gap WORD`,
    date: () => "the model was trained on numbers there: write the date or time in the same manner",
    ...NUMBER_FIXES,
  };
}
