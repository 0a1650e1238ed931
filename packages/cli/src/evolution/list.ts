/** `jko evolve list` and `jko infer list`: problems by name, and what is known of each. */
import type { problems } from "jkoflow";
import type { CommonFlags } from "../options.ts";
import type { Shell } from "../shell.ts";
import type { FlowVerb } from "./verbs.ts";

type Catalogue = Readonly<Record<string, problems.NamedProblem>>;

/** The word that stands in the place of a problem. */
export const LIST = "list";

const WIDTH = 26;

const callOf = (name: string, [least, most]: problems.NamedProblem["dimensions"]): string =>
  least === most ? name : `${name}:${least}..${most}`;

/** A line for each. */
export const namesOf = (catalogue: Catalogue): string =>
  Object.entries(catalogue)
    .map(([name, { says, dimensions }]) => `  ${callOf(name, dimensions).padEnd(WIDTH)}${says}`)
    .join("\n");

export async function listProblems(
  { catalogue, name: verb }: FlowVerb,
  flags: CommonFlags,
  shell: Shell,
): Promise<void> {
  const entries = Object.entries(catalogue);
  if (flags.json) {
    const list = entries.map(([name, { says, oracle = null, dimensions, times }]) => ({
      name,
      says,
      oracle,
      dimensions,
      ...times,
    }));
    return await shell.out(`${JSON.stringify({ event: "result", problems: list })}\n`);
  }
  const lines = entries.flatMap(([name, { says, oracle, dimensions, times }]) => [
    `${callOf(name, dimensions).padEnd(WIDTH)}${says}`,
    `${"".padEnd(WIDTH)}known: ${oracle ?? "nothing in closed form"}`,
    `${"".padEnd(WIDTH)}jko ${verb} ${name}${dimensions[0] === dimensions[1] ? "" : `:${dimensions[0]}`} --time ${times.time} --step ${times.step}`,
  ]);
  await shell.out(`${lines.join("\n")}\n`);
}
