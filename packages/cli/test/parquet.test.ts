/** Parquet tables: their values, and that damage ends in one clear line. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, createWords, drawBelow, InputError } from "jkoflow";
import { describe, expect, it } from "vitest";
import { collectModelRows } from "../src/input/modelRows.ts";
import { readParquetBlocks } from "../src/input/parquet.ts";
import { type ReadOptions, readWhole } from "../src/input/readWhole.ts";
import { openInput } from "../src/input/source.ts";
import { folder, jko, TINY } from "./command.testing.ts";
import { large, nulls, plain } from "./parquet.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const options: ReadOptions = {
  columns: null,
  drop: [],
  missing: "error",
  header: "detect",
  delimiter: "detect",
  array: null,
};

function write(name: string, bytes: Uint8Array): string {
  const path = join(home, name);
  fs.writeFileSync(path, bytes);
  return path;
}
const paths = { plain: write("plain.parquet", plain), nulls: write("nulls", nulls), large: write("large", large) };

describe("Parquet", () => {
  it("gives the values by name, from a file and from a pipe", async () => {
    const wanted = { ...options, columns: ["n", "b", "a"] };
    const { table } = await readWhole(paths.plain, wanted, shellOf());
    expect(table.columns).toEqual(["n", "b", "a"]);
    expect(table.rows).toBe(40);
    const expected = Array.from({ length: 40 }, (_, i) => [i, Math.cos(3 * i), Math.sin(i)]).flat();
    expect([...table.values]).toEqual([...Float32Array.from(expected)]);
    const piped = await readWhole("-", wanted, shellOf(plain));
    expect(piped.table).toEqual(table);
    const rows = await collectModelRows(paths.plain, ["b", "a"], { ...options, missing: "error" }, shellOf());
    expect([...rows.values.subarray(0, 2)]).toEqual([1, 0]);
  });

  it("follows the policy for missing values", async () => {
    await expect(readWhole(paths.nulls, options, shellOf())).rejects.toThrow(/row 4, column "a": a missing value/);
    const dropped = await readWhole(paths.nulls, { ...options, missing: "drop-rows" }, shellOf());
    expect(dropped.table.rows).toBe(34);
    const filled = await readWhole(paths.nulls, { ...options, missing: "median" }, shellOf());
    expect(filled.notes[0]).toContain("filled 6 missing values");
  });

  it("refuses words and integers that float64 does not hold, unless they are left out", async () => {
    await expect(readWhole(paths.plain, options, shellOf())).rejects.toThrow(
      /column "word": .*, expected numbers; leave it out/,
    );
    await expect(readWhole(paths.large, options, shellOf())).rejects.toThrow(/row 1, column "a": 1152921504606846976/);
    const { table } = await readWhole(paths.large, { ...options, drop: ["a"] }, shellOf());
    expect(table.columns).toEqual(["b"]);
  });

  it("is fitted like any other table", async () => {
    expect((await jko(`fit ${paths.plain} --drop word --out ${join(home, "run")} --quiet ${TINY}`)).code).toBe(0);
  });

  it("100 mutants and 25 truncations: read, or refused as bad input, in bounded time", async () => {
    const words = createWords(createKey("parquet"));
    const mutants = Array.from({ length: 100 }, () => {
      const mutant = plain.slice();
      const changes = 1 + drawBelow(words, 3);
      for (let k = 0; k < changes; k++) mutant[drawBelow(words, mutant.length)] ^= 1 << drawBelow(words, 8);
      return mutant;
    });
    for (let i = 0; i < 25; i++) mutants.push(plain.slice(0, 4 + drawBelow(words, plain.length - 5)));
    let refused = 0;
    for (const mutant of mutants) {
      try {
        const input = await openInput("-", shellOf(mutant));
        const patience = { seconds: 1, secondsPerMegabyte: 0 };
        for await (const _ of readParquetBlocks(
          input,
          (names) => names.flatMap((name, k) => (/^[abn]$/.test(name) ? [k] : [])),
          patience,
        ));
      } catch (error) {
        refused++;
        if (!(error instanceof InputError)) throw error;
        expect(error.message).not.toContain("\n");
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it("stops a file whose decoding does not end", async () => {
    const input = await openInput("-", shellOf(plain)); // any file, and no patience
    const patience = { seconds: 0, secondsPerMegabyte: 0 };
    const read = readParquetBlocks(input, () => [0], patience);
    await expect(read.next()).rejects.toThrow(/stdin: a damaged Parquet file \(its decoding does not end\)/);
  });
});
