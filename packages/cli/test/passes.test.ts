/** A table is opened once, and read again without its path: a pipe by name, as of <(...) in a shell, has its bytes only once. */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openTable } from "../src/input/openTable.ts";
import { openInput } from "../src/input/source.ts";
import { folder, hashOf, jko, smallTable, TINY } from "./command.testing.ts";
import { plain } from "./parquet.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();

/** A pipe by name that gives a file's bytes once. */
function pipeOf(path: string): string {
  const pipe = `${path}.pipe`;
  execFileSync("mkfifo", [pipe]);
  spawn("sh", ["-c", 'cat "$0" > "$1"', path, pipe], { stdio: "ignore" });
  return pipe;
}

it("a conditional flow is fitted to a pipe by name as to its file", async () => {
  const csv = smallTable(join(home, "a.csv"));
  const models = [];
  for (const path of [csv, pipeOf(csv)]) {
    const run = `${path}.run`;
    const { code, err } = await jko(`fit ${path} --condition third:number --out ${run} --quiet --report none ${TINY}`);
    expect([code, err]).toEqual([0, ""]);
    models.push(hashOf(join(run, "model.safetensors")));
  }
  expect(models[1]).toBe(models[0]);
});

it("Parquet comes through a pipe by name, and its digest is that of the file", async () => {
  const path = join(home, "plain.parquet");
  fs.writeFileSync(path, plain);
  const file = await openTable(pipeOf(path), shellOf(), "several");
  const wish = { header: "detect", delimiter: "detect", array: null, gapFix: undefined } as const;
  for (let pass = 0; pass < 2; pass++) {
    const [n] = await file.words({ ...wish, names: ["n"] });
    expect(n.cells).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
  }
  expect(await file.digest()).toBe(hashOf(path));
});

it("what was opened to be read once is not read again in silence", async () => {
  const input = await openInput("-", shellOf(new TextEncoder().encode("a,b\n1,2\n")));
  input.bytes();
  expect(() => input.bytes()).toThrow("opened to be read once");
});
