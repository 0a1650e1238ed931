import { describe, expect, it } from "vitest";
import { threefry2x32 } from "./threefry.ts";

// Known answers: tests/kat_vectors of the Random123 distribution, lines "threefry2x32 20".
const known = [
  { ctr: [0, 0], key: [0, 0], out: [0x6b200159, 0x99ba4efe] },
  { ctr: [0xffffffff, 0xffffffff], key: [0xffffffff, 0xffffffff], out: [0x1cb996fc, 0xbb002be7] },
  { ctr: [0x243f6a88, 0x85a308d3], key: [0x13198a2e, 0x03707344], out: [0xc4923a9c, 0x483df7a0] },
] as const;

describe("threefry2x32", () => {
  for (const { ctr, key, out } of known) {
    it(`gives the published answer for counter ${ctr[0].toString(16)}`, () => {
      const words = new Uint32Array(2);
      threefry2x32(key[0], key[1], ctr[0], ctr[1], words);
      expect(Array.from(words)).toEqual(out);
    });
  }
});
