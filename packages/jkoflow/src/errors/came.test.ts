import { expect, it } from "vitest";
import { cameOf } from "./came.ts";

it("names anything in one line", () => {
  const named = [
    [undefined, "nothing"],
    [null, "null"],
    [Number.NaN, "NaN"],
    [7n, "7"],
    ["a\nb", '"a\\nb"'],
    ["x".repeat(50), `"${"x".repeat(37)}..."`],
    [() => 1, "a function"],
    [[1, 2], "an array of 2"],
    [new Float64Array(3), "a Float64Array"],
    [new Int8Array(3), "an Int8Array"],
    [new Uint8Array(3), "a Uint8Array"],
    [Promise.resolve(1), "a promise"],
    [Object.create(null), "{}"],
    [{ train: 1, key: 2 }, "{ train, key }"],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, "{ a, b, c, d, e, ... }"],
  ] as const;
  for (const [value, name] of named) expect(cameOf(value)).toBe(name);
});
