/** What the README shows is what runs. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const example = readFileSync(`${root}examples/library.mjs`, "utf8");

describe("README", () => {
  it("shows the library example as it is, in under 15 lines", () => {
    expect(readFileSync(`${root}README.md`, "utf8")).toContain(example.trimEnd());
    expect(example.trimEnd().split("\n").length).toBeLessThan(15);
  });

  it("has an example that runs", () => {
    const printed = execFileSync(process.execPath, [`${root}examples/library.mjs`], { cwd: root, encoding: "utf8" });
    const nll = Number(/test NLL ([\d.]+)/.exec(printed)?.[1]);
    expect(nll).toBeGreaterThan(2.3); // the entropy is 2.39
    expect(nll).toBeLessThan(2.9);
  });
});
