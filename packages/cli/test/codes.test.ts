/** Codes of words while a file is read: no offset is subtracted of them, and no number that was named as a gap is one of them. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, io } from "jkoflow";
import { normal } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { openTable } from "../src/input/openTable.ts";
import { readWhole } from "../src/input/readWhole.ts";
import { folder, jko, TINY } from "./command.testing.ts";
import { readNpy } from "./npy.testing.ts";
import { plain } from "./parquet.testing.ts";
import { shellOf } from "./shell.testing.ts";

const home = folder();
const out = (name: string): string => join(home, name);

describe("a category of whole numbers 1.7e9 from the origin", () => {
  const BY = 1_700_000_000;
  const ROWS = 200;
  const noise = normal(createKey("noise"), 2 * ROWS);
  const [near, far] = [0, BY].map((by) => {
    const rows = Array.from({ length: ROWS }, (_, i) => [by + (i % 2), noise[2 * i], noise[2 * i + 1] + (i % 2)]);
    const [csv, npy] = [out(`${by}.csv`), out(`${by}.npy`)];
    fs.writeFileSync(csv, `x1,x2,x3\n${rows.map((row) => row.join(",")).join("\n")}\n`);
    fs.writeFileSync(npy, io.writeNpy(Float64Array.from(rows.flat()), [ROWS, 3]));
    return { csv, npy, run: out(`run-${by}`) };
  });
  const scores = async (run: string, path: string): Promise<number[]> => {
    const { code, err } = await jko(`logprob ${run} ${path} -o ${out("s.npy")} --force`);
    expect(code, err).toBe(0);
    return [...readNpy(out("s.npy")).values];
  };

  it("has the scores of the table at the origin: in texts its words are codes, in arrays less the offset", async () => {
    for (const { csv, run } of [near, far]) {
      const { code, err } = await jko(`fit ${csv} --validation ${csv} --out ${run} --report none ${TINY}`);
      expect(code, err).toBe(0);
    }
    const wanted = await scores(near.run, near.csv);
    expect(wanted.every(Number.isFinite)).toBe(true);
    // The other columns, and the codes, are the same numbers: so are the bits.
    for (const path of [far.csv, far.npy]) expect(await scores(far.run, path)).toEqual(wanted);
    const { code, err } = await jko(`evaluate ${far.run} ${far.npy} --strict --quiet`);
    expect(code, err).toBe(0);
    const drawn = await jko(`sample ${far.run} -n 20`);
    const words = drawn.out.trim().split("\n").slice(1);
    expect(new Set(words.map((line) => line.split(",")[0]))).toEqual(new Set([`${BY}`, `${BY + 1}`]));
  });
});

describe("a number named as a gap", () => {
  const path = out("plain.parquet");
  fs.writeFileSync(path, plain);
  const words = Array.from({ length: 40 }, (_, i) => `w${i % 3}`);
  const dialect = { gaps: ["1"] };
  const reading = { header: "detect", delimiter: "detect", array: null, dialect } as const;

  it("is no code of a word in Parquet", async () => {
    const coder = io.findingCoder();
    const options = { ...reading, columns: ["n", "word"], drop: [], missing: "indicator" } as const;
    const coders: io.Coders = (names) => new Map([[names.indexOf("word"), coder]]);
    const { table } = await readWhole(await openTable(path, shellOf()), options, { coders, offsets: "find" });
    const column = (k: number): number[] => Array.from({ length: 40 }, (_, i) => table.values[2 * i + k]);
    expect(column(0)).toEqual(Array.from({ length: 40 }, (_, i) => (i === 1 ? Number.NaN : i)));
    expect(column(1).map((code) => coder.words()[code])).toEqual(words);
  });

  it("nor among given words", async () => {
    const [cells] = await (await openTable(path, shellOf())).words({ ...reading, names: ["word"], gapFix: undefined });
    expect(cells.cells).toEqual(words);
  });
});
