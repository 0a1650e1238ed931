/** Files that a run began from, which make another problem once they have changed. */
import { InputError } from "jkoflow";
import type { Source } from "./record.ts";

/** @throws InputError where the file's digest `now` is not the one of the run. */
export function checkSameBytes({ path, sha256 }: Source, now: string): void {
  if (now === sha256) return;
  const came = "other bytes than when the run began";
  const fix = "restore the file, or begin a new run";
  throw new InputError({ where: path, came, expected: `SHA-256 ${sha256}`, fix });
}
