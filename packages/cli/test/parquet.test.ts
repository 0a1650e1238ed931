/** Parquet tables: their values, and that damage ends in one clear line. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, createWords, drawBelow, InputError } from "jkoflow";
import { describe, expect, it } from "vitest";
import { collectModelRows } from "../src/input/modelRows.ts";
import { type ReadOptions, readWhole } from "../src/input/readWhole.ts";
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
    await expect(readWhole(paths.large, options, shellOf())).rejects.toThrow(
      /row 1, column "a": bigint 1152921504606846976/,
    );
    const { table } = await readWhole(paths.large, { ...options, drop: ["a"] }, shellOf());
    expect(table.columns).toEqual(["b"]);
  });

  it("is fitted like any other table", async () => {
    expect((await jko(`fit ${paths.plain} --drop word --out ${join(home, "run")} --quiet ${TINY}`)).code).toBe(0);
  });

  it("500 mutants and all truncations: read, or refused as bad input", async () => {
    const words = createWords(createKey("parquet"));
    const mutants = Array.from({ length: 500 }, () => {
      const mutant = plain.slice();
      for (let k = 0; k <= drawBelow(words, 3); k++)
        mutant[drawBelow(words, mutant.length)] ^= 1 << drawBelow(words, 8);
      return mutant;
    });
    for (let length = 4; length < plain.length; length += 16) mutants.push(plain.slice(0, length));
    let refused = 0;
    for (const mutant of mutants) {
      try {
        await readWhole("-", { ...options, drop: ["word"] }, shellOf(mutant));
      } catch (error) {
        refused++;
        if (!(error instanceof InputError)) throw error;
        expect(error.message).not.toContain("\n");
      }
    }
    expect(refused).toBeGreaterThan(200);
  });
});
