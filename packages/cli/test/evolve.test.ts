/** `jko evolve` and `jko infer`: the files of a run, times along the flow, resume, modules, and one line for bad input. */
import fs from "node:fs";
import { join } from "node:path";
import { chain, io } from "jkoflow";
import { beforeAll, describe, expect, it } from "vitest";
import { middleTime, timeOf } from "../src/evolution/along.ts";
import { type FinishedFlow, stepsTo } from "../src/evolution/finished.ts";
import { folder, hashOf, jko, resultOf, start } from "./command.testing.ts";

const TINY =
  "--set width=8 --set rank=2 --set updates=40 --set identityUpdates=40 --set batchSize=128 --set poolRows=1000 --set heldOutRows=1000 --threads 1";

const home = folder();
const alone = join(home, "alone");
const evolve = (out: string, more = ""): string =>
  `evolve ou:2 --time 0.15 --step 0.05 --seed 3 --out ${out} ${TINY} ${more}`;
const bits = (run: string): string[] => ["model.safetensors", "events.jsonl"].map((name) => hashOf(join(run, name)));
const arrayIn = (path: string): Float64Array => {
  const bytes = fs.readFileSync(path);
  return Float64Array.from(
    new Float64Array(bytes.buffer.slice(bytes.byteOffset + 128, bytes.byteOffset + bytes.length)),
  );
};

let result: Record<string, unknown> = {};
beforeAll(async () => {
  const outcome = await jko(evolve(alone, "--json"));
  expect([outcome.code, outcome.err]).toEqual([0, ""]);
  result = resultOf(outcome);
});

describe("a run", () => {
  it("has its files, and its figures by name", () => {
    const files = ["complete.json", "config.json", "density.npz", "events.jsonl", "log-densities.npy"];
    const more = [
      "model.safetensors",
      "plots",
      "report.html",
      "report.json",
      "steps.csv",
      "times.jsonl",
      "trajectory.npy",
    ];
    const found = fs.readdirSync(alone).filter((name) => !name.startsWith("ckpt-"));
    expect(found.sort()).toEqual([...files, ...more]);
    expect(result).toMatchObject({ event: "result", dimension: 2, steps: 3, time: 0.15, step: 0.05, rows: 8192 });
    for (const name of ["energy", "energyError", "exactEnergy", "symKl", "floor", "seconds", "inversionError"]) {
      expect(result[name], name).toBeTypeOf("number");
    }
    const report = JSON.parse(fs.readFileSync(join(alone, "report.json"), "utf8"));
    const { event, run, ...measures } = result;
    expect([event, run]).toEqual(["result", alone]);
    expect(report.result).toEqual(measures);
    const lines = fs.readFileSync(join(alone, "steps.csv"), "utf8").trimEnd().split("\n");
    expect(lines.length).toBe(5);
    expect(lines[0]).toBe(
      "step,time,F,error,exact,entropy,potential,moved,dissipation,speed2,residual,residualUpper,largestResidual,bound,closed",
    );
  });

  it("measures F and distances that closed forms confirm", () => {
    const [first] = result.table as Record<string, number>[];
    expect(first.time).toBe(0);
    // Rows of the start have the exact law of the start: within five standard errors.
    expect(Math.abs(first.F - first.exact)).toBeLessThan(5 * first.error);
    expect(first.entropy + first.potential).toBeCloseTo(first.F, 9);
    // 40 updates of a small network are no training, but the flow is that of this problem.
    expect(Math.abs(Number(result.energy) - Number(result.exactEnergy))).toBeLessThan(0.1);
    expect(Number(result.symKl)).toBeLessThan(0.1);
    expect(Number(result.inversionError)).toBeLessThan(1e-7);
    const floors = (result.distances as { time: number; floor: number }[]).map(({ time, floor }) => [time, floor]);
    expect(floors.map(([time]) => time)).toEqual([0.1, 0.15]);
  });

  it("has one page without network, a picture for each time", () => {
    const page = fs.readFileSync(join(alone, "report.html"), "utf8");
    expect(page.match(/data-frame="/g)?.length).toBe(4);
    expect(page).toContain('<input type="range" min="0" max="3"');
    const outside = [...page.matchAll(/(?:src|href)="([^"]*)"|https?:\/\/[^"'\s<]*/g)].map(([all]) => all);
    expect(new Set(outside)).toEqual(new Set(["http://www.w3.org/2000/svg"]));
    // The script in a page that is made of what it asks for.
    const frames = [0, 1, 2, 3].map(() => ({ hidden: false }));
    const parts: Record<string, Record<string, unknown>> = {
      button: {},
      input: { value: "0" },
      output: {},
      ".controls": { hidden: true },
    };
    const box = { querySelector: (name: string) => parts[name], querySelectorAll: () => frames };
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)![1];
    new Function("document", script)({ getElementById: (id: string) => (id === "evolution" ? box : undefined) });
    expect(frames.map(({ hidden }) => hidden)).toEqual([false, true, true, true]);
    parts.input.value = "2";
    (parts.input.oninput as () => void)();
    expect(frames.map(({ hidden }) => hidden)).toEqual([true, true, false, true]);
    expect(parts.output.textContent).toBe("t = 0.1");
    expect(parts[".controls"].hidden).toBe(false);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("is the same for two threads, and is complete when asked for again", async () => {
    const two = join(home, "two");
    expect((await jko(`${evolve(two, "--quiet")} --threads 2`)).code).toBe(0);
    expect(bits(two)).toEqual(bits(alone));
    const again = await jko(evolve(alone));
    expect(again.err).toContain("is complete already");
    const other = await jko(evolve(alone, "--set updates=41"));
    expect(other.code).toBe(2);
    expect(other.err).toContain("a run with other data or settings: updates 40 there, 41 here");
  });
});

describe("times along the flow", () => {
  it.each([0.1, 1 / 3, 0.05, 2.5e-7])("of steps of %d: those that a run advises are taken", (step) => {
    for (let steps = 1; steps < 8; steps++) {
      const times = Array.from({ length: steps + 1 }, (_, k) => timeOf(k, step));
      const run = { open: { times, step } } as unknown as FinishedFlow; // no more is looked at
      expect(stepsTo(run, middleTime({ table: times.map((time) => ({ time })) }))).toBe(Math.ceil(steps / 2));
      let message = "";
      try {
        stepsTo(run, (steps - 0.4) * step);
      } catch (error) {
        message = String(error);
      }
      expect(stepsTo(run, Number(/the nearest is (\S+)$/.exec(message)![1]))).toBe(steps);
    }
  });

  it("the density that a particle carries is that of its place, taken back", async () => {
    const [points, carried] = ["trajectory.npy", "log-densities.npy"].map((name) => arrayIn(join(alone, name)));
    const n = carried.length / 4;
    for (const [k, at] of [
      [0, 0],
      [1, 0.05],
      [3, 0.15],
    ]) {
      const rows = Array.from({ length: 40 }, (_, i) =>
        points.subarray(2 * (k * n + i), 2 * (k * n + i) + 2).join(","),
      );
      const csv = join(home, `points-${k}.csv`);
      fs.writeFileSync(csv, `x1,x2\n${rows.join("\n")}\n`);
      const { code, out, err } = await jko(`logprob ${alone} ${csv} --at ${at}`);
      expect([code, err]).toEqual([0, ""]);
      const scores = out.trim().split("\n").slice(1).map(Number);
      // Places are read as float32: 1e-7 of a place, times slopes below 10.
      scores.forEach((score, i) => {
        expect(Math.abs(score - carried[k * n + i])).toBeLessThan(1e-5);
      });
    }
  });

  it("the density on a grid is that of logprob, and has mass 1", async () => {
    const bytes = new Uint8Array(fs.readFileSync(join(alone, "density.npz")));
    const read = async (array: string): Promise<Float64Array> => {
      const parts: Uint8Array[] = [];
      for await (const part of io.findInNpz(bytes, { array }).bytes) parts.push(part);
      const npy = Uint8Array.from(Buffer.concat(parts));
      return new Float64Array(npy.buffer, 128); // its header is 128 bytes long
    };
    const [times, x, y, log] = await Promise.all(["times", "x", "y", "logDensity"].map(read));
    expect([...times]).toEqual([0, 0.05, 0.1, 0.15]);
    expect([x.length, y.length, log.length]).toEqual([50, 50, 4 * 50 * 50]);
    const [cells, area] = [2500, (x[1] - x[0]) * (y[1] - y[0])];
    for (let t = 0; t < 4; t++) {
      let mass = 0;
      for (let i = 0; i < cells; i++) mass += area * Math.exp(log[t * cells + i]);
      expect(Math.abs(mass - 1)).toBeLessThan(0.01); // over the range of 8,192 particles and a margin
    }
    const chosen = [1224, 1260, 700]; // rows of y, columns of x
    const csv = join(home, "grid.csv");
    fs.writeFileSync(csv, `x1,x2\n${chosen.map((i) => `${x[i % 50]},${y[Math.floor(i / 50)]}`).join("\n")}\n`);
    const { out } = await jko(`logprob ${alone} ${csv} --at 0.1`);
    const scores = out.trim().split("\n").slice(1).map(Number);
    chosen.forEach((i, k) => {
      expect(Math.abs(scores[k] - log[2 * cells + i])).toBeLessThan(1e-5); // places are read as float32
    });
  });

  it("samples of a time are by seed; at 0 they are the start", async () => {
    const first = await jko(`sample ${alone} -n 400 --seed 1 --at 0`);
    expect(await jko(`sample ${alone} -n 400 --seed 1 --at 0`)).toEqual(first);
    const values = first.out
      .trim()
      .split("\n")
      .slice(1)
      .flatMap((line) => line.split(",").map(Number));
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const square = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    // 800 numbers of N(0, 1): five standard errors are 0.18 and 0.25.
    expect(Math.abs(mean)).toBeLessThan(0.18);
    expect(Math.abs(square - 1)).toBeLessThan(0.25);
    expect((await jko(`sample ${alone} -n 400 --seed 1`)).out).not.toBe(first.out);
  });

  it("info and plot take it, evaluate says what does", async () => {
    expect((await jko(`info ${alone}`)).out).toContain("to t = 0.15 in 3 steps of 0.05");
    expect((await jko(`plot ${alone} --out ${join(home, "plots")}`)).out).toContain("flow.svg");
    expect((await jko(`evaluate ${alone} ${join(home, "points-0.csv")}`)).err).toContain(
      "a run of jko evolve, expected a model of a table; jko sample, logprob, plot and info take it",
    );
  });
});

describe("resume", () => {
  it("an interrupted run ends in the same bits", async () => {
    const run = join(home, "interrupted");
    let sent = false;
    const onOut = (text: string, interrupt: (signal: string) => void): void => {
      if (sent || !text.includes('"step 2"')) return;
      sent = true;
      interrupt("SIGINT");
    };
    const { code, err } = await jko(evolve(run, "--json"), { onOut });
    expect(code).toBe(130);
    expect(err).toContain(`go on with: jko resume ${run}`);
    expect((await jko(`resume ${run} --quiet`)).code).toBe(0);
    expect(bits(run)).toEqual(bits(alone));
  });

  it("a killed process too", async () => {
    const run = join(home, "killed");
    const { child, done } = start(evolve(run, "--json --checkpoint-every 0.001"));
    child.stdout?.on("data", (text: Buffer) => {
      if (text.includes('"step 2"')) child.kill("SIGKILL");
    });
    expect((await done).signal).toBe("SIGKILL");
    expect(fs.existsSync(join(run, "model.safetensors"))).toBe(false);
    const { code, err } = await start(`resume ${run} --quiet`).done;
    expect([code, err]).toEqual([0, ""]);
    expect(bits(run)).toEqual(bits(alone));
  });
});

describe("problems of one's own", () => {
  it("by flags: a steady state stays where it is", async () => {
    const run = join(home, "steady");
    const words = `--start normal:1 --potential x^2/2 --diffusion 1 --time 0.1 --step 0.05 --report none`;
    const outcome = await jko(`evolve ${words} --out ${run} --json ${TINY} --set updates=150`);
    expect([outcome.code, outcome.err]).toEqual([0, ""]);
    const { energy, energyError, table } = resultOf(outcome) as { energy: number; energyError: number; table: never };
    // E[log N(x; 0, 1) + x^2 / 2] = -ln(2 pi) / 2, and both terms cancel at each row.
    expect(Math.abs(energy + Math.log(2 * Math.PI) / 2)).toBeLessThan(5 * energyError + 0.01);
    expect((table as Record<string, number>[])[1].moved).toBeLessThan(0.05);
    expect(fs.existsSync(join(run, "report.html"))).toBe(false);
  });

  const module = (name: string, text: string): string => {
    const path = join(home, name);
    fs.writeFileSync(path, text);
    return path;
  };

  it("from a module, whose functions mean what formulas do", async () => {
    const tail = `start: "normal:1:0.5", time: 0.1, step: 0.05 };`;
    const formula = module("formula.mjs", `export const problem = { potential: "x^4/4", ${tail}`);
    const functions = module(
      "function.mjs",
      `export default { potential: (x, { mul, scale }) => scale(mul(mul(x, x), mul(x, x)), 1 / 4), ${tail}`,
    );
    const hashes = [];
    for (const path of [formula, functions]) {
      const outcome = await jko(`evolve ${path} --out ${path}-run --json --report none ${TINY}`);
      expect([outcome.code, outcome.err]).toEqual([0, ""]);
      hashes.push(resultOf(outcome).modelHash);
    }
    expect(hashes[0]).toBe(hashes[1]);
    fs.rmSync(`${formula}-run/complete.json`);
    module("formula.mjs", `export const problem = { potential: "x^2", ${tail}`);
    const { code, err } = await jko(`resume ${formula}-run`);
    expect(code).toBe(2);
    expect(err).toContain("other bytes than when the run began");
  });

  it("infer: a log-density up to a constant", async () => {
    const run = join(home, "inferred");
    const outcome = await jko([
      ..."infer --columns a,b --log-density -a^2/2-(b-a)^2 --time 0.2 --step 0.1".split(" "),
      ...`--out ${run} --json --report quick ${TINY}`.split(" "),
    ]);
    expect([outcome.code, outcome.err]).toEqual([0, ""]);
    expect(resultOf(outcome)).toMatchObject({ steps: 2, dimension: 2, rises: 0 });
    expect((await jko(`sample ${run} -n 2`)).out.split("\n")[0]).toBe("a,b");
    // Rows of tempered SMC are a witness from outside.
    const report = fs.readFileSync(join(run, "report.json"), "utf8");
    expect(report).toMatch(
      /on its rows ln Z by the flow is at most \S+ \+- \S+, on the flow's own at least \S+ \+- \S+/,
    );
  });

  it("bad input is one line, code 2, and writes nothing", async () => {
    const throws = module("throws.mjs", `throw new Error("not\\nfunny");`);
    const syntax = module("syntax.mjs", "export const = 1;");
    const none = module("none.mjs", "export const other = 1;");
    const shape = module("shape.mjs", "export default [1, 2];");
    const inner = module(
      "inner.mjs",
      `export const problem = { start: "normal:1", potential: () => { throw new Error("in it"); } };`,
    );
    const wrong = module("wrong.mjs", `export const problem = { start: "normal:2", potential: (x) => x };`);
    const cases: readonly (readonly [words: string, message: string])[] = [
      ["evolve", "jko evolve: no problem, expected a name, a file, or flags"],
      ["evolve oo:2", 'problem: "oo:2", expected ou, mixture'],
      ["evolve ou:33", 'problem: "ou:33", expected ou:d with d from 1 to 32'],
      ["evolve ou:2:3", 'problem: "ou:2:3", expected ou:d'],
      ["evolve ou:2 --step 0", '--step: "0", expected a number above 0'],
      [
        "evolve ou:2 --time 1 --step 0.3",
        "--time: 1 with a step of 0.3, expected a whole number of steps; take a step of",
      ],
      [
        "evolve ou:2 --system jko-iflow",
        '--system: "jko-iflow", expected jko-icnn | landau | variational; jko-iflow is trained on a table: jko fit TABLE',
      ],
      [
        "evolve ou:2 --set updtes=3",
        "jko-icnn:updtes: an unknown setting, expected one of its settings; did you mean updates?",
      ],
      ["evolve ou:2 --set updates=0", "jko-icnn:updates: 0, expected a whole number of at least 1"],
      ["evolve ou:2 --set width=[1,2]", "jko-icnn:width: [1,2], expected a whole number"],
      ["evolve ou:2 --potential x", '--potential: it beside "ou:2", which has its own'],
      ["evolve --start normal:2 --potential x+", "--potential: at character 3: the end behind"],
      ["evolve --start normal:2 --potential tan(x)", '--potential: at character 1: "tan", expected a function: exp'],
      ["evolve --potential x^2", "--start: nothing, expected a start such as normal:2"],
      ["evolve --start normal:2:0", '--start: "normal:2:0", expected a standard deviation above 0'],
      ["evolve --start normal:2 --diffusion -1", '--diffusion: "-1", expected a number from 0; backward diffusion'],
      ["evolve --start normal:2 --internal -rho^2", '--internal: "-rho^2", which is not displacement convex'],
      ["evolve --start normal:2 --internal exp(rho)", '--internal: "exp(rho)", expected a power of the density'],
      ["evolve --start normal:2", "jko evolve: a functional that is 0"],
      ["evolve --start normal:40 --potential r^2", "jko-icnn: 40 columns, expected at most 32"],
      ["evolve --start rows.csv --potential x", "rows.csv: no such file"],
      ["evolve missing.mjs", "missing.mjs: no such file"],
      [`evolve ${throws}`, `${throws}: a module that throws Error: not funny, expected one that exports a problem`],
      [`evolve ${syntax}`, `${syntax}: a module that throws `],
      [`evolve ${none}`, `${none}: a module that exports other, expected export const problem`],
      [`evolve ${shape}`, `${shape}: an array of 2, expected an object with a start`],
      [`evolve ${inner}`, `${inner}:potential: it threw in it, expected a node [B, 1]`],
      [`evolve ${wrong}`, `${wrong}:potential: a node [B, 2], expected a node [B, 1]`],
      ["infer", "jko infer: no problem"],
      ["infer oo", 'problem: "oo", expected banana'],
      ["infer --columns a --log-density a^", "--log-density: at character 3: the end"],
      [
        `sample ${alone} -n 2 --at 0.07`,
        "--at: 0.07, expected a time of the scheme, a multiple of 0.05 from 0 to 0.15; the nearest is 0.05",
      ],
      [`sample ${alone} -n 2 --at 0.2`, "--at: 0.2, expected a time of the scheme"],
      [`sample ${alone} -n 2 --given a=1`, "--given: it for a run of jko evolve, expected a model of a table"],
      [`logprob ${alone} ${join(home, "points-0.csv")} --threshold 0.1`, "--threshold: it for a run of jko evolve"],
    ];
    const before = fs.readdirSync(home);
    for (const [words, message] of cases) {
      const makes = /^(evolve|infer)/.test(words) ? ` --out ${join(home, "nothing")}` : "";
      const { code, err, out } = await jko(words + makes);
      expect([code, out], words).toEqual([2, ""]);
      expect(err, words).toMatch(/^error: [^\n]+\n$/);
      expect(err, words).toContain(message);
    }
    expect(fs.readdirSync(home)).toEqual(before);
  });

  it.each(["evolve", "infer"])("the guide of %s shows commands and a module that are taken", async (name) => {
    const guide = fs.readFileSync(new URL(`../../../docs/guide/${name}.md`, import.meta.url), "utf8");
    const commands = [...guide.matchAll(/^npx jko ((?:evolve|infer) .*?)(?: +#.*)?$/gm)].map(([, words]) => words);
    expect(commands.length).toBeGreaterThan(0);
    for (const line of commands) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
      const { code, err } = await jko([...words, "--print-config"]);
      expect([code, err], line).toEqual([0, ""]);
    }
    const shown = /```js\n([\s\S]+?)```/.exec(guide)![1];
    const { code, out } = await jko(`${name} ${module(`${name}.mjs`, shown)} --print-config`);
    expect([code, JSON.parse(out).verb]).toEqual([0, name]);
  });

  it("a config that was edited is refused by its field", async () => {
    const run = join(home, "edited");
    fs.mkdirSync(run);
    const record = JSON.parse(fs.readFileSync(join(alone, "config.json"), "utf8"));
    for (const [change, message] of [
      [{ verb: "fly" }, "a run of jko fly, expected one of fit, evolve, infer"],
      [{ verb: 3 }, "data.train: nothing"],
      [{ seed: "x" }, 'config.json:seed: "x", expected a whole number'],
      [{ problem: { name: 3 } }, "config.json:problem.name: 3, expected the name of a problem"],
      [{ problem: { nam: "x" } }, 'config.json:problem.nam: "x", expected one of name'],
      [{ more: 1 }, "config.json:more: 1, expected one of format"],
      [{ system: "constructor" }, 'config.json:system: "constructor", expected jko-icnn'],
      [{ settings: { ...record.settings, updates: -1 } }, "jko-icnn:updates: -1, expected a whole number"],
    ] as const) {
      fs.writeFileSync(join(run, "config.json"), JSON.stringify({ ...record, ...change }));
      const { code, err } = await jko(`resume ${run}`);
      expect(code, message).toBe(2);
      expect(err).toContain(message);
    }
  });
});

describe("a model file of a flow", () => {
  it("is refused where it is damaged", async () => {
    const run = join(home, "damaged");
    fs.cpSync(alone, run, { recursive: true });
    const path = join(run, "model.safetensors");
    const bytes = fs.readFileSync(path);
    bytes[bytes.length - 5] ^= 1;
    fs.writeFileSync(path, bytes);
    expect((await jko(`sample ${run} -n 2`)).err).toContain("a run without a finished model");
    expect(() => io.readSealed(bytes)).toThrow("the file is damaged");
  });

  it("is a chain, which the library opens and the command tells what it can; what it cannot is one line", async () => {
    const path = join(alone, "model.safetensors");
    const flow = chain.decodeChain(new Uint8Array(fs.readFileSync(path)), path);
    expect(flow.parts.length).toBe(3);
    expect(flow).toMatchObject({
      system: "jko-icnn",
      base: "start",
      direction: "from base",
      times: [0, 0.05, 0.1, 0.15],
    });
    const open = chain.openChain(flow);
    expect(() => chain.need(open, "sample")).toThrow(
      "model: no sample of a chain of 3 maps: its start is not in the file, expected what it can: toBase | fromBase | inversionError",
    );
    const told = await jko(`info ${path}`);
    expect([told.code, told.err]).toEqual([0, ""]);
    expect(told.out).toContain("a chain of 3 maps, in a file alone");
    expect(told.out).toContain("it can      toBase, fromBase, inversionError");
    expect(told.out).toContain("no logProb  its start is not in the file");
    const lacks = { sample: "its start is not in the file", logProb: "its start is not in the file" };
    const json = resultOf(await jko(`info ${path} --json`));
    expect(json).toMatchObject({ system: "jko-icnn", times: [0, 0.05, 0.1, 0.15], lacks, modelHash: hashOf(path) });
    for (const [words, line] of [
      [
        `sample ${path} -n 2`,
        "no sample of a chain of 3 maps: its start is not in the file, expected what it can: toBase",
      ],
      [
        `logprob ${path} ${path}`,
        "no logProb of a chain of 3 maps: its start is not in the file, expected what it can",
      ],
      [`sample ${path} -n 2 --given a=1`, "--given: it for a chain of maps, expected a model of a table; leave it out"],
      [`sample ${path} -n 2 --at 0.07`, "at: 0.07, expected a time of the chain, from 0 to 0.15; the nearest is 0.05"],
      [`evaluate ${path} ${path}`, "format: a chain of maps, expected a model of a table"],
    ]) {
      const { code, err } = await jko(words);
      expect([code, err.trimEnd().split("\n").length], words).toEqual([2, 1]);
      expect(err, words).toContain(line);
    }
  });

  it("with a start of its own is sampled and scored as a file alone, at every time", async () => {
    const stored = chain.decodeChain(new Uint8Array(fs.readFileSync(join(alone, "model.safetensors"))));
    const path = join(home, "own.safetensors");
    fs.writeFileSync(path, chain.encodeChain({ ...stored, base: "standard" }));
    const rows = join(home, "own-rows.csv");
    fs.writeFileSync(rows, `${stored.columns.join(",")}\n0.5,-1\n0.25,2\n`);
    const open = chain.openChain({ ...stored, base: "standard" });
    for (const at of [0.05, undefined]) {
      const time = at === undefined ? "" : ` --at ${at}`;
      const out = join(home, "own.npy");
      fs.rmSync(out, { force: true });
      expect((await jko(`logprob ${path} ${rows} -o ${out}${time}`)).code).toBe(0);
      expect([...arrayIn(out)]).toEqual([...open.logProb!([0.5, -1, 0.25, 2], { at })]);
      const { code, out: drawn } = await jko(`sample ${path} -n 3 --seed 4${time}`);
      expect([code, drawn.trimEnd().split("\n").length]).toEqual([0, 4]);
    }
  });
});
