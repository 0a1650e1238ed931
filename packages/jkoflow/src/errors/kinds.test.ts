import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { InputError } from "./errors.ts";
import { checkIndices, checkKind, checkNumbers, kindOf, ownArray } from "./kinds.ts";

describe("kinds of arrays", () => {
  it("are told apart by what they are, not by what they say", () => {
    const liar = { [Symbol.toStringTag]: "Float32Array", length: 3, constructor: Float32Array };
    for (const [value, kind] of [
      [new Float32Array(1), "Float32Array"],
      [Buffer.from("a"), "Uint8Array"],
      [runInNewContext("new Float32Array(2)"), "Float32Array"],
      [new (class Own extends Int32Array {})(2), "Int32Array"],
      [liar, undefined],
      [new DataView(new ArrayBuffer(8)), undefined],
      [[1], undefined],
      [null, undefined],
      ["Float32Array", undefined],
    ] as const) {
      expect(kindOf(value)).toBe(kind);
    }
  });

  it("a refusal names what came, what was expected, how to convert", () => {
    const refusal = (value: unknown): string => {
      try {
        checkKind(value, "Float32Array", "table");
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return (error as Error).message;
      }
      return "accepted";
    };
    expect(refusal(new Float32Array(2))).toBe("accepted");
    const expected = "expected a Float32Array";
    const from = "convert it: Float32Array.from";
    expect(refusal(new Float64Array(2))).toBe(`table: a Float64Array, ${expected}; ${from}(values)`);
    expect(refusal([1, 2])).toBe(`table: an array of 2, ${expected}; ${from}(values)`);
    expect(refusal([[1, 2]])).toBe(`table: an array of 1, ${expected}; ${from}(values.flat())`);
    expect(refusal(new BigInt64Array(2))).toBe(`table: a BigInt64Array, ${expected}; ${from}(values, Number)`);
    expect(refusal(new DataView(new ArrayBuffer(8)))).toBe(
      `table: a DataView, ${expected}; make a Float32Array of its bytes: new Float32Array(buffer, byteOffset, length)`,
    );
    expect(refusal(null)).toBe(`table: null, ${expected}`);
    expect(() => checkKind("a", ["Float64Array", "Int32Array"], "x", "y")).toThrow(
      'x:y: "a", expected a Float64Array or an Int32Array',
    );
  });

  it("arrays of numbers and indices", () => {
    for (const good of [[1], new Int8Array(1), new Float64Array(0)])
      expect(() => checkNumbers(good, "x")).not.toThrow();
    for (const bad of [null, "12", { length: 2 }, new BigInt64Array(1), new DataView(new ArrayBuffer(1))]) {
      expect(() => checkNumbers(bad, "x")).toThrow(/^x: .*expected an array of numbers/);
    }
    checkIndices(Int32Array.of(0, 4), 5, "rows");
    for (const [bad, message] of [
      [[0, Number.NaN], "rows: index 1: NaN, expected a row from 0 to 4"],
      [[5], "rows: index 0: 5, expected"],
      [[-1], "rows: index 0: -1, expected"],
      [[0.5], "rows: index 0: 0.5, expected"],
    ] as const) {
      expect(() => checkIndices(bad, 5, "rows")).toThrow(message);
    }
    expect(() => checkIndices([0], 0, "rows")).toThrow("none: there are no rows");
  });

  it("arrays that other threads can write to are copied, others are not", () => {
    const own = Float32Array.of(1, 2);
    expect(ownArray(own)).toBe(own);
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const copy = ownArray(shared);
    shared[0] = 7;
    expect([...copy]).toEqual([0, 0]);
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
  });
});
