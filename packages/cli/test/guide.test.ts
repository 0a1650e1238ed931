/** The commands of the guide run as they stand there, beside the data of the examples. */
import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folder, start } from "./command.testing.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = ["tables.md", "conditional.md"];

/** The lines of the first block of a page, without comments. */
const commandsOf = (page: string): string[] => {
  const block = /```sh\n([\s\S]+?)```/.exec(fs.readFileSync(join(root, "docs/guide", page), "utf8"))?.[1] ?? "";
  return block.split("\n").flatMap((line) => {
    const command = line.replace(/\s+#.*$/, "").trim();
    return command === "" ? [] : [command];
  });
};

describe.each(pages)("docs/guide/%s", (page) => {
  it("has commands that run", { timeout: 300_000 }, async () => {
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(2);
    const home = folder();
    fs.copyFileSync(join(root, "examples/data/penguins.csv"), join(home, "penguins.csv"));
    for (const command of commands) {
      expect(command).toMatch(/^npx jko /);
      const { code, err } = await start(command.replace("npx jko ", ""), home).done;
      expect(code, `${command}: ${err}`).toBe(0);
    }
  });
});
