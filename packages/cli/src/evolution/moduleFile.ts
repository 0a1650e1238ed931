/** A problem from a module file: JavaScript that exports `problem`, or has it as its default. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError } from "jkoflow";
import { readFileOf } from "../files/readFile.ts";
import type { Source } from "./record.ts";
import { checkSameBytes } from "./sameBytes.ts";

/**
 * What it exports, of whatever shape. A file that has changed since the run began is another problem.
 * @throws InputError for a file that cannot be loaded, with its own words.
 */
export async function importProblem({ path, sha256 }: Source): Promise<unknown> {
  checkSameBytes({ path, sha256 }, createHash("sha256").update(readFileOf(path)).digest("hex"));
  let loaded: Readonly<Record<string, unknown>>;
  try {
    // The digest keeps apart what Node would else remember by the name alone.
    loaded = await import(`${pathToFileURL(resolve(path)).href}?${sha256}`);
  } catch (error) {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new InputError({ where: path, came: `a module that throws ${said}`, expected: "one that exports a problem" });
  }
  const problem = loaded.problem ?? loaded.default;
  if (problem !== undefined) return problem;
  const names = Object.keys(loaded);
  const came =
    names.length === 0 ? "a module without exports" : `a module that exports ${names.slice(0, 5).join(", ")}`;
  throw new InputError({ where: path, came, expected: "export const problem = { start, potential, ... }" });
}
