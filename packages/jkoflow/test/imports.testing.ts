/** Who imports whom in a folder of sources, read from their text. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export interface Sources {
  /** Paths below the folder, tests left out. */
  readonly files: readonly string[];
  /** What a file imports, types included: paths below the folder, and names of modules as they are. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

/** `folder` is a URL, so that tests of other packages may ask for their own. */
export function readSources(folder: URL): Sources {
  const root = fileURLToPath(folder);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".testing.ts"))
    .sort();
  const targets = (file: string): string[] => {
    const text = readFileSync(join(root, file), "utf8").replace(/^\s*\/\*\*[\s\S]*?\*\//gm, ""); // examples import too
    const names = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]);
    return names.map((name) =>
      name.startsWith(".") ? relative(root, resolve(root, dirname(file), name)).replaceAll("\\", "/") : name,
    );
  };
  return { files, imports: new Map(files.map((file) => [file, targets(file)])) };
}

/**
 * The circles of imports: each a way along the imports from a file back to itself, the shortest through its first file.
 * None where the files can be put in an order in which each imports only earlier ones.
 */
export function findCircles({ files, imports }: Sources): string[][] {
  const next = (file: string): readonly string[] => (imports.get(file) ?? []).filter((target) => imports.has(target));
  // What only imports files that stand, stands; what is left over lies on a circle or leads to one.
  const left = new Set(files);
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const file of left) if (!next(file).some((target) => left.has(target))) left.delete(file);
  }
  const told = new Set<string>();
  return [...left].flatMap((start) => {
    if (told.has(start)) return [];
    const circle = wayBack(start, next);
    for (const file of circle ?? []) told.add(file);
    return circle === undefined ? [] : [[...circle, start]];
  });
}

/** The shortest way from a file to one that imports it; undefined where none leads back. */
function wayBack(start: string, next: (file: string) => readonly string[]): string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const target of next(way[way.length - 1])) {
      if (target === start) return way;
      if (!seen.has(target)) ways.push([...way, target]);
      seen.add(target);
    }
  }
  return undefined;
}
