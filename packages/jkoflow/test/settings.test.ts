import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  above,
  but,
  checkSettings,
  defaultsOf,
  oneOf,
  parseSetting,
  type SettingsOf,
  setting,
  training,
  whole,
} from "../src/settings/index.ts";
import { evolutionSystems, systems } from "../src/systems/index.ts";

const own = {
  ...training,
  learningRateFloor: but(training.learningRateFloor, 0.5),
  parts: setting(whole(1), 20, "parts"),
  shape: setting(oneOf("round", "square"), "round", "of a part", "square"),
};

describe("a declaration", () => {
  it("gives types, defaults and what older runs had", () => {
    type Own = SettingsOf<typeof own>;
    expectTypeOf<Own["parts"]>().toEqualTypeOf<number>();
    expectTypeOf<Own["shape"]>().toEqualTypeOf<"round" | "square">();
    const defaults = defaultsOf(own);
    expect(Object.keys(defaults)).toEqual(Object.keys(own));
    expect(defaults).toMatchObject({ parts: 20, shape: "round", learningRateFloor: 0.5 });
    const { shape: _, ...older } = defaults;
    expect(checkSettings(own, older, "own").shape).toBe("square");
  });

  it("refuses unknown, missing and wrong settings, with their names", () => {
    const defaults = defaultsOf(own);
    const tryOut = (changed: object) => () => checkSettings(own, { ...defaults, ...changed }, "own");
    expect(tryOut({ partz: 3 })).toThrow(/partz: an unknown setting.*did you mean parts\?/s);
    expect(tryOut({ zzzzzzzzz: 3 })).toThrow(/its settings are updates, batchSize/);
    expect(tryOut({ parts: 0.5 })).toThrow(/parts.*0\.5.*a whole number of at least 1/s);
    expect(tryOut({ shape: "oval" })).toThrow(/shape.*"oval".*round \| square/s);
    const { parts: _, ...less } = defaults;
    expect(() => checkSettings(own, less, "own")).toThrow(/parts.*nothing/s);
    expect(() => defaultsOf({ width: setting(above(0), 0, "w") })).toThrow(/width/);
  });
});

it("reads a setting of a command line", () => {
  expect(parseSetting("--set", "hidden=[8,8]")).toEqual(["hidden", [8, 8]]);
  expect(parseSetting("--set", " time = none")).toEqual(["time", "none"]);
  for (const text of ["blocks", "=3", "blocks="]) expect(() => parseSetting("--set", text)).toThrow(/key=value/);
});

describe("every setting of every system", () => {
  const all = { ...systems, ...evolutionSystems };

  /** Places where a name is given a kind: `name: setting(`, or `name: Setting<...> = setting(` of one that is shared. */
  const sources = ["../src/settings/", "../src/systems/"].flatMap((folder) => {
    const url = new URL(folder, import.meta.url);
    const files = readdirSync(url).filter((file) => /^(?!.*\.(test|testing)\.ts$).*\.ts$/.test(file));
    const code = (file: string) => readFileSync(new URL(file, url), "utf8").replaceAll(/\/\*\*.*?\*\//gs, "");
    return files.map((file) => ({ file, text: code(file) }));
  });
  const places = (name: string) =>
    sources.filter(({ text }) =>
      new RegExp(`(^|\\s)${name}(: setting\\(|(: Setting<[^>]*>)? = setting\\()`).test(text),
    );
  const byName = new Map<string, Set<string>>();
  for (const { settings } of Object.values(all)) {
    for (const [name, { says }] of Object.entries(settings)) {
      byName.set(name, (byName.get(name) ?? new Set()).add(says));
    }
  }

  it.each([...byName])("%s: declared in one place per meaning", (name, meanings) => {
    const files = places(name).map(({ file }) => file);
    expect(files.length, `${name} in ${files.join(", ")}`).toBeGreaterThanOrEqual(1);
    expect(files.length, `${name} in ${files.join(", ")}`).toBeLessThanOrEqual(meanings.size);
  });

  it.each(Object.entries(all))("%s: has a default of its kind and a sentence", (_, { settings }) => {
    for (const [name, { kind, value, says }] of Object.entries(settings)) {
      expect(kind.accepts(value), name).toBe(true);
      expect(says.length, name).toBeGreaterThan(5);
    }
  });

  it("stands in the guide as it is declared: npm run docs", () => {
    const script = fileURLToPath(new URL("../../../scripts/docs.mjs", import.meta.url));
    expect(execFileSync(process.execPath, [script, "--check"], { encoding: "utf8" })).toMatch(/settings\.md: fresh/);
  });
});
