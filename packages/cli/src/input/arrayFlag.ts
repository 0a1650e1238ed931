/** `--array`, which names an array of an NPZ file and would be ignored beside other files. */
import fs from "node:fs";
import { InputError } from "jkoflow";
import { sourceName } from "./source.ts";

export function refuseArray(array: string, where: string): never {
  const came = `${JSON.stringify(array)} for ${where}`;
  throw new InputError({ where: "--array", came, expected: "an NPZ file", fix: "leave it out" });
}

/** @throws InputError where none of the files can hold arrays with names. */
export function refuseIdleArray(array: string | null, paths: readonly (string | undefined)[]): void {
  if (array !== null && !paths.some((path) => path !== undefined && mayBeNpz(path)))
    refuseArray(array, sourceName(paths[0]!));
}

/** A pipe is not looked into: its first bytes would be gone. */
function mayBeNpz(path: string): boolean {
  if (path === "-" || !fs.existsSync(path)) return path === "-" || !path.startsWith("toy:");
  if (!fs.statSync(path).isFile()) return true;
  const head = new Uint8Array(2);
  const file = fs.openSync(path, "r");
  try {
    fs.readSync(file, head);
  } finally {
    fs.closeSync(file);
  }
  return ["PK", "\x1f\x8b"].includes(String.fromCharCode(...head));
}
