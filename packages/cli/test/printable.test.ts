/** What makes a terminal do things, in names, cells and paths: nothing of it comes out raw, but in data. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey } from "jkoflow";
import { normal, uniform } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { describeFailure, Interrupted } from "../src/exit.ts";
import { run } from "../src/main.ts";
import { printable } from "../src/printable.ts";
import { liveTraining } from "../src/progress/live.ts";
import { folder, jko, TINY } from "./command.testing.ts";
import { shellOf } from "./shell.testing.ts";

/** Titles and colours (C0 and C1), and text that reads backwards. */
const EVIL = [
  "\x1b]0;PWN\x07\x1b[31m",
  "\x9d0;PWN\x9c\x9b31m",
  "\u202egpj.exe\u202c",
  "\u2066a\u2069\u2067b\u2068",
  "a\x00\x08\x7f\x85b",
  "c\u2028d\u2029e",
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
const RAW = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe("printable", () => {
  it("shows by number what terminals act on, and nothing else", () => {
    for (let code = 0; code < 0x3000; code++) {
      const character = String.fromCharCode(code);
      const shown = printable(`x${character}y`);
      expect(shown).not.toMatch(RAW);
      expect(shown === `x${character}y` || shown === `x\\u${code.toString(16).padStart(4, "0")}y`).toBe(true);
    }
    for (const word of ["é", "日本", "עברית", "👩‍🔬", "a\tb\nc", "\\u001b"]) expect(printable(word)).toBe(word);
  });
  it("leaves a line of JSON equal", () => {
    for (const word of EVIL) {
      const text = printable(JSON.stringify({ [word]: word }));
      expect(text).not.toMatch(RAW);
      expect(JSON.parse(text)).toEqual({ [word]: word });
    }
  });
  it("is what messages of all kinds go through", async () => {
    for (const word of EVIL) {
      for (const error of [new Error(word), new Interrupted(word)]) {
        expect(describeFailure(error).message).not.toContain("\n");
      }
      for (const words of [[word], ["info", word], ["fit", "x.csv", "--set", word], ["sample", word, "-n", word]]) {
        const { code, out, err } = await jko(words);
        expect(code).toBe(2);
        expect([out, err].join("")).not.toMatch(RAW);
      }
    }
  });
});

describe("a table of such names and categories", () => {
  const home = folder();
  const path = join(home, `\x1b]0;PWN\x07\u202e.csv`);
  const rows = 90;
  const z = normal(createKey("printable"), 2 * rows);
  const u = uniform(createKey("printable"), rows);
  const words = EVIL.filter((word) => !word.includes("\x00")); // NUL ends the reading of a text
  const names = ["\x1b[31mred", "\u202eb", "\x9b31mc"];
  const lines = Array.from(
    { length: rows },
    (_, i) => `${z[2 * i]},${z[2 * i + 1]},"${words[Math.floor(words.length * u[i])]}"`,
  );
  fs.writeFileSync(path, `${names.join(",")}\n${lines.join("\n")}\n`);
  const out = join(home, "run\x1b[2J\u202e");

  it("is told printably by each command, and its cells come back raw", async () => {
    const fit = await jko(["fit", path, "--out", out, "--columns-as", "auto", ...TINY.split(" ")]);
    expect(fit.code).toBe(0);
    expect(fit.err).toContain("\\u001b");
    const outcomes = [
      fit,
      ...(await Promise.all(
        [
          ["info", out],
          ["info", out, "--json"],
          ["resume", out],
          ["resume", out, "--json"],
          ["evaluate", out],
          ["plot", out],
          ["fit", path, "--print-config", "--columns-as", "auto"],
          ["fit", path, "--out", out, "--drop", names[0]],
          ["fit", path, "--columns", names[0].slice(1)],
        ].map((line) => jko(line)),
      )),
    ];
    for (const { out, err } of outcomes) expect([out, err].join("")).not.toMatch(RAW);
    const { columns } = JSON.parse(outcomes[2].out);
    expect(columns).toEqual(names);
    const samples = await jko(["sample", out, "-n", "200"]);
    for (const word of [...names, ...words]) expect(samples.out).toContain(word);
  });

  it("is drawn on a terminal without sequences but our own", async () => {
    let seen = "";
    const shell = { ...shellOf(), display: "terminal", err: (text: string) => void (seen += text) } as const;
    expect(await run(["fit", path, "--out", `${out}2`, "--columns-as", "auto", ...TINY.split(" ")], shell)).toBe(0);
    // The line is cleared, and colours where there are some.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are ours
    const rest = seen.replace(/\r?\x1b\[2K/g, "").replace(/\x1b\[(?:2|22|33|36|39)m/g, "");
    expect(seen).not.toBe(rest);
    expect(rest).not.toMatch(RAW);
    const view = liveTraining(shell);
    seen = "";
    view.print(EVIL.join(" "));
    expect(seen).not.toMatch(RAW);
  });
});
