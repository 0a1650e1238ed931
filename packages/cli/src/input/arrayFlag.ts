/** `--array`, which names an array of an NPZ file and would be ignored beside any other. */
import { InputError } from "jkoflow";

/** @throws InputError where an array is named: the input is `kind`. */
export function refuseArray(array: string | null, where: string, kind: string): void {
  if (array === null) return;
  const came = `${JSON.stringify(array)} for ${where}, ${kind}`;
  throw new InputError({ where: "--array", came, expected: "an NPZ file", fix: "leave it out" });
}
