/**
 * The public surface: what stands at the root and in the entries of the package is stored beside this file, so that a change
 * of it is seen; each name at the root is explained, and its examples run. To store what there is:
 *
 * SURFACE=write npx vitest run packages/jkoflow/test/surface.test.ts
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { transformWithOxc } from "vite";
import { describe, expect, it } from "vitest";
import * as library from "../src/index.ts";
import { documentationOf, entryNames, entryValues, examplesIn, rootNames } from "./surface.testing.ts";

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
    const loaded = Object.keys(await import(`../src/${entry}/index.ts`));
    expect(surface[`jkoflow/${entry}`]).toEqual(expect.arrayContaining(loaded));
    if (surface.namespaces.includes(entry)) {
      const namespace = new Map<string, object>(Object.entries(library)).get(entry);
      expect(Object.keys(namespace ?? {}).sort()).toEqual(loaded.sort());
    }
    expect(packed.exports[`./${entry}`]).toEqual({
      types: `./dist/${entry}/index.d.ts`,
      default: `./dist/${entry}/index.js`,
    });
  });

  it("has an entry for each namespace", () => {
    expect(entries).toEqual(expect.arrayContaining([...surface.namespaces]));
  });
});

/** Runs an example; gives what it printed, and what the comments behind its `console.log` say it prints. */
async function run(example: string): Promise<{ printed: string[]; said: (string | undefined)[] }> {
  const said = [...example.matchAll(/^\s*console\.log\(.*\);(?: \/\/ (.*))?$/gm)].map(([, comment]) => comment);
  const imports = /^import (?:type )?(?:\{([^}]*)\}|\* as (\w+)) from "jkoflow(?:\/(\w+))?";$/gm;
  const loaded: Record<string, object> = { "": library };
  for (const [, , , entry] of example.matchAll(imports))
    if (entry !== undefined) loaded[entry] = await import(`../src/${entry}/index.ts`);
  const local = example.replace(imports, (_, list: string | undefined, all: string | undefined, entry = "") => {
    const values = list?.split(",").filter((item) => !/^\s*type /.test(item));
    return `const ${values === undefined ? all : `{${values.join(",")} }`} = loaded[${JSON.stringify(entry)}];`;
  });
  const { code } = await transformWithOxc(`async function example(loaded, console) {\n${local}\n}`, "example.ts");
  const printed: string[] = [];
  const log = (...values: unknown[]): void => {
    printed.push(values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" "));
  };
  await new Function(`${code}\nreturn example;`)()(loaded, { log });
  return { printed, said };
}

/** Runs an example, and compares what it prints with what its comments say. */
async function check(example: string): Promise<void> {
  const { printed, said } = await run(example);
  expect(printed.length, "the example prints nothing").toBeGreaterThan(0);
  said.forEach((line, k) => {
    if (line !== undefined) expect(printed[k]).toBe(line);
  });
}

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

/** Entries of which each value stands in an example, in the comment on it or in the head of the folder. */
const EXPLAINED = ["data", "io", "random", "plot", "expressions", "settings", "nn", "ode", "graph", "engine", "errors"];
/** Entries whose examples run; the rest is what systems are made of. */
const SHOWN = [...EXPLAINED, "distributions", "evaluate", "functionals", "problems", "train"];
/** Of these: what takes bytes that no example of a few lines can hold. */
const WITHOUT = new Set(["readPng", "inflateRaw"]);
const heads = names.filter(({ kind }) => kind === "namespace").flatMap((name) => documentationOf(name).examples);

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

/** By the compiler, as a user's own file would be. */
it("the examples have the right types", () => {
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-examples-"));
  try {
    const compilerOptions = {
      noEmit: true,
      declaration: false,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      types: [],
      paths: { jkoflow: [file("../src/index.ts")], "jkoflow/*": [file("../src/*/index.ts")] },
    };
    const config = { extends: file("../../../tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const name of names)
      documentationOf(name).examples.forEach((example, k) => {
        writeFileSync(join(folder, `${name.name}-${name.kind}-${k}.ts`), `${example}\nexport {};\n`);
      });
    for (const entry of SHOWN)
      examplesIn(entry).forEach(({ text }, k) => {
        writeFileSync(join(folder, `${entry}-${k}.ts`), `${text}\nexport {};\n`);
      });
    const compiler = file("../../../node_modules/typescript/bin/tsc");
    const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    expect({ stdout, stderr, status }).toEqual({ stdout: "", stderr: "", status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
