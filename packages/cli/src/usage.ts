/** What commander says of wrong words, in the form of our messages: what came, what was expected, the likely fix. */
import type { CommanderError } from "commander";
import { InputError } from "jkoflow";

/** Commands that have commands. */
const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([["data", ["list", "make"]]]);

/** The command that the words are of, as far as they name one. */
function commandOf([first = "", second = ""]: readonly string[]): string {
  if (!/^[a-z]/.test(first)) return "jko";
  return GROUPS.get(first)?.includes(second) ? `jko ${first} ${second}` : `jko ${first}`;
}

/** A message of commander, its words with quotes taken out; the first that matches counts. */
const RULES: readonly (readonly [RegExp, (...found: string[]) => readonly [came: string, expected: string]])[] = [
  [/^missing required argument '(.+)'/, (name) => [`no <${name}>`, "one"]],
  [/^required option '(.+)' not specified/, (option) => [`no ${option}`, "it"]],
  [/^option '(.+)' argument missing/, (option) => [`nothing behind ${option.replace(/ <.*/, "")}`, `${option}`]],
  [
    /^too many arguments.* Expected (\d+) arguments? but got (\d+)/,
    (wanted, got) => [
      `${got} argument${got === "1" ? "" : "s"}`,
      wanted === "0" ? "none" : `at most ${wanted}; quote what has blanks`,
    ],
  ],
  [/^(unknown option .+)/, (what) => [what, "one of its options"]],
];

export function usageError({ message, code }: CommanderError, words: readonly string[]): InputError {
  const [text, hint] = message.replace(/^error: /, "").split("\n");
  const near = /Did you mean (.*)\?/.exec(hint ?? "")?.[1];
  if (code === "commander.unknownCommand") {
    const group = GROUPS.get(words[0]);
    const where = group === undefined ? "jko" : `jko ${words[0]}`;
    const expected = group === undefined ? "a command of jko" : group.join(" or ");
    const fix = near === undefined ? `see ${where} --help` : `did you mean ${near}?`;
    return new InputError({ where, came: text, expected, fix });
  }
  const where = commandOf(words);
  const fix = near === undefined ? `see ${where} --help` : `did you mean ${near}?`;
  for (const [pattern, tell] of RULES) {
    const found = pattern.exec(text);
    if (!found) continue;
    const [came, expected] = tell(...found.slice(1));
    return new InputError({ where, came, expected, fix });
  }
  return new InputError({ where, came: text, expected: "what its help shows", fix });
}
