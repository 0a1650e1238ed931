/** Examples in the comments of the namespaces: they run, compile, and leave out no value that users call. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check, faultsOfTypes } from "./examples.testing.ts";
import { documentationOf, entryValues, examplesIn, isEntry, rootNames } from "./surface.testing.ts";

/** Entries of the package: each value stands in an example, in the comment on it or in the head of the folder. */
const ENTRIES = readdirSync(new URL("../src", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && isEntry(entry.name))
  .map(({ name }) => name);
const heads = rootNames()
  .filter(({ kind }) => kind === "namespace")
  .flatMap((name) => documentationOf(name).examples);

it.each(ENTRIES)("each value of jkoflow/%s is in an example", (entry) => {
  const texts = [...examplesIn(entry).map(({ text }) => text), ...heads];
  const bare = entryValues(entry).filter((name) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
  const hint = "give the comment of each an @example of a few lines, or use it in that of a neighbour";
  expect(bare, hint).toEqual([]);
});

describe.each(ENTRIES.filter((entry) => examplesIn(entry).length > 0))("the examples of jkoflow/%s run", (entry) => {
  it.each(examplesIn(entry))("$title", ({ text }) => check(text));
});

it("they have the right types", () => {
  expect(faultsOfTypes(ENTRIES.flatMap((entry) => examplesIn(entry).map(({ text }) => text)))).toBe("");
});
