import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createKey, normal } from "../random/index.ts";
import { bytesOf } from "./fuzz.testing.ts";
import { sha256 } from "./sha256.ts";

describe("sha256", () => {
  it("gives the digests published with FIPS 180-4", () => {
    expect(sha256(bytesOf("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256()).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256(bytesOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
    expect(sha256(new Uint8Array(1_000_000).fill(0x61))).toBe(
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    );
  });
  it("agrees with Node's for every length and cut", () => {
    const bytes = new Uint8Array(normal(createKey(5), 100).buffer);
    for (let length = 0; length <= 200; length++) {
      const part = bytes.subarray(3, 3 + length);
      const expected = createHash("sha256").update(part).digest("hex");
      expect(sha256(part)).toBe(expected);
      expect(sha256(part.subarray(0, length >> 1), new Uint8Array(0), part.subarray(length >> 1))).toBe(expected);
    }
  });
});
