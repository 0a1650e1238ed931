/** The house: a file imports only from its own folder or from a lower floor, and only the command imports Node's modules. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../src", import.meta.url));

const floors: Readonly<Record<string, number>> = {
  errors: 0,
  numbers: 0,
  random: 1,
  graph: 1,
  settings: 1,
  engine: 2,
  nn: 2,
  ode: 2,
  data: 2,
  io: 2,
  plot: 2,
  distributions: 3,
  expressions: 3,
  functionals: 4,
  maps: 5,
  flow: 6,
  chain: 6,
  train: 7,
  evaluate: 7,
  jko: 8,
  systems: 9,
  theory: 9,
};

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".testing.ts"))
  .map((file) => join(source, file));

function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]);
}

const folderOf = (file: string): string => relative(source, file).split("/")[0];

describe("floors", () => {
  it("sees the library", () => {
    expect(files.length).toBeGreaterThan(50);
  });

  it.each(files.map((file) => [relative(source, file), file]))("%s", (name, file) => {
    for (const target of imports(file)) {
      expect(target.startsWith("."), `${name} imports "${target}": the library has no dependency`).toBe(true);
      if (!name.includes("/")) continue; // index.ts is the roof
      const [from, to] = [folderOf(file), folderOf(resolve(dirname(file), target))];
      expect(floors[to], `${name} imports from ${to}, which has no floor`).toBeDefined();
      const allowed = from === to || floors[to] < floors[from];
      expect(allowed, `${name} (floor ${floors[from]}) imports from ${to} (floor ${floors[to]})`).toBe(true);
    }
  });
});
