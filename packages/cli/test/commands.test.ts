/** Every command on tiny data: what it prints, what it writes, what it refuses. */
import fs from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { eventsOf, folder, hashOf, jko, resultOf, smallTable, TINY } from "./command.testing.ts";
import { readNpy } from "./npy.testing.ts";

const home = folder();
const table = smallTable(join(home, "table.csv"));
const run = join(home, "run");
const COMMANDS = ["fit", "resume", "sample", "logprob", "evaluate", "plot", "info", "data list", "data make"];

/** Mean and standard error of -x. */
function nll(scores: ArrayLike<number>): [mean: number, standardError: number] {
  const n = scores.length;
  const mean = -Array.from(scores).reduce((sum, x) => sum + x, 0) / n;
  const squares = Array.from(scores).reduce((sum, x) => sum + (-x - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / (n - 1) / n)];
}

beforeAll(async () => {
  const { code, err } = await jko(`fit ${table} --out ${run} --quiet ${TINY}`);
  expect([code, err]).toEqual([0, ""]);
});

describe("help", () => {
  for (const name of ["", ...COMMANDS]) {
    it(`jko ${name} --help begins with examples and fits a screen`, async () => {
      const { code, out } = await jko(`${name} --help`);
      expect(code).toBe(0);
      expect(out).toMatch(/^Examples:\n {2}jko /);
      expect(out.split("\n").length).toBeLessThan(60); // of a tall terminal: fit has 45 flags
    });
  }

  it("--version", async () => {
    expect((await jko("--version")).out).toBe("0.1.0\n");
  });
});

describe("fit", () => {
  it("leaves a whole run directory", () => {
    const names = fs.readdirSync(run);
    for (const name of [
      "config.json",
      "model.safetensors",
      "events.jsonl",
      "times.jsonl",
      "report.json",
      "report.html",
      "plots",
      "complete.json",
    ]) {
      expect(names).toContain(name);
    }
    expect(names.filter((name) => name.startsWith("ckpt-")).length).toBeLessThanOrEqual(2);
    expect(names).not.toContain("lock");
    const complete = JSON.parse(fs.readFileSync(join(run, "complete.json"), "utf8"));
    expect(complete.modelSha256).toBe(hashOf(join(run, "model.safetensors")));
  });

  it("reports by one self-contained page with figures, baselines and escaped names", () => {
    const html = fs.readFileSync(join(run, "report.html"), "utf8");
    expect(html).not.toMatch(/<script|src=|@import|href=/);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
    for (const text of ["Gaussian mixture", "Data against samples", "Training loss", "Particles", "weightDecay"]) {
      expect(html).toContain(text);
    }
    const ids = [...html.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const svg = fs.readdirSync(join(run, "plots")).filter((name) => name.endsWith(".svg"));
    expect(svg.sort()).toEqual([
      "gains.svg",
      "loss.svg",
      "marginals.svg",
      "movement.svg",
      "particles.svg",
      "trajectories.svg",
      "validation.svg",
    ]);
  });

  it("--json: one event per line, the last one the result", async () => {
    const out = join(home, "json");
    const outcome = await jko(`fit ${table} --out ${out} --json ${TINY}`);
    expect(outcome.code).toBe(0);
    expect(outcome.err).toBe("");
    const events = eventsOf(outcome);
    expect(events.find(({ event }) => event !== "note")?.event).toBe("start"); // a note says where WebAssembly computes
    expect(events.filter(({ event }) => event === "update").length).toBeGreaterThan(10);
    const result = events.at(-1)!;
    expect(result).toMatchObject({
      event: "result",
      run: out,
      modelHash: hashOf(join(out, "model.safetensors")),
      rows: { train: 160, validation: 20, test: 20 },
    });
    for (const name of [
      "validationNll",
      "testNll",
      "standardError",
      "blocks",
      "parameters",
      "seconds",
      "inversionError",
      "solverGap",
    ]) {
      expect(result[name]).toEqual(expect.any(Number));
    }
    expect(hashOf(join(out, "events.jsonl"))).toBe(hashOf(join(run, "events.jsonl")));
  });

  it("writes events without wall-clock values and times apart from them", () => {
    const lines = fs.readFileSync(join(run, "events.jsonl"), "utf8").trim().split("\n");
    expect(lines.join()).not.toMatch(/second|clock|"(start|end)ed/i);
    expect(fs.readFileSync(join(run, "times.jsonl"), "utf8")).toMatch(/"seconds":/);
  });

  it("takes flags before the file before the defaults, and prints what it resolved", async () => {
    const config = join(home, "config.json");
    fs.writeFileSync(config, JSON.stringify({ seed: 5, drop: ["third"], settings: { blocks: 3, updates: 7 } }));
    const { code, out } = await jko(`fit ${table} --config ${config} --set updates=9 --print-config`);
    expect(code).toBe(0);
    const resolved = JSON.parse(out);
    expect(resolved).toMatchObject({
      seed: 5,
      drop: ["third"],
      split: [0.8, 0.1, 0.1],
      settings: { blocks: 3, updates: 9, activation: "softplus" },
    });
    fs.writeFileSync(config, out); // what is printed is itself a configuration file
    expect((await jko(`fit ${table} --config ${config} --print-config`)).out).toBe(out);
  });

  it("takes an effort and a time, which decide the defaults of settings", async () => {
    const settings = async (words: string) =>
      JSON.parse((await jko(`fit ${table} ${words} --print-config`)).out).settings;
    const [normal, fast, best] = [await settings(""), await settings("--effort fast"), await settings("--effort best")];
    expect(await settings("--effort normal")).toEqual(normal);
    expect(fast.updates).toBe(Math.ceil((2 * normal.updates) / 3));
    expect([normal.stages, fast.stages, normal.timeLimit]).toEqual(["none", "none", null]);
    expect(best.stages).toContain("reparameterise");
    expect(await settings("--time 1.5m")).toEqual({ ...best, timeLimit: 90 });
    expect(await settings("--time 1h --effort fast --set updates=3")).toEqual({ ...fast, timeLimit: 3600, updates: 3 });
  });

  it("takes an effort for the other systems too", async () => {
    for (const system of ["ot-flow", "ffjord", "rnode"]) {
      const settings = async (words: string) =>
        JSON.parse((await jko(`fit ${table} --system ${system} ${words} --print-config`)).out).settings;
      const [normal, fast, best] = [
        await settings(""),
        await settings("--effort fast"),
        await settings("--effort best"),
      ];
      expect(fast.updates).toBe(Math.ceil(normal.updates / 3));
      expect(best.updates).toBeGreaterThan(normal.updates);
      expect([fast.retries, best.retries, best.averaging]).toEqual([0, normal.retries, 0.99]);
      expect(best.learningRate).toBeLessThanOrEqual(normal.learningRate);
    }
  });

  it("tells the stages after growth in events, report and figures", async () => {
    const out = join(home, "stages");
    const stages =
      "--effort best --set stepSizes=[8,0.05] --set updates=40 --set rounds=2 --set roundUpdates=4 --set jointUpdates=4 --set solverSteps=1";
    const { code, err } = await jko(`fit ${table} --out ${out} ${TINY} ${stages}`);
    expect(code).toBe(0);
    expect(err).toMatch(/^reparameterise round 1: .*arc lengths within .* %$/m);
    const report = JSON.parse(fs.readFileSync(join(out, "report.json"), "utf8"));
    for (const { nllBefore, validationNll } of report.stages) expect(validationNll).toBeLessThanOrEqual(nllBefore);
    expect(report.result.validationNll).toBeCloseTo(report.stages.at(-1).validationNll, 3); // on a finer grid
    expect(fs.readFileSync(join(out, "report.html"), "utf8")).toMatch(/<h2>After growth<\/h2>[\s\S]*reparameterise 1/);
    for (const name of ["stages", "arcs"]) expect(fs.existsSync(join(out, "plots", `${name}.svg`))).toBe(true);
  });

  it("begins nothing when the time is used up", async () => {
    const out = join(home, "hurried");
    expect((await jko(`fit ${table} --out ${out} --time 0.001s ${TINY}`)).code).toBe(0);
    const report = JSON.parse(fs.readFileSync(join(out, "report.json"), "utf8"));
    expect(report.result).toMatchObject({ stop: "time is used up", blocks: 1 });
    const verdicts = report.stages.map(({ verdict }: { verdict: string }) => verdict);
    expect(new Set(verdicts)).toEqual(new Set(["not begun: time is used up"]));
  });

  it("reads standard input, and files for validation and test with columns in another order", async () => {
    const other = join(home, "reordered.csv");
    const rows = fs
      .readFileSync(table, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    fs.writeFileSync(other, rows.map(([a, b, c]) => [c, a, b].join(",")).join("\n"));
    const words = `fit - --validation ${other} --test ${other} --out ${join(home, "stdin")} --json ${TINY}`;
    const outcome = await jko(words, { stdin: fs.readFileSync(table) });
    expect(resultOf(outcome)).toMatchObject({ rows: { train: 200, validation: 200, test: 200 } });
    expect(resultOf(outcome).testNll).toBe(resultOf(outcome).validationNll);
  });

  it("goes into an existing folder only if that is the same run", async () => {
    const before = fs.readdirSync(run).map((name) => [name, fs.statSync(join(run, name)).mtimeMs]);
    const other = await jko(`fit ${table} --out ${run} ${TINY} --seed 1`);
    expect([other.code, other.err]).toEqual([
      2,
      expect.stringMatching(
        /^error: .*run: a run with other data or settings: seed 0 there, 1 here; .*, expected .*\n$/,
      ),
    ]);
    const foreign = await jko(`fit ${table} --out ${home} ${TINY}`);
    expect([foreign.code, foreign.err]).toEqual([2, expect.stringContaining("a folder with other files")]);
    const file = await jko(`fit ${table} --out ${table} ${TINY}`);
    expect([file.code, file.err]).toEqual([2, expect.stringContaining("a file, expected a folder")]);
    expect(fs.readdirSync(run).map((name) => [name, fs.statSync(join(run, name)).mtimeMs])).toEqual(before);
  });
});

describe("fit --for anomalies", () => {
  it("blurs small tables by z-scores and noise, and keeps what is set by hand", async () => {
    const settings = async (flags: string) =>
      JSON.parse((await jko(`fit ${table} --print-config ${flags}`)).out).settings as Record<string, unknown>;
    expect(await settings("")).toMatchObject({ standardize: "whiten" });
    const blurred = await settings("--for anomalies");
    expect(blurred.standardize).toBe("zscore");
    expect(blurred.jitter).toBeGreaterThanOrEqual(0.2);
    expect(blurred.kernelWidth).toBeGreaterThan(0);
    expect(await settings("--for anomalies --set jitter=0.05")).toMatchObject({ standardize: "zscore", jitter: 0.05 });
    expect(await settings("--for anomalies --condition third")).toMatchObject({ kernelWidth: 0 });
  });

  it("lets kernels at training rows have their say in scores, which thresholds go by", async () => {
    const out = join(home, "anomalies");
    expect((await jko(`fit ${table} --for anomalies --out ${out} ${TINY}`)).code).toBe(0);
    const far = join(home, "far.csv");
    const lines = fs.readFileSync(table, "utf8").trim().split("\n");
    fs.writeFileSync(far, [...lines, "1e3,-1e3,1e3"].join("\n"));
    const outcome = await jko(`logprob ${out} ${far} --threshold 0.05`);
    const [head, ...rows] = outcome.out.trim().split("\n");
    expect(head).toBe("logProb,score,low");
    const values = rows.map((line) => line.split(",").map(Number));
    const low = values.filter(([, , low]) => low === 1);
    expect(Math.max(...low.map(([, score]) => score))).toBeLessThan(
      Math.min(...values.filter(([, , low]) => low === 0).map(([, score]) => score)),
    );
    expect(outcome.err).toContain(`the lowest, rows counted from 1: row ${rows.length} (`);
    expect((await jko(`info ${out}`)).out).toMatch(/kernels .*160 training rows, width /);
    const wrong = await jko(`fit ${table} --condition third --set kernelWidth=1 --out ${join(home, "no")} ${TINY}`);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("kernelWidth: 1, expected 0")]);
  });
});

describe("sample", () => {
  it("draws the same rows for the same seed, with the columns' names", async () => {
    const [a, b, c] = ["", "--seed 0", "--seed 1"];
    const first = await jko(`sample ${run} -n 20 ${a}`);
    expect(first.out.split("\n")[0]).toBe("first,second,third");
    expect(first.out.trim().split("\n").length).toBe(21);
    expect((await jko(`sample ${run} -n 20 ${b}`)).out).toBe(first.out);
    expect((await jko(`sample ${run} -n 20 ${c}`)).out).not.toBe(first.out);
  });

  it("writes NPY, CSV and TSV", async () => {
    for (const extension of ["npy", "csv", "tsv"]) {
      const path = join(home, `samples.${extension}`);
      const outcome = await jko(`sample ${run} -n 30 -o ${path} --json`);
      expect(resultOf(outcome)).toMatchObject({ event: "result", rows: 30, columns: ["first", "second", "third"] });
    }
    expect(readNpy(join(home, "samples.npy"))).toMatchObject({ descr: "<f4", shape: [30, 3] });
    const text = fs.readFileSync(join(home, "samples.csv"), "utf8");
    expect(fs.readFileSync(join(home, "samples.tsv"), "utf8")).toBe(text.replaceAll(",", "\t"));
  });
});

describe("logprob and evaluate", () => {
  it("one float64 per row in row order, equal by file, pipe and column order", async () => {
    const path = join(home, "scores.npy");
    expect((await jko(`logprob ${run} ${table} -o ${path}`)).code).toBe(0);
    const { descr, shape, values } = readNpy(path);
    expect([descr, shape]).toEqual(["<f8", [200]]);
    const piped = await jko(`logprob ${run} -`, { stdin: fs.readFileSync(table) });
    expect(piped.out.trim().split("\n").slice(1).map(Number)).toEqual([...values]);
    const swapped = await jko(`logprob ${run} ${join(home, "reordered.csv")}`);
    expect(swapped.out).toBe(piped.out);
    const [mean, standardError] = nll(values);
    const evaluated = resultOf(await jko(`evaluate ${run} ${table} --json`));
    expect(evaluated.testNll).toBeCloseTo(mean, 10);
    expect(evaluated.standardError).toBeCloseTo(standardError, 10);
    expect(evaluated.bitsPerDimension).toBeCloseTo(mean / 3 / Math.LN2, 10);
    expect(evaluated.inversionError as number).toBeLessThan(1e-4);
    expect((evaluated.baselines as { name: string }[]).map(({ name }) => name)).toEqual([
      "Gaussian",
      "Gaussian mixture",
      "Gaussian mixture with kernel margins",
    ]);
  });

  it("flags the lowest quantile of the held-out scores and lists the lowest rows", async () => {
    const outcome = await jko(`logprob ${run} ${table} -o ${join(home, "flags.csv")} --threshold 0.1 --json`);
    const { low, threshold, lowest } = resultOf(outcome) as {
      low: number;
      threshold: number;
      lowest: { row: number; logProb: number }[];
    };
    // The threshold lies between the 2nd and 3rd lowest of 20 held-out rows, which are among the 200.
    expect(low).toBeGreaterThanOrEqual(2);
    expect(low).toBeLessThan(200);
    const lines = fs
      .readFileSync(join(home, "flags.csv"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    expect(lines[0]).toEqual(["logProb", "low"]);
    expect(lines.slice(1).filter(([, flag]) => flag === "1").length).toBe(low);
    for (const [score, flag] of lines.slice(1)) expect(Number(score) < threshold).toBe(flag === "1");
    const sorted = lines.slice(1).map(([score], i) => ({ row: i + 1, logProb: Number(score) }));
    sorted.sort((a, b) => a.logProb - b.logProb);
    expect(lowest).toEqual(sorted.slice(0, Math.min(5, low)));
  });

  it("lets rows with missing values score NaN on request, and refuses them else", async () => {
    const path = join(home, "holes.csv");
    fs.writeFileSync(path, "first,second,third\n1,2,3\n1,,3\n0,0,0\n");
    const refused = await jko(`logprob ${run} ${path}`);
    expect([refused.code, refused.out]).toEqual([2, ""]);
    expect(refused.err).toMatch(/^error: .*holes\.csv:3:2: an empty cell in column "second", expected a number; .*\n$/);
    const scores = (await jko(`logprob ${run} ${path} --missing nan`)).out.trim().split("\n").slice(1);
    expect(scores.map((text) => Number.isNaN(Number(text)))).toEqual([false, true, false]);
  });

  it("--all tests samples against the rows and says in words what it found", async () => {
    const words = `evaluate ${run} ${table} --all --rows 100 --threads 1`;
    const { fit, inversion, blocks } = resultOf(await jko(`${words} --json`)) as {
      fit: {
        tests: { name: string; pValue: number; threshold: number }[];
        pValue: number;
        verdict: string;
        rows: number;
      };
      inversion: { halfSquare: number; adaptiveHalfSquare: number; blocks: number[] };
      blocks: number;
    };
    expect(fit.rows).toBe(100);
    expect(fit.tests.map(({ name }) => name)).toEqual([
      "MMD, median bandwidth",
      "MMD, unit bandwidth",
      "MMD, 0.1-median bandwidth",
      "energy distance",
      "classifier",
      "boosted trees",
      "sliced Wasserstein",
    ]);
    for (const { pValue } of fit.tests) expect(pValue > 0 && pValue <= 1).toBe(true);
    // 100 rows show gross differences only, and it says so.
    expect(fit.verdict).toMatch(
      /^(samples differ from the data: .* above its 95 % threshold|100 rows are too few to find any but gross differences \(a classifier would have to tell 6\d % of rows apart\); no difference between)/,
    );
    expect(inversion.blocks).toHaveLength(blocks);
    // Float32 rounding of values of size 1 gives 1e-14 a row and column; the solver's error at this size is below 1e-6.
    expect(Math.max(inversion.halfSquare, inversion.adaptiveHalfSquare, ...inversion.blocks)).toBeLessThan(1e-6);
    const { out } = await jko(words);
    expect(out).toContain(`Verdict: ${fit.verdict}.`);
    expect(out).toMatch(/own samples .* nats/);
    expect(await jko(`evaluate ${run} --rows 100`)).toMatchObject({ code: 2, err: expect.stringContaining("--all") });
  });

  it("evaluates the run's own test rows as fit did", async () => {
    const fitted = JSON.parse(fs.readFileSync(join(run, "report.json"), "utf8")).result;
    const { testNll, validationNll, blocks, parameters, modelHash } = resultOf(await jko(`evaluate ${run} --json`));
    expect({ testNll, validationNll, blocks, parameters, modelHash }).toEqual({
      testNll: fitted.testNll,
      validationNll: fitted.validationNll,
      blocks: fitted.blocks,
      parameters: fitted.parameters,
      modelHash: fitted.modelHash,
    });
  });

  it("says that rows which chose the flow are no test, where a run has no others", async () => {
    const out = join(home, "untested");
    const fitted = resultOf(await jko(`fit ${table} --out ${out} --split 80,20,0 --json ${TINY}`));
    const judged = resultOf(await jko(`evaluate ${out} --json`));
    expect(judged.testNll).toBeNull();
    expect(judged.validationNll).toBe(fitted.validationNll);
    expect((await jko(`evaluate ${out}`)).out).toMatch(/^flow +validation NLL /m);
    expect(resultOf(await jko(`evaluate ${out} ${table} --json`)).testNll).not.toBeNull(); // rows that were named
  });

  it("takes a model file in the place of a run", async () => {
    const model = join(home, "copy.safetensors");
    fs.copyFileSync(join(run, "model.safetensors"), model);
    expect(resultOf(await jko(`evaluate ${model} ${table} --json`))).toMatchObject({ event: "result", baselines: [] });
    const info = resultOf(await jko(`info ${model} --json`));
    expect(info).toMatchObject({
      columns: ["first", "second", "third"],
      modelHash: hashOf(model),
      system: "jko-iflow",
    });
    expect((await jko(`info ${run}`)).out).toContain(hashOf(model));
  });
});

describe("plot and data", () => {
  it("draws the figures again, byte for byte", async () => {
    const outcome = await jko(`plot ${run} --out ${join(home, "pictures")} --json`);
    const files = (resultOf(outcome).files as string[]).filter((path) => path.endsWith(".svg"));
    expect(files.length).toBe(7);
    for (const path of files) expect(hashOf(path)).toBe(hashOf(path.replace("pictures", "run/plots")));
  });

  it("lists the toys and makes the rows that fit uses", async () => {
    const { toys } = resultOf(await jko("data list --json")) as { toys: { name: string; entropyFloor: number }[] };
    expect(toys.map(({ name }) => name)).toContain("moons");
    expect(toys.find(({ name }) => name === "checkerboard")?.entropyFloor).toBeCloseTo(Math.log(32), 6);
    const path = join(home, "moons.npy");
    await jko(`data make moons -n 300 --seed 3 -o ${path}`);
    const outcomes = [];
    for (const [name, source] of [
      ["toy", "toy:moons --rows 300"],
      ["file", path],
    ]) {
      outcomes.push(resultOf(await jko(`fit ${source} --seed 3 --out ${join(home, `of-${name}`)} --json ${TINY}`)));
    }
    expect(outcomes[1].testNll).toBe(outcomes[0].testNll);
  });
});
