/** The floors of the command: a file imports only from its own folder or from a lower floor; run/ knows no report/. */
import { describe, expect, it } from "vitest";
import { readSources } from "../../jkoflow/test/imports.testing.ts";

/** Folders, and files that stand beside them. */
const floors: Readonly<Record<string, number>> = {
  "version.ts": 0,
  "exit.ts": 0,
  "printable.ts": 0,
  files: 1, // what of the disk is touched, and how
  "shell.ts": 1, // streams and signals
  config: 2, // what determines a run
  progress: 3, // what is shown on the way
  "flagValues.ts": 4, // words of flags and what they mean
  "options.ts": 5, // flags that commands share
  input: 4,
  output: 4,
  run: 5, // a run directory and the training in it
  report: 6, // what a run is worth
  evolution: 7, // the same of runs along a flow: jko evolve, jko infer
  commands: 8,
  "usage.ts": 9,
  "main.ts": 10,
};

const { files, imports } = readSources(new URL("../src", import.meta.url));
const placeOf = (file: string): string => file.split("/")[0];

describe("floors of the command", () => {
  it("sees the command", () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files)("%s", (file) => {
    const from = placeOf(file);
    expect(floors[from], `${from} has no floor`).toBeDefined();
    for (const target of imports.get(file)!) {
      if (!imports.has(target)) continue; // another package
      const to = placeOf(target);
      const allowed = (from === to && file.includes("/")) || floors[to] < floors[from];
      expect(allowed, `${file} (floor ${floors[from]}) imports from ${to} (floor ${floors[to]})`).toBe(true);
    }
  });
});
