/** Bad words, bad files: exit code 2, one line that names the place, nothing written. */
import fs from "node:fs";
import { join } from "node:path";
import { io } from "jkoflow";
import { afterEach, describe, expect, it } from "vitest";
import { eventsOf, folder, jko, smallTable, start, TINY } from "./command.testing.ts";

const home = folder();
const table = smallTable(join(home, "table.csv"), 60);
const run = join(home, "run");
const out = join(home, "nothing");

afterEach(() => fs.rmSync(out, { recursive: true, force: true }));

async function refused(words: string | readonly string[], stdin?: Uint8Array): Promise<string> {
  const outcome = await jko(words, stdin ? { stdin } : {});
  expect(outcome.code, outcome.err + outcome.out).toBe(2);
  expect(outcome.err).toMatch(/^error: [^\n]+, expected [^\n]+\n$/);
  expect(outcome.out).toBe("");
  expect(fs.existsSync(out)).toBe(false);
  return outcome.err;
}

describe("words", () => {
  const cases: readonly (readonly [words: string, hint: string])[] = [
    ["fti x", "did you mean fit?"],
    ["fit", "jko fit: no <data>, expected one; see jko fit --help"],
    [`fit ${table} --out`, "nothing behind -o, --out, expected -o, --out <dir>"],
    [
      "fit toy:moons --rows 1e12",
      '--rows: "1e12", expected a whole number from 20 to 100,000,000; a toy is made in memory',
    ],
    ["data make moons -n 1e12", '-n: "1e12", expected a whole number from 1 to 100,000,000; a toy is made in memory'],
    ["fit toy:moons --array x", '--array: "x" for toy:moons, expected an NPZ file; leave it out'],
    [`fit ${table} --array x`, "table.csv, expected an NPZ file; leave it out"],
    [`fit - --validation -`, "stdin: named twice, expected at most one of the data, --validation and --test"],
    [`fit - --validation - --test -`, "stdin: named three times"],
    [`sample ${home} -n 3 --given a=1 --given a=2`, '--given: "a", expected each name once'],
    [`fit ${table} --bounds first=0: --bounds first=:1`, '--bounds: "first", expected each name once'],
    [`fit ${table} --dequantize first=1 --dequantize first=2`, '--dequantize: "first", expected each name once'],
    [
      `logprob ${home} ${table} --draws 100000000`,
      "expected a whole number from 1 to 1,000; memory holds them together",
    ],
    [`fit ${table} --rows 50`, `--rows: 50 for ${table}, expected a toy, toy:NAME; leave it out`],
    ["fit toy:moons --columns x", "--columns: it, for toy:moons, expected a table"],
    ["fit toy:moons --missing drop", "--missing: it, for toy:moons, expected a table"],
    [`fit ${table} --integer fist`, 'table.csv: no column "fist", expected one of first, second, third'],
    [`fit ${table} --out ${table}`, "table.csv: a file, expected a folder, or a name that is free"],
    [`fit ${table} --seeds 3`, "did you mean --seed?"],
    [`fit ${table} --seed x`, '--seed: "x", expected a whole number from 0'],
    [`fit ${table} --seed 1.5`, "expected a whole number"],
    [`fit ${table} --threads 0`, "expected a whole number from 1"],
    [`fit ${table} --threads 1000 --out ${join(home, "threads")}`, "threads: 1000"],
    [`fit ${table} --engine cuda`, "native | wasm | reference"],
    [`fit ${table} --split 50,50`, "three shares"],
    [`fit ${table} --split 0,50,50`, "three shares"],
    [`fit ${table} --set blocks`, "expected key=value"],
    [`fit ${table} --set block=3`, "did you mean blocks?"],
    [`fit ${table} --set blocks=0`, "blocks: 0, expected a whole number of at least 1"],
    [`fit ${table} --set hidden=[]`, "hidden"],
    [`fit ${table} --set learningRate=1e400`, "learningRate"],
    [`fit ${table} --system jko`, "jko-iflow"],
    [`fit ${table} --system jko-iflw`, "did you mean jko-iflow?"],
    ...["jko-icnn", "variational", "landau"].map((system): [string, string] => [
      `fit ${table} --system ${system}`,
      `expected jko-iflow | ot-flow | ffjord | rnode; ${system} is trained on a flow: jko evolve PROBLEM --system ${system}, or jko infer TARGET`,
    ]),
    ["infer banana --system ffjord", "ffjord is trained on a table: jko fit TABLE --system ffjord"],
    [`fit ${table} --columns fist,third`, 'did you mean "first"?'],
    [`fit ${table} --missing ignore`, "drop-rows"],
    [`fit ${table} --effort most`, "fast | normal | best"],
    [`fit ${table} --time 5x`, "expected a time, such as 90s, 10m or 1h"],
    [`fit ${table} --time 0`, "expected a time"],
    [
      `fit ${table} --set stages=joint,split`,
      "reparameterise, refine, remove, joint, refine-joint with commas between",
    ],
    [`fit ${table} --set timeLimit=-1`, "a number above 0, or null"],
    [`fit ${table} --condition third:word`, "the kind of a given column is :number or :category"],
    [`logprob ${home} ${table} --threshold 2`, '--threshold: "2", expected a share between 0 and 1'],
    [`logprob ${home} ${table} --threshold 0.1 --draws 8`, "--draws: 8 beside --threshold, expected one draw"],
    [`fit ${table} --checkpoint-every 0`, "expected a number above 0"],
    [`fit ${table} --dequantize first=-1`, "name=width"],
    [`fit ${table} extra`, "jko fit: 2 arguments, expected at most 1; quote what has blanks; see jko fit --help"],
    [`fit ${join(home, "tabel.csv")}`, "did you mean table.csv?"],
    [`fit ${home}`, "a folder, expected a file"],
    ["fit toy:moon", "did you mean moons?"],
    [`fit ${table} --system ot-flow --time 10m`, "--time: 600 s for ot-flow, expected no --time"],
    [
      `fit ${table} --system ffjord --effort best --preset published`,
      "--preset: published beside effort best, expected one of the two",
    ],
    [`fit ${table} --system ffjord --for anomalies`, "for: anomalies for ffjord, expected density"],
    [`fit ${table} --system rnode --preset none`, "--preset"],
    ["data make rows -n 3", "expected one of moons"],
    ["data make rose", "jko data make: no -n, --number <n>, expected it; see jko data make --help"],
    ["data rose", "jko data: unknown command 'rose', expected list or make"],
    ["data list rose", "jko data list: 1 argument, expected none"],
    [
      `data make moons -n 3 -o ${home}/no-folder/rows.csv`,
      `rows.csv: no folder ${home}/no-folder, expected an existing one`,
    ],
    [`sample ${home} -n 3`, "a folder without model.safetensors"],
    [`sample ${table} -n 3 -o ${out}.xlsx`, "expected .npy, .csv or .tsv"],
    [`sample ${table} -n 3`, "table.csv: another kind of file, expected a run directory or a model file"],
    [`import otflow ${table} --data ${table} -o ${out}`, "table.csv: another kind of file, expected safetensors"],
    [`resume ${home}`, "no config.json in it"],
    [`resume ${home}/no-run`, "no such folder"],
    [`plot ${home}/no-run`, "no such folder"],
    [`resume ${table}`, "table.csv: no folder, expected a run directory"],
    [`plot ${table}`, "table.csv: no folder, expected a run directory"],
  ];
  for (const [words, hint] of cases) {
    it(`jko ${words.replaceAll(home, "")}`, async () => {
      expect(await refused(words)).toContain(hint);
    });
  }

  const empty: readonly (readonly [flag: string, words: readonly string[]])[] = [
    ["--out", ["fit", table, "--out", ""]],
    ["--validation", ["fit", table, "--validation", ""]],
    ["--config", ["fit", table, "--config", " "]],
    ["<data>", ["fit", ""]],
    ["<run>", ["resume", ""]],
    ["--out", ["plot", home, "--out", ""]],
    ["-o", ["sample", home, "-n", "3", "-o", ""]],
    ["-o", ["logprob", home, table, "-o", ""]],
    ["-o", ["data", "make", "moons", "-n", "3", "-o", ""]],
  ];
  for (const [flag, words] of empty) {
    it(`jko ${words[0]} with an empty ${flag}`, async () => {
      const before = fs.readdirSync(".");
      expect(await refused(words)).toMatch(
        new RegExp(`^error: ${flag}: " ?", expected a path; is a shell variable empty\\?\n$`),
      );
      expect(fs.readdirSync(".")).toEqual(before);
    });
  }

  it("too many rows of a toy in a configuration file", async () => {
    const path = join(home, "many.json");
    fs.writeFileSync(path, '{"rows": 1e12}');
    const message = await refused(`fit toy:moons --config ${path}`);
    expect(message).toContain("rows: 1,000,000,000,000, expected at most 100,000,000 rows of a toy");
  });

  it.runIf(process.platform === "linux")("a place where no folder can be made", async () => {
    const outcome = await jko(`fit ${table} --out /proc/jko/run`);
    expect([outcome.code, outcome.err]).toEqual([
      3,
      "error: /proc/jko: no such file or folder, expected an existing one; check the path\n",
    ]);
  });

  it("with --json the same as an object", async () => {
    const outcome = await jko(`fit ${table} --json --set blocks=0`);
    expect(eventsOf(outcome)).toEqual([
      {
        event: "error",
        code: 2,
        message: "jko-iflow:blocks: 0, expected a whole number of at least 1",
        where: "jko-iflow",
        place: "blocks",
        came: "0",
        expected: "a whole number of at least 1",
      },
    ]);
  });
});

describe("configuration files", () => {
  const cases: Readonly<Record<string, readonly [text: string, hint: string]>> = {
    empty: ["", "1:1"],
    truncated: ['{"seed": 1', "expected a comma or }"],
    "doubled key": ['{"seed": 1, "seed": 2}', 'the key "seed" again'],
    "unknown key": ['{"sead": 1}', "did you mean seed?"],
    "setting at the top": ['{"blocks": 1}', 'put it into "settings"'],
    "unknown setting": ['{"settings": {"block": 1}}', "did you mean blocks?"],
    prototype: ['{"__proto__": {"seed": 1}}', "__proto__"],
    "wrong type": ['{"seed": "1"}', "expected a whole number"],
    "too large": ['{"seed": 1e400}', "1e400"],
    "too long": ['{"seed": 12345678901234567890}', "2^53"],
    list: ["[1]", "expected an object"],
    "byte order mark": ['\ufeff{"seed": 1}', "1:1"],
    deep: ["[".repeat(100_000), "levels"],
    "no shares": ['{"split": [0.5, 0.2, 0.1]}', "sum to 1"],
  };
  for (const [name, [text, hint]] of Object.entries(cases)) {
    it(name, async () => {
      const path = join(home, "config.json.txt");
      fs.writeFileSync(path, text);
      expect(await refused(`fit ${table} --config ${path} --out ${out}`)).toContain(hint);
    });
  }

  it("bytes that are no text", async () => {
    fs.writeFileSync(join(home, "bytes"), Uint8Array.of(0x7b, 0xff, 0x7d));
    expect(await refused(`fit ${table} --config ${join(home, "bytes")}`)).toContain("not UTF-8");
  });
});

describe("tables", () => {
  const rows = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join("\n");
  const good = rows(30, (i) => `${i},${i * i}`);
  const npy = io.writeNpy(
    Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)),
    [30, 2],
  );
  const header = (text: string): Uint8Array => {
    const bytes = npy.slice();
    for (let i = 0; i < 118; i++) bytes[10 + i] = i < text.length ? text.charCodeAt(i) : i === 117 ? 0x0a : 0x20;
    return bytes;
  };
  const cases: Readonly<Record<string, readonly [bytes: string | Uint8Array, hint: string, flags?: string]>> = {
    "nothing at all": ["", "an empty file"],
    "a header only": ["a,b\n", "a header only"],
    "one row": ["1,2\n", "rows"],
    "ragged rows": [`${good}\n1,2,3`, "3 cells"],
    "an empty cell": [`${good}\n1,`, "an empty cell", "--missing error"],
    "a word": [`a,b\n${good}\n1,two`, '"two" in column "b"', "--columns-as numbers"],
    infinity: [`${good}\n1,inf`, "infinite"],
    "a number too large": [`${good}\n1,1e400`, "too large"],
    "a decimal comma beside a point": [rows(30, (i) => `${i},5;${i}.7`), "--decimal ,"],
    "an open quote": [`${good}\n"1,2`, "quote"],
    "a doubled name": [`a,a\n${good}`, '"a"'],
    "a constant column": [`a,b\n${rows(30, (i) => `${i},7`)}`, "--drop b"],
    "UTF-16": [new Uint8Array(Buffer.from(`\ufeff${good}`, "utf16le")), "UTF-16"],
    "NUL bytes": [`${good}\n1,\0`, "NUL"],
    "NPY cut off": [npy.subarray(0, 200), "cut off"],
    "NPY cut off in its header": [npy.subarray(0, 20), "header"],
    "NPY with trailing bytes": [new Uint8Array([...npy, 0]), "trailing"],
    "NPY of objects": [header("{'descr': '|O', 'fortran_order': False, 'shape': (30, 2), }"), "pickle"],
    "NPY with code": [header("{'descr': __import__('os'), 'shape': (30, 2), }"), "header"],
    "NPY of 2^53 rows": [
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740992, 2), }"),
      "header",
    ],
    "NPY of NaN": [
      io.writeNpy(new Float32Array(60).fill(Number.NaN), [30, 2]),
      "row 1, column x1: NaN",
      "--missing error",
    ],
    "NPY of nothing but NaN": [io.writeNpy(new Float32Array(60).fill(Number.NaN), [30, 2]), "no value at all"],
    "NPY of infinity": [io.writeNpy(new Float32Array(60).fill(Number.POSITIVE_INFINITY), [30, 2]), "infinite"],
    "NPZ cut off": [io.writeNpz({ a: { values: new Float32Array(60), shape: [30, 2] } }).subarray(0, 300), "stdin"],
    "NPZ of two arrays": [
      io.writeNpz({ a: { values: new Float32Array(2) }, b: { values: new Float32Array(2) } }),
      "2 arrays",
    ],
    "Parquet by name only": ["PAR1 and no more", "damaged Parquet"],
    "a gzip bomb of damage": [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3), "stdin"],
    HDF5: ["\u0089HDF\r\n".repeat(3), "HDF"],
  };
  for (const [name, [content, hint, flags = ""]] of Object.entries(cases)) {
    it(name, async () => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      const message = await refused(`fit - --out ${out} ${TINY} ${flags}`, bytes);
      expect(message).toMatch(/^error: (stdin|-)/);
      expect(message).toContain(hint);
    });
  }
});

describe("as processes", () => {
  it("no stack trace, exit codes 2 and 3, nothing written", async () => {
    const words = [
      `fit ${table} --sed 1`,
      `fit ${home}/none.csv`,
      `fit ${table} --out ${table}/x`,
      "sample /dev/null -n 1",
    ];
    const outcomes = await Promise.all(words.map((line) => start(line).done));
    expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 3, 2]);
    for (const { err, out: printed } of outcomes) {
      expect(err).toMatch(/^error: [^\n]+\n$/);
      expect(printed).toBe("");
    }
  });

  it("a closed pipe ends in silence", async () => {
    expect((await jko(`fit ${table} --out ${run} --quiet ${TINY}`)).code).toBe(0);
    const { child, done } = start(`sample ${run} -n 200000`);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, err } = await done;
    expect([code, err]).toEqual([0, ""]);
  });
});
