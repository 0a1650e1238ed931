/** The example of docs/guide/files.md is what runs. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

it("docs/guide/files.md shows the beginning of an example that runs", () => {
  const example = readFileSync(`${root}examples/rows.mjs`, "utf8");
  const shown = /```js\n([\s\S]+?)```/.exec(readFileSync(`${root}docs/guide/files.md`, "utf8"))?.[1] ?? "nothing";
  expect(example).toContain(shown.trimEnd());
  const printed = execFileSync(process.execPath, [`${root}examples/rows.mjs`], { cwd: root, encoding: "utf8" });
  // 60 s and 5 units beside those of the moons, whose entropy is 2.39: about -2.39 - ln 300 = -8.1, give or take the place.
  const [, logProb, time] = /log-density (-[\d.]+), a sample at ([\d.]+) s/.exec(printed) ?? [];
  expect(Number(logProb)).toBeGreaterThan(-12);
  expect(Number(logProb)).toBeLessThan(-5.5);
  expect(Math.abs(Number(time) - 1_700_000_000)).toBeLessThan(300);
});
