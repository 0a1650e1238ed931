/** What is wrong with a column. */
import { InputError } from "../errors/errors.ts";

export function columnProblem(where: string, name: string, came: string, expected: string, fix?: string): InputError {
  return new InputError({ where, place: `column ${JSON.stringify(name)}`, came, expected, ...(fix ? { fix } : {}) });
}
