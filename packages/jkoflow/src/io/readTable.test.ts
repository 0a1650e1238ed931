import { describe, expect, it } from "vitest";
import { bytesOf, cut, expectRefusal, fuzz } from "./fuzz.testing.ts";
import { writeNpy } from "./npyWrite.ts";
import { writeNpz } from "./npz.ts";
import { readTable } from "./readTable.ts";
import { writeSafetensors } from "./safetensors.ts";

const values = Float32Array.of(1, 2, 3, 4);
const files = {
  npy: writeNpy(values, [2, 2]),
  npz: writeNpz({ a: { values, shape: [2, 2] } }),
  csv: bytesOf("x1,x2\n1,2\n3,4\n"),
};

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe("readTable", () => {
  for (const [format, bytes] of Object.entries(files)) {
    it(`reads ${format}, plain and gzipped, whole and in chunks`, async () => {
      const packed = await gzip(bytes);
      for (const source of [bytes, packed, cut(bytes, 1), cut(packed, 3)]) {
        const table = await readTable(source);
        expect([table.rows, table.columns, table.values]).toEqual([2, ["x1", "x2"], values]);
      }
    });
    it(`chooses columns of ${format}`, async () => {
      expect((await readTable(bytes, { columns: ["x2"] })).values).toEqual(Float32Array.of(2, 4));
      expect((await readTable(bytes, { drop: ["#2"] })).values).toEqual(Float32Array.of(1, 3));
    });
  }
  it("says when the format is another one", async () => {
    const model = writeSafetensors({ tensors: new Map(), metadata: {} });
    for (const bytes of [bytesOf("PAR1....PAR1"), model]) {
      await expectRefusal(() => readTable(bytes, { where: "file" }), "expected NPY");
    }
    await expectRefusal(() => readTable(new Uint8Array(0), { where: "file" }), "an empty file");
  });
  it("1,000 gzipped mutants", async () => {
    await fuzz([await gzip(files.csv), await gzip(files.npy)], 1000, (bytes) => readTable(bytes, { where: "file" }));
  });
});
