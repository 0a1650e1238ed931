/** A setting as a word of a command line, such as blocks=12. */
import { InputError } from "../errors/errors.ts";
import type { SettingValue } from "./kinds.ts";

/** Name and value of `key=value`: JSON where it can be read as such, else a word. A system checks names and ranges. */
export function parseSetting(flag: string, text: string): readonly [name: string, value: SettingValue] {
  const at = text.indexOf("=");
  const [name, word] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || name === "" || word === "") {
    const expected = `key=value, such as ${flag} blocks=4`;
    throw new InputError({ where: flag, came: JSON.stringify(text), expected });
  }
  try {
    return [name, JSON.parse(word)];
  } catch {
    return [name, word]; // no JSON: a word
  }
}
