/** Options of the benchmarks: each mistake names the option, what came and what was expected. */
import { InputError } from "../../packages/jkoflow/src/errors/index.ts";
import { parseSetting, type Settings } from "../../packages/jkoflow/src/settings/index.ts";

/** A whole number from 1. */
export function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InputError({ where: `--${option}`, came: JSON.stringify(text), expected: "a whole number from 1" });
}

/** Names after commas, each of them known. */
export function parseNames<Name extends string>(option: string, text: string, known: readonly Name[]): Name[] {
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !known.includes(name as Name));
  if (wrong === undefined) return [...new Set(names as Name[])];
  throw new InputError({
    where: `--${option}`,
    came: JSON.stringify(wrong),
    expected: `some of ${known.join(",")}`,
  });
}

/** `key=value` pairs; a value is JSON where it can be read as such, else a word. The system checks names and ranges. */
export function parseSettings(pairs: readonly string[]): Settings {
  return Object.fromEntries(pairs.map((pair) => parseSetting("--set", pair)));
}

/** Run a benchmark; a mistake in its options or files is one line and exit code 2. */
export async function runBench(main: () => Promise<void>): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130)); // removes folders
  try {
    await main();
  } catch (error) {
    const usage = error instanceof InputError || String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");
    if (!usage) throw error;
    console.error((error as Error).message);
    process.exitCode = 2;
  }
}
