/** Columns that are large beside their spread: read as the difference from an offset that is taken in float64. */
import { describe, expect, it } from "vitest";
import { shortestWithOffset } from "../numbers/text.ts";
import { createKey, normal } from "../random/index.ts";
import { readCsv, readCsvBlocks } from "./csv.ts";
import { bytesOf, cut, expectRefusal } from "./fuzz.testing.ts";
import { readNpyBlocks } from "./npy.ts";
import { writeNpy } from "./npyWrite.ts";
import { writeNpz } from "./npz.ts";
import { readTable } from "./readTable.ts";

const ROWS = 3000; // more than the first rows by which columns are watched
/** Multiples of 1/64 within a few units: exact beside 1.7e9 in float64. */
const spread = Array.from(normal(createKey("offsets"), ROWS), (z) => Math.round(64 * z) / 64 + 0); // + 0: without -0
const other = Array.from(normal(createKey("other"), ROWS), Math.fround);
const csv = (column: readonly number[]): Uint8Array =>
  bytesOf(`t,y\n${column.map((t, i) => `${t},${other[i]}`).join("\n")}\n`);
const pairs = (column: readonly number[]): Float64Array =>
  Float64Array.from({ length: 2 * ROWS }, (_, at) => (at % 2 === 0 ? column[at / 2] : other[(at - 1) / 2]));
const shift = (by: number, values: readonly number[] = spread): number[] => values.map((x) => x + by);
const find = { offsets: "find", where: "file" } as const;

describe("offsets", () => {
  for (const by of [1e9, 1.7e9, -3e10]) {
    it(`${by} + N(0, 1) has the bits of N(0, 1), in every format`, async () => {
      const plain = await readTable(csv(spread), find);
      expect(plain.offsets).toBeUndefined();
      const files = {
        csv: csv(shift(by)),
        npy: writeNpy(pairs(shift(by)), [ROWS, 2]),
        npz: writeNpz({ a: { values: pairs(shift(by)), shape: [ROWS, 2] } }),
      };
      for (const [format, bytes] of Object.entries(files)) {
        const table = await readTable(cut(bytes, 1000), find);
        const [name] = table.columns;
        expect([format, table.offsets]).toEqual([format, { [name]: by }]);
        expect(table.values).toEqual(plain.values);
        // The same offset, known: as validation rows and rows to be scored are read.
        expect((await readTable(bytes, { offsets: { [name]: by } })).values).toEqual(plain.values);
      }
      const blocks: number[] = [];
      for await (const { values } of readCsvBlocks(cut(files.csv, 77), 64, { shifts: [by, 0] })) blocks.push(...values);
      expect(blocks).toEqual(Array.from(plain.values));
      const parts: number[] = [];
      const offsets = () => [by, 0];
      for await (const { values } of readNpyBlocks(cut(files.npy, 77), 64, { offsets })) parts.push(...values);
      expect(parts).toEqual(Array.from(plain.values));
    });
  }

  it("whole numbers up to 2^53, in text and as 64-bit integers", async () => {
    const whole = spread.map((x) => Math.round(100 * x));
    for (const by of [2 ** 52, 2 ** 53 - 1000]) {
      const table = await readCsv(csv(shift(by, whole)), find);
      const { t } = table.offsets!;
      expect(Number.isInteger(t) && Math.abs(t - by) <= 500).toBe(true);
      expect(Array.from(table.values.filter((_, at) => at % 2 === 0), (x) => x + t)).toEqual(shift(by, whole)); // biome-ignore format: a law
    }
    await expectRefusal(
      () => readCsv(csv(shift(2 ** 60, whole)), find),
      /^file: column "t": values up to 11529\d+ with a/,
    );
  });

  it("leaves the bits of columns that need none: without asking, and with", async () => {
    const columns = [
      spread,
      shift(1e4),
      spread.map((x) => 1.7e9 + 1e6 * x),
      spread.map(() => 1e9),
      spread.map((_, i) => i),
    ];
    for (const column of columns) {
      const plain = await readCsv(csv(column));
      const found = await readCsv(csv(column), find);
      expect(found.offsets).toBeUndefined();
      expect(found.values).toEqual(plain.values);
      expect(plain.values[0]).toBe(Math.fround(column[0]));
    }
  });

  it("looks at all rows: a clock that runs on needs none, a column that begins with equal values may", async () => {
    const clock = spread.map((_, i) => 1e7 + 1000 * i); // its first rows are within 1e6, all within 3e6
    expect((await readCsv(csv(clock), find)).offsets).toBeUndefined();
    const late = spread.map((x, i) => (i < 2000 ? 1e9 : 1e9 + x));
    expect((await readCsv(csv(late), find)).offsets).toEqual({ t: 1e9 });
  });

  it("knows gaps and rows left out", async () => {
    const gaps = shift(1e9).map((t, i) => (i % 5 === 1 ? "NA" : String(t)));
    const bytes = bytesOf(`t,y\n${gaps.map((t, i) => `${t},${other[i]}`).join("\n")}\n`);
    const kept = await readCsv(bytes, { ...find, missing: "keep" });
    expect(kept.values).toEqual(Float32Array.from(pairs(spread), (x, at) => (at % 10 === 2 ? Number.NaN : x)));
    const dropped = await readCsv(bytes, { ...find, missing: "drop-rows" });
    expect(dropped.values).toEqual(Float32Array.from(pairs(spread)).filter((_, at) => at % 10 !== 2 && at % 10 !== 3));
    expect([dropped.offsets, dropped.droppedRows]).toEqual([{ t: 1e9 }, ROWS / 5]);
  });

  it("are added again with the fewest decimals that read back", () => {
    expect(shortestWithOffset(Math.fround(0.1), 0)).toBe("0.1");
    expect(shortestWithOffset(0.25, 1e9)).toBe("1000000000.25");
    expect(shortestWithOffset(Math.fround(-0.1), 1_700_000_000)).toBe("1699999999.9");
    expect(shortestWithOffset(3, 2 ** 52)).toBe("4503599627370499");
    for (const [i, x] of other.entries()) {
      const text = shortestWithOffset(x, 1e9 + i);
      expect(Math.fround(Number(text) - (1e9 + i))).toBeCloseTo(x, 6); // float64 steps by 1.2e-7 at 1e9
    }
  });
});
