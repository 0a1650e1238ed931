/**
 * The house: a file imports only from its own folder or from a lower floor, only the command imports Node's modules, and no
 * imports run in a circle.
 */
import { describe, expect, it } from "vitest";
import { findCircles, readSources, type Sources } from "./imports.testing.ts";

const floors: Readonly<Record<string, number>> = {
  errors: 0,
  numbers: 0,
  random: 1,
  graph: 1,
  settings: 1,
  engine: 2,
  nn: 2,
  ode: 2,
  collisions: 2,
  data: 2,
  io: 2,
  plot: 2,
  distributions: 3,
  expressions: 3,
  functionals: 4,
  maps: 5,
  chain: 6,
  model: 7,
  train: 7,
  evaluate: 7,
  prepare: 8,
  sampling: 8,
  jko: 8,
  systems: 9,
  theory: 9,
  problems: 10,
  entries: 11,
};

const { files, imports } = readSources(new URL("../src", import.meta.url));

const folderOf = (file: string): string => file.split("/")[0];

describe("floors", () => {
  it("sees the library", () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files)("%s", (file) => {
    for (const target of imports.get(file)!) {
      expect(imports.has(target), `${file} imports "${target}": the library has no dependency`).toBe(true);
      if (!file.includes("/")) continue; // index.ts is the roof
      const [from, to] = [folderOf(file), folderOf(target)];
      expect(floors[to], `${file} imports from ${to}, which has no floor`).toBeDefined();
      const allowed = from === to || floors[to] < floors[from];
      expect(allowed, `${file} (floor ${floors[from]}) imports from ${to} (floor ${floors[to]})`).toBe(true);
    }
  });
});

const packages = { library: "../src", command: "../../cli/src" } as const;

/** Files that need each other are one file, or have a third below them; types count too. */
describe("circles of imports", () => {
  it.each(Object.entries(packages))("%s: none", (_, folder) => {
    const sources = readSources(new URL(folder, import.meta.url));
    expect(sources.files.length).toBeGreaterThan(50);
    expect(findCircles(sources).map((circle) => circle.join(" -> "))).toEqual([]);
  });

  it("finds those that there are, and not what only leads to one", () => {
    const of = (imports: Readonly<Record<string, readonly string[]>>): Sources => ({
      files: Object.keys(imports),
      imports: new Map(Object.entries(imports)),
    });
    expect(findCircles(of({ a: ["b"], b: ["c", "node:fs"], c: [] }))).toEqual([]);
    expect(findCircles(of({ a: ["a"] }))).toEqual([["a", "a"]]);
    const two = of({ top: ["a"], a: ["b", "low"], b: ["c"], c: ["b", "a"], d: ["e"], e: ["d"], low: [] });
    expect(findCircles(two)).toEqual([
      ["a", "b", "c", "a"],
      ["d", "e", "d"],
    ]);
  });
});
