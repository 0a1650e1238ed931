/**
 * The public surface: what stands at the root and in the entries of the package is stored beside this file, so that a change
 * of it is seen; each name at the root is explained, and its examples run. To store what there is:
 *
 * SURFACE=write npx vitest run packages/jkoflow/test/surface.test.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as library from "../src/index.ts";
import { check, faultsOfTypes } from "./examples.testing.ts";
import { documentationOf, entryFile, entryNames, rootNames } from "./surface.testing.ts";

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const names = rootNames();
const packed: { exports: Readonly<Record<string, unknown>> } = JSON.parse(
  readFileSync(file("../package.json"), "utf8"),
);
const entries = Object.keys(packed.exports).flatMap((path) => /^\.\/(\w+)$/.exec(path)?.slice(1) ?? []);

const sections = (kind: string): string[] => names.filter((name) => name.kind === kind).map(({ name }) => name);
const surface: Readonly<Record<string, readonly string[]>> = {
  values: sections("value"),
  types: sections("type"),
  namespaces: sections("namespace"),
  ...Object.fromEntries(entries.map((entry) => [`jkoflow/${entry}`, entryNames(entry)])),
};
const list = Object.entries(surface).map(([title, all]) =>
  [`${title}\n`, ...all.map((name) => `  ${name}\n`)].join(""),
);

describe("the public surface", () => {
  it("is what is stored", () => {
    const stored = file("surface.txt");
    if (process.env.SURFACE === "write") writeFileSync(stored, list.join("\n"));
    const hint = "if the change is meant: SURFACE=write npx vitest run packages/jkoflow/test/surface.test.ts";
    expect(list.join("\n"), hint).toBe(readFileSync(stored, "utf8"));
  });

  it("has about forty names at the root, besides namespaces", () => {
    expect(surface.values.length + surface.types.length).toBeLessThanOrEqual(44);
  });

  it("is read as it runs", () => {
    expect(Object.keys(library).sort()).toEqual([...surface.values, ...surface.namespaces].sort());
  });

  it.each(entries)("the entry jkoflow/%s", async (entry) => {
    const loaded = Object.keys(await import(/* @vite-ignore */ file(`../src/${entryFile(entry)}.ts`)));
    expect(surface[`jkoflow/${entry}`]).toEqual(expect.arrayContaining(loaded));
    if (surface.namespaces.includes(entry)) {
      const namespace = new Map<string, object>(Object.entries(library)).get(entry);
      expect(Object.keys(namespace ?? {}).sort()).toEqual(loaded.sort());
    }
    expect(packed.exports[`./${entry}`]).toEqual({
      types: `./dist/${entryFile(entry)}.d.ts`,
      default: `./dist/${entryFile(entry)}.js`,
    });
  });

  it("has an entry for each namespace", () => {
    expect(entries).toEqual(expect.arrayContaining([...surface.namespaces]));
  });
});

describe("each name at the root is explained by an example that runs", () => {
  it.each(names.map((name) => [name.name, name] as const))("%s", async (name, declared) => {
    const { comment, examples } = documentationOf(declared);
    expect(comment, `${name} has no comment`).toBeDefined();
    expect(examples.length, `${name} has no example`).toBeGreaterThan(0);
    for (const example of examples) {
      expect(example).toMatch(new RegExp(`^import .*\\b${name}\\b`, "m"));
      await check(example);
    }
  });
});

it("the examples have the right types", () => {
  expect(faultsOfTypes(names.flatMap((name) => documentationOf(name).examples))).toBe("");
});
