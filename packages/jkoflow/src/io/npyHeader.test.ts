import { expect, it } from "vitest";
import { InputError } from "../errors/index.ts";
import { parseNpyHeader } from "./npyHeader.ts";

it("headers of 60 kB that nearly fit are refused without backtracking over them again and again", () => {
  const n = 60_000;
  for (const shape of [
    " ".repeat(n),
    "1,".repeat(n / 2),
    `${"1 ".repeat(n / 2)}`,
    "1".repeat(n),
    `1${" ".repeat(n)}x`,
  ]) {
    for (const end of ["", ")", "), x"]) {
      const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}${end}}\n`;
      const head = new Uint8Array(10 + text.length);
      head.set([0x93, ...Buffer.from("NUMPY"), 1, 0, text.length & 255, text.length >> 8]);
      head.set(Buffer.from(text), 10);
      expect(() => parseNpyHeader(head, "file")).toThrow(InputError);
    }
  }
});
