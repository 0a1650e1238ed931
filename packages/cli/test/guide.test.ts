/**
 * The guide, page by page: its commands run as they stand there, beside the data of the examples; what its picture is said to
 * be, they make; its module files and programs run. Only trainings are shorter than a reader's.
 */
import { execFile } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { binary, folder } from "./command.testing.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const SHORT_FLOW = "--set blocks=1 --set updates=15";
const SHORT_STEPS = "--set updates=4 --set identityUpdates=4 --set poolRows=2000 --set heldOutRows=500";
const SHORT_SAMPLER = "--set population=800";
/** What is added to the trainings of a page. */
const SHORTER: Readonly<Record<string, string>> = {
  "anomalies.md": SHORT_FLOW,
  "bands.md": "",
  "conditional.md": SHORT_FLOW,
  "evolve.md": SHORT_STEPS,
  "ffjord.md": "--set updates=150",
  "files.md": SHORT_FLOW,
  "infer.md": SHORT_STEPS,
  "jko-iflow.md": SHORT_FLOW,
  "library.md": "",
  "ot-flow.md": "--set updates=100",
  "tables.md": SHORT_FLOW,
};
/** Written from the declarations of the settings; it has neither commands nor a picture. */
const pages = fs.readdirSync(join(root, "docs/guide")).filter((name) => /(?<!settings)\.md$/.test(name));
const textOf = (page: string): string => fs.readFileSync(join(root, "docs/guide", page), "utf8");

/** The lines of the first block of a page, without comments. */
const commandsOf = (page: string): string[] => {
  const block = /```sh\n([\s\S]+?)```/.exec(textOf(page))?.[1] ?? "";
  return block.split("\n").flatMap((line) => {
    const command = line.replace(/\s+#.*$/, "").trim();
    return command === "" ? [] : [command];
  });
};

/** Runs a line as a shell does, with the command and the examples of this checkout. */
function run(line: string, home: string, shorter: string): Promise<string> {
  const command = line
    .replace(/^npx jko (fit|evolve|infer) .*$/, (all) => `${all} ${/--system smc/.test(all) ? SHORT_SAMPLER : shorter}`)
    .replace(/^npx jko /, `"${process.execPath}" "${binary}" `)
    .replace(/^node examples\//, `"${process.execPath}" "${root}"examples/`);
  return new Promise((resolve, reject) => {
    execFile("sh", ["-c", command], { cwd: home }, (error, out, err) => {
      if (error) reject(new Error(`${line}: ${err}`));
      else resolve(out);
    });
  });
}

const titleOf = (svg: string): string | undefined =>
  /<text[^>]*>([^<]+)<\/text>/.exec(fs.readFileSync(svg, "utf8"))?.[1];

describe.each(pages)("docs/guide/%s", (page) => {
  it("has commands that run and make its picture", { timeout: 300_000 }, async () => {
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(1);
    const home = folder();
    fs.copyFileSync(join(root, "examples/data/penguins.csv"), join(home, "penguins.csv"));
    for (const command of commands) {
      expect(command).toMatch(/^(npx jko |node examples\/|sed )/);
      await run(command, home, SHORTER[page]);
    }
    const picture = /!\[[^\]]+\]\((\S+\.svg)\)/.exec(textOf(page))?.[1] ?? "none";
    const made = /^_`(\S+\.svg)`/m.exec(textOf(page))?.[1] ?? "none";
    expect(titleOf(join(home, made))).toBe(titleOf(join(root, "docs/guide", picture)));
  });

  const modules = [...textOf(page).matchAll(/```js\n(\/\/ (\S+\.mjs), for: (npx jko .*)\n[\s\S]+?)```/g)];
  it.each(modules.map(([, text, name, command]) => ({ text, name, command })))(
    "has the module $name, which the command takes",
    { timeout: 120_000 },
    async ({ text, name, command }) => {
      const home = folder();
      fs.writeFileSync(join(home, name), text);
      await run(command, home, `${SHORTER[page]} --report none`);
    },
  );

  const programs = [...textOf(page).matchAll(/\(\.\.\/\.\.\/(examples\/\w+\.mjs)\)[^`]*```js\n([\s\S]+?)```/g)];
  it.each(programs.map(([, name, text]) => ({ name, text })))("shows $name as it is", ({ name, text }) => {
    expect(fs.readFileSync(join(root, name), "utf8")).toContain(text);
  });
});
