/** How the text of rows to be scored is written: as the flags say, and where they say nothing as the run was told. */
import type { io } from "jkoflow";
import { dialectOf, type ReadFlags } from "../options.ts";
import { readRecord } from "../run/runDirectory.ts";

/**
 * Words for gaps of the run and of the flags are both known. What was not said is found in each file anew.
 * @throws InputError for a damaged config.json.
 */
export function dialectFor(flags: ReadFlags, run: string | undefined): { readonly dialect?: io.Dialect } {
  const known = run === undefined ? undefined : readRecord(run).config.dialect;
  const said = dialectOf(flags);
  if (known === undefined && said === undefined) return {};
  const gaps = [...(known?.gaps ?? []), ...(said?.gaps ?? [])];
  return { dialect: { ...known, ...said, ...(gaps.length > 0 ? { gaps } : {}) } };
}
