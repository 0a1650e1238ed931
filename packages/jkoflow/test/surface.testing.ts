/** What the library offers, read from the text of its sources: names, the comments on them, the examples in the comments. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/", import.meta.url));

/** What an entry of the package is: a file of its own, where a folder offers others more than users, else the folder's. */
export const entryFile = (entry: string): string =>
  existsSync(`${source}entries/${entry}.ts`) ? `entries/${entry}` : `${entry}/index`;

/** Whether the package has an entry for a folder. */
export function isEntry(folder: string): boolean {
  const text = readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8");
  return Object.hasOwn((JSON.parse(text) as { exports: object }).exports, `./${folder}`);
}

/** A name at the root: a value or a type of a folder, or the folder itself as a namespace. */
export interface RootName {
  readonly name: string;
  readonly folder: string;
  readonly kind: "value" | "type" | "namespace";
}

export interface Documented {
  /** Text of the comment in front of the declaration; undefined without one. */
  readonly comment: string | undefined;
  /** Blocks of TypeScript behind "@example". */
  readonly examples: readonly string[];
}

const namesIn = (list: string): string[] =>
  list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** Names that `export` lists and declarations of a text offer, in their order; types with "type " in front. */
export function exportsOf(text: string): string[] {
  const listed = [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = "", list]) =>
    namesIn(list).map((item) => `${type}${item.replace(/^type /, type === "" ? "type " : "")}`),
  );
  const declared = [...text.matchAll(/^export (?:async )?(const|function|interface|type) (\w+)/gm)].map(
    ([, kind, name]) => (kind === "interface" || kind === "type" ? `type ${name}` : name),
  );
  return [...listed, ...declared];
}

/** The names at the root, in the order of `index.ts`. */
export function rootNames(): RootName[] {
  const text = readFileSync(`${source}index.ts`, "utf8");
  const pattern = /^export (?:\* as (\w+)|(type )?\{([^}]*)\}) from "\.\/(?:entries\/)?(\w+)(?:\/index)?\.ts";$/gm;
  return [...text.matchAll(pattern)].flatMap(([, namespace, type, list, folder]): RootName[] => {
    if (namespace !== undefined) return [{ name: namespace, folder, kind: "namespace" }];
    return namesIn(list).map((item) => {
      const isType = type !== undefined || item.startsWith("type ");
      return { name: item.replace(/^type /, ""), folder, kind: isType ? "type" : "value" };
    });
  });
}

/** Values of an entry of the package: what can be called or read. */
export function entryValues(folder: string): string[] {
  return exportsOf(readFileSync(`${source}${entryFile(folder)}.ts`, "utf8"))
    .filter((item) => !item.startsWith("type "))
    .map((item) => item.replace(/^.* as /, ""));
}

/** Blocks of TypeScript behind "@example", without the stars of their comment. */
const examplesOf = (comment: string): string[] =>
  [...comment.matchAll(/@example\n```ts\n([\s\S]*?)\n```/g)].map(([, block]) => block);

/** The examples in the comments of a folder, each with its file and its number there. */
export function examplesIn(folder: string): { readonly title: string; readonly text: string }[] {
  return sourcesOf(folder).flatMap(([file, text]) =>
    examplesOf(text.replace(/^ \* ?/gm, "")).map((example, k) => ({ title: `${file} ${k + 1}`, text: example })),
  );
}

/** Names of an entry of the package, sorted. */
export function entryNames(folder: string): string[] {
  const name = (item: string): string => item.replace(/^type /, "").replace(/^.* as /, "");
  return exportsOf(readFileSync(`${source}${entryFile(folder)}.ts`, "utf8"))
    .map(name)
    .sort();
}

/** The comment and the examples of a name at the root. */
export function documentationOf({ name, folder, kind }: RootName): Documented {
  const comment =
    kind === "namespace"
      ? commentBefore(readFileSync(`${source}index.ts`, "utf8"), `export * as ${name} from`)
      : declarationsIn(folder, name);
  return { comment, examples: examplesOf(comment ?? "") };
}

/** The files of a folder with their text, without tests. */
function sourcesOf(folder: string): [file: string, text: string][] {
  if (!existsSync(`${source}${folder}`)) return [];
  return readdirSync(`${source}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !/\.(test|testing)\.ts$/.test(file))
    .sort()
    .map((file) => [file, readFileSync(`${source}${folder}/${file}`, "utf8")]);
}

/** The comment of the one declaration of a name in the files of a folder. */
function declarationsIn(folder: string, name: string): string | undefined {
  const declaration = new RegExp(`^export (?:async )?(?:const|function|interface|type|class) ${name}\\b.*$`, "m");
  for (const [, text] of sourcesOf(folder)) {
    const found = declaration.exec(text)?.[0];
    if (found !== undefined) return commentBefore(text, found);
  }
  return undefined;
}

/** The comment that ends on the line in front of a statement, without its stars. */
function commentBefore(text: string, statement: string): string | undefined {
  const before = text.slice(0, text.indexOf(`\n${statement}`));
  if (!before.endsWith("*/")) return undefined;
  const comment = before.slice(before.lastIndexOf("/**"));
  return comment
    .replace(/^\/\*\*\s?|\s*\*\/$/g, "")
    .replace(/^ \* ?/gm, "")
    .trim();
}
