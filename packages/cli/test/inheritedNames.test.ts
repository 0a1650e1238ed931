/** Names that every object has by inheritance, wherever a user may name something: they are names like others. */
import fs from "node:fs";
import { join } from "node:path";
import { createKey, io } from "jkoflow";
import { normal, uniform } from "jkoflow/random";
import { describe, expect, it } from "vitest";
import { folder, jko, TINY } from "./command.testing.ts";

const home = folder();
const NAMES = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"];
const ROWS = 120;
const z = normal(createKey("inherited names"), ROWS * NAMES.length);
const u = uniform(createKey("inherited names"), ROWS * NAMES.length);

/** A table whose column `k` holds cells of a kind, the others plain numbers. */
function table(file: string, cells: Readonly<Record<number, (x: number, u: number) => string>>): string {
  const lines = Array.from({ length: ROWS }, (_, i) =>
    NAMES.map((_, k) => (cells[k] ?? String)(z[i * NAMES.length + k], u[i * NAMES.length + k])).join(","),
  );
  const path = join(home, file);
  fs.writeFileSync(path, `${NAMES.join(",")}\n${lines.join("\n")}\n`);
  return path;
}

const word = (_: number, u: number): string => (u < 0.5 ? "red" : "blue");
const whole = (_: number, u: number): string => String(Math.floor(10 * u));
const gap = (x: number, u: number): string => (u < 0.2 ? "" : String(x));
const positive = (x: number): string => String(Math.exp(x));

/** Each name has its turn with each kind. */
const turns = NAMES.map((_, k) => ({
  [k]: word,
  [(k + 1) % NAMES.length]: whole,
  [(k + 2) % NAMES.length]: gap,
  [(k + 3) % NAMES.length]: positive,
}));

describe("columns", () => {
  it.each(NAMES.map((name, k) => [name, k] as const))(
    "%s as words, its neighbours whole numbers, gaps and bounded, in each command",
    async (_, k) => {
      const path = table(`table-${k}.csv`, turns[k]);
      const run = join(home, `run-${k}`);
      const [bounded, plain] = [NAMES[(k + 3) % NAMES.length], NAMES[(k + 4) % NAMES.length]];
      const flags = [
        ...["--columns-as", "auto", "--missing", "indicator"],
        ...(bounded === "__proto__" ? [] : ["--bounds", `${bounded}=0:`]),
        ...(plain === "__proto__" ? [] : ["--dequantize", `${plain}=0.01`]),
      ];
      const fit = await jko(["fit", path, "--out", run, "--quiet", ...flags, ...TINY.split(" ")]);
      expect([fit.code, fit.err]).toEqual([0, ""]);
      const samples = await jko(`sample ${run} -n 40 --seed 1`);
      expect(samples.out.split("\n")[0]).toBe(NAMES.join(","));
      const rows = samples.out.trim().split("\n").slice(1);
      expect(new Set(rows.map((line) => line.split(",")[k]))).toEqual(new Set(["red", "blue"]));
      if (bounded !== "__proto__") {
        expect(rows.every((line) => Number(line.split(",")[NAMES.indexOf(bounded)]) > 0)).toBe(true);
      }
      const others = [`logprob ${run} ${path}`, `info ${run}`, `evaluate ${run}`, `plot ${run}`, `resume ${run}`];
      for (const line of k % 4 === 0 ? others : others.slice(0, 2)) {
        const { code, err } = await jko(`${line} --quiet`);
        expect([line, code, err]).toEqual([line, 0, ""]);
      }
    },
  );

  it("may be given", async () => {
    const path = table("given.csv", { 0: word });
    const run = join(home, "given");
    const fit = await jko(`fit ${path} --out ${run} --quiet --condition constructor,__proto__ ${TINY}`);
    expect([fit.code, fit.err]).toEqual([0, ""]);
    const drawn = await jko(`sample ${run} -n 20`);
    expect([drawn.code, drawn.err]).toEqual([0, ""]);
    const given = await jko(`sample ${run} -n 20 --given constructor=red --given __proto__=0.5`);
    expect(given.code).toBe(2); // see the message: a name that no object can have as its key
    expect(given.err).toMatch(/^error: --given: "__proto__", expected a name that can be the key of an object/);
    const one = await jko(`sample ${run} -n 20 --given constructor=red`);
    expect([one.code, one.err]).toEqual([0, ""]);
    const rows = one.out.trim().split("\n");
    const at = rows[0].split(",").indexOf("constructor");
    expect(new Set(rows.slice(1).map((line) => line.split(",")[at]))).toEqual(new Set(["red"]));
  });
});

describe("other words", () => {
  const path = table("plain.csv", {});
  const out = join(home, "none");
  const config = (value: object): string => {
    const file = join(home, `config-${fs.readdirSync(home).length}.json`);
    fs.writeFileSync(file, JSON.stringify(value));
    return file;
  };
  const lines = NAMES.flatMap((name) => [
    [name],
    ["data", name],
    ["data", "make", name, "-n", "3"],
    ["fit", `toy:${name}`, "--out", out],
    ["fit", path, "--out", out, "--set", `${name}=1`],
    ["fit", path, "--out", out, "--system", "ot-flow", "--set", `${name}=1`],
    ["fit", path, "--out", out, "--system", name],
    ["fit", path, "--out", out, "--preset", name],
    ["fit", path, "--out", out, "--effort", name],
    ["fit", path, "--out", out, "--missing", name],
    ["fit", path, "--out", out, "--columns-as", name],
    ["fit", path, "--out", out, "--delimiter", name],
    ["fit", path, "--out", out, "--time", `1${name}`],
    ["fit", path, "--out", out, "--field", name],
    ["fit", path, "--out", out, "--engine", name],
    ["fit", path, "--out", out, "--dequantize", `no ${name}=1`],
    ["fit", path, "--out", out, "--array", name],
    ["fit", path, "--out", out, "--config", config({ [name]: 1 })],
    ["fit", path, "--out", out, "--config", config({ schema: { [name]: [] } })],
    ["fit", path, "--out", out, "--config", config({ settings: { [name]: 1 } })],
    ["fit", path, "--out", out, "--config", config({ system: name })],
  ]);
  it.each(lines.map((words) => [words.join(" ").replaceAll(home, ""), words] as const))("jko %s", async (_, words) => {
    const { code, err } = await jko([...words]);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(fs.existsSync(out)).toBe(false);
  });

  it.each(NAMES)("a model that names %s as its solver or its field", async (name) => {
    const run = join(home, "model");
    if (!fs.existsSync(run)) await jko(`fit ${path} --out ${run} --quiet ${TINY}`);
    const { tensors, metadata } = io.readSealed(new Uint8Array(fs.readFileSync(join(run, "model.safetensors"))));
    const own = JSON.parse(metadata.config);
    for (const changed of [
      { ...own, tableau: name },
      { ...own, field: { ...own.field, kind: name } },
      { ...own, standardizer: { ...own.standardizer, kind: name } },
    ]) {
      const file = join(home, "changed.safetensors");
      fs.writeFileSync(file, io.writeSealed({ tensors, metadata: { ...metadata, config: JSON.stringify(changed) } }));
      const { code, err } = await jko(`info ${file}`);
      expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    }
  });
});
