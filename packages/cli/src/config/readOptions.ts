/** How a file is to be read. */
import type { io } from "jkoflow";

/** How a file is to be read; part of a run's configuration. */
export interface ReadOptions {
  /** null: all of them. */
  readonly columns: readonly string[] | null;
  readonly drop: readonly string[];
  /** "indicator": missing cells are kept, as NaN. */
  readonly missing: Exclude<io.MissingPolicy, "keep"> | "indicator";
  readonly header: "present" | "absent" | "detect";
  readonly delimiter: io.Delimiter | "detect";
  /** Of a text, what was said of it beyond that. */
  readonly dialect?: io.Dialect;
  /** Which array of an NPZ file; null where there is one. */
  readonly array: string | null;
}
