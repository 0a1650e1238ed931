/** Every link of a document to a file or a heading of this repository leads somewhere, and every source it names is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const others = new Set(["node_modules", "dist", "build"]);

function documentsIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || others.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return documentsIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

const documents = documentsIn("");

/** The anchor that a heading gets: lower case, no punctuation, a dash for each blank. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

const anchors = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading));

describe("links", () => {
  it("sees the documents", () => {
    expect(documents).toContain("README.md");
    expect(documents.length).toBeGreaterThan(8);
  });

  it.each(documents)("%s", (document) => {
    const text = readFileSync(join(root, document), "utf8").replace(/```[\s\S]*?```/g, "");
    for (const [, link] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [path, anchor] = link.split("#");
      const file = path === "" ? join(root, document) : resolve(dirname(join(root, document)), path);
      expect(existsSync(file), `${document} links to ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchors(file), `${document} links to ${link}`).toContain(anchor);
    }
  });
});

/** Where a source named in a document may stand. */
const places = ["", "packages/jkoflow/", "packages/jkoflow/src/", "packages/jkoflow/test/", "packages/cli/src/"];

describe("sources named", () => {
  it.each(documents)("%s", (document) => {
    const text = readFileSync(join(root, document), "utf8").replace(/```[\s\S]*?```/g, "");
    const named = [...text.matchAll(/(?<![\w/.-])(?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|py|cpp|h)\b/g)].map(([path]) => path);
    const missing = named.filter((path) =>
      [...places, dirname(document)].every((place) => !existsSync(join(root, place, path))),
    );
    expect(missing, document).toEqual([]);
  });
});
