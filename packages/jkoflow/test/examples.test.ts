/** Examples in the comments of the namespaces: they run, compile, and leave out no value that users call. */
import { describe, expect, it } from "vitest";
import { check, faultsOfTypes } from "./examples.testing.ts";
import { documentationOf, entryValues, examplesIn, rootNames } from "./surface.testing.ts";

/** Entries of which each value stands in an example, in the comment on it or in the head of the folder. */
const EXPLAINED = ["data", "io", "random", "plot", "expressions", "settings", "nn", "ode", "graph", "engine", "errors"];
/** Entries whose examples run; the rest is what systems are made of. */
const SHOWN = [...EXPLAINED, "distributions", "evaluate", "functionals", "problems", "train"];
/** Of these: what takes bytes that no example of a few lines can hold. */
const WITHOUT = new Set(["readPng", "inflateRaw"]);
const heads = rootNames()
  .filter(({ kind }) => kind === "namespace")
  .flatMap((name) => documentationOf(name).examples);

it.each(EXPLAINED)("each value of jkoflow/%s is in an example", (entry) => {
  const texts = [...examplesIn(entry).map(({ text }) => text), ...heads];
  const bare = entryValues(entry).filter((name) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
  const hint = "give the comment of each an @example of a few lines, or use it in that of a neighbour";
  expect(
    bare.filter((name) => !WITHOUT.has(name)),
    hint,
  ).toEqual([]);
});

describe.each(SHOWN)("the examples of jkoflow/%s run", (entry) => {
  it.each(examplesIn(entry))("$title", ({ text }) => check(text));
});

it("they have the right types", () => {
  expect(faultsOfTypes(SHOWN.flatMap((entry) => examplesIn(entry).map(({ text }) => text)))).toBe("");
});
