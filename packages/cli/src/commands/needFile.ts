/** With --json standard output is taken. */
import { InputError } from "jkoflow";

export function needFile({ json, output }: { readonly json?: boolean; readonly output?: string }): void {
  if (!json || (output !== undefined && output !== "-")) return;
  throw new InputError({
    where: "--json",
    came: "no file for the rows",
    expected: "standard output for events and a file for rows",
    fix: "name one with -o",
  });
}
