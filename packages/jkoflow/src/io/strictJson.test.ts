import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, expectRefusal, fuzz } from "./fuzz.testing.ts";
import { parseStrictJson } from "./strictJson.ts";

const parse = (text: string) => parseStrictJson(text, "file");

describe("parseStrictJson", () => {
  it("agrees with JSON.parse on what both accept", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        let value: unknown;
        try {
          value = parse(text);
        } catch (error) {
          // Random texts may hold doubled keys, __proto__ or long integers, never a syntax error.
          expect((error as Error).message).toMatch(/again|__proto__|integer|1\.8e308/);
          return;
        }
        expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
  it("takes every kind of value", () => {
    const text = ' { "a" : [ 1 , -2.5e-3, true,false , null ], "b":{}, "c":[ ], "\\u0064\\n": "\\"\\\\/" }\n';
    expect(parse(text)).toEqual({ a: [1, -0.0025, true, false, null], b: {}, c: [], "d\n": '"\\/' });
    expect(parse("9007199254740991")).toBe(Number.MAX_SAFE_INTEGER);
    expect(parse(`${"[".repeat(64)}${"]".repeat(64)}`)).toBeDefined();
  });
});

describe("large JSON", () => {
  // A regular expression with a repetition over these overflows its stack from 8 MB on.
  it.each([
    ["a string of 20 MB", JSON.stringify("a".repeat(2e7))],
    ["escapes of 18 MB", JSON.stringify({ a: '"\\\n'.repeat(3e6) })],
    ["codes of 12 MB", `["${"\\u00e9".repeat(2e6)}"]`],
    ["blanks of 20 MB", `[1,${" ".repeat(2e7)}2]`],
    ["a key of 12 MB", `{"${"k".repeat(12e6)}":1}`],
  ])("%s", (_, text) => {
    // Compared as text: a comparison of values would print them.
    expect(JSON.stringify(parse(text)) === JSON.stringify(JSON.parse(text))).toBe(true);
  });

  it("a double written out in full", () => {
    const smallest = `0.${"0".repeat(323)}4940656458412465441765687928682213723650598026143247644255856825006755072702`;
    expect(parse(smallest)).toBe(Number.MIN_VALUE);
  });
});

describe("malformed JSON", () => {
  const cases: readonly [string, string, string | RegExp][] = [
    ["empty", "", "the end of the text"],
    ["blank", " \n ", "file:2:2"],
    ["doubled key", '{"a":1,\n "a":2}', 'file:2:2: the key "a" again'],
    ["doubled key, escaped", '{"a":1,"\\u0061":2}', "again"],
    ["__proto__", '{"__proto__":1}', "__proto__"],
    ["__proto__, escaped", '{"\\u005f_proto__":1}', "__proto__"],
    ["1e400", "[1e400]", "at most 1.8e308"],
    ["2^53", "[9007199254740992]", "2^53 - 1"],
    ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, "64 levels"],
    ["10^5 levels", "[".repeat(100_000), "64 levels"],
    ["10^5 levels of objects", '{"a":'.repeat(100_000), "64 levels"],
    ["byte order mark", "\ufeff{}", "a value"],
    ["trailing text", "{} x", "the end of the text"],
    ["trailing comma in an object", '{"a":1,}', "a key in quotes"],
    ["trailing comma in a list", "[1,]", "a value"],
    ["comment", "// x\n{}", "a value"],
    ["single quotes", "{'a':1}", "a key in quotes"],
    ["no quotes", "{a:1}", "a key in quotes"],
    ["no colon", '{"a" 1}', "a colon"],
    ["no comma", '{"a":1 "b":2}', "a comma or }"],
    ["no comma in a list", "[1 2]", "a comma or ]"],
    ["open object", '{"a":1', "the end of the text"],
    ["open list", "[1", "the end of the text"],
    ["open string", '"abc', "a string"],
    ["line break in a string", '"a\nb"', "a string"],
    ["bad escape", '"\\x41"', "a string"],
    ["NaN", "NaN", "a value"],
    ["Infinity", "-Infinity", "a value"],
    ["leading zero", "01", "a value"],
    ["leading plus", "+1", "a value"],
    ["no digit behind the point", "1.", "a value"],
    ["no digit before the point", ".5", "a value"],
    ["hexadecimal", "0x10", "a value"],
    ["word", "truee", "a value"],
    ["NUL", "\0", "a value"],
    ["NUL in a string", '"a\0"', "a string"],
    ["half an escape", '"\\', "a string"],
    ["half a code", '"\\u12"', "a string"],
    ["a code that is none", '"\\u12g4"', "a string"],
    ["a number of 3,000 digits", "1".repeat(3000), "a longer number, expected one of at most 2000 characters"],
    ["10^7 digits", `[${"1".repeat(10 ** 7)}]`, "a longer number"],
    ["10^7 letters", `[${"t".repeat(10 ** 7)}]`, "a longer number"],
    ["a string of 10^7 without an end", `["${"a".repeat(10 ** 7)}`, "a string"],
  ];
  for (const [name, text, message] of cases) it(name, () => expectRefusal(() => parse(text), message));
  it("10^4 mutants", async () => {
    const decoder = new TextDecoder();
    const files = ['{"a":[1,2.5e3,{"b":"c\\n"}],"d":null}', '[{"x":-0.5},true,"\\u00e9"]'].map(bytesOf);
    await fuzz(files, 10_000, (bytes) => parse(decoder.decode(bytes)));
  });
});
