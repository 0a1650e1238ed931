/** Examples of comments: they run, print what they say, and compile. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { transformWithOxc } from "vite";
import { expect } from "vitest";
import * as library from "../src/index.ts";
import { entryFile } from "./surface.testing.ts";

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs an example; gives what it printed, and what the comments behind its `console.log` say it prints. */
async function run(example: string): Promise<{ printed: string[]; said: (string | undefined)[] }> {
  const said = [...example.matchAll(/^\s*console\.log\(.*\);(?: \/\/ (.*))?$/gm)].map(([, comment]) => comment);
  const imports = /^import (?:type )?(?:\{([^}]*)\}|\* as (\w+)) from "jkoflow(?:\/(\w+))?";$/gm;
  const loaded: Record<string, object> = { "": library };
  for (const [, , , entry] of example.matchAll(imports))
    if (entry !== undefined) loaded[entry] = await import(/* @vite-ignore */ file(`../src/${entryFile(entry)}.ts`));
  const local = example.replace(imports, (_, list: string | undefined, all: string | undefined, entry = "") => {
    const values = list?.split(",").filter((item) => !/^\s*type /.test(item));
    return `const ${values === undefined ? all : `{${values.join(",").replaceAll(" as ", ": ")} }`} = loaded[${JSON.stringify(entry)}];`;
  });
  const { code } = await transformWithOxc(`async function example(loaded, console) {\n${local}\n}`, "example.ts");
  const printed: string[] = [];
  const log = (...values: unknown[]): void => {
    printed.push(values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" "));
  };
  await new Function(`${code}\nreturn example;`)()(loaded, { log });
  return { printed, said };
}

/** Runs an example; it prints something, and what its comments say. */
export async function check(example: string): Promise<void> {
  const { printed, said } = await run(example);
  expect(printed.length, "the example prints nothing").toBeGreaterThan(0);
  said.forEach((line, k) => {
    if (line !== undefined) expect(printed[k]).toBe(line);
  });
}

/** What the compiler says of examples, as of a user's own files; empty where their types are right. */
export function faultsOfTypes(examples: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "jkoflow-examples-"));
  try {
    const compilerOptions = {
      noEmit: true,
      declaration: false,
      rewriteRelativeImportExtensions: false,
      allowImportingTsExtensions: true,
      types: [],
      paths: {
        jkoflow: [file("../src/index.ts")],
        "jkoflow/*": [file("../src/entries/*.ts"), file("../src/*/index.ts")],
      },
    };
    const config = { extends: file("../../../tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    examples.forEach((example, k) => {
      writeFileSync(join(folder, `example-${k}.ts`), `${example}\nexport {};\n`);
    });
    const compiler = file("../../../node_modules/typescript/bin/tsc");
    const { stdout, stderr, status } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
    return status === 0 ? "" : `${stdout}${stderr}${status}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
