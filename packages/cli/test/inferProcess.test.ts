/** A target that another process computes: by a child in JavaScript, by the Python example where NumPy is, and by children that fail. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { folder, hashOf, jko, resultOf } from "./command.testing.ts";

const home = folder();
const SMALL = ["--system", "smc", "--set", "population=640", "--set", "leaps=4", "--threads", "1", "--report", "none"];
const example = fileURLToPath(new URL("../../../examples/target.py", import.meta.url));
const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

/** A child of the protocol; `body` makes values and slopes of x, with n and d at hand. */
function childOf(name: string, body: string): string {
  const path = join(home, `${name}.mjs`);
  fs.writeFileSync(
    path,
    `let kept = Buffer.alloc(0);
process.stdin.on("data", (bytes) => {
  kept = Buffer.concat([kept, bytes]);
  for (;;) {
    const end = kept.indexOf(10);
    if (end < 0) return;
    const [, n, , d] = kept.subarray(0, end).toString().split(" ").map(Number);
    if (kept.length < end + 1 + 8 * n * d) return;
    const x = new Float64Array(new Uint8Array(kept.subarray(end + 1, end + 1 + 8 * n * d)).buffer);
    kept = kept.subarray(end + 1 + 8 * n * d);
    const [values, slopes] = [new Float64Array(n), new Float64Array(n * d)];
    ${body}
    process.stdout.write(Buffer.from(values.buffer));
    process.stdout.write(Buffer.from(slopes.buffer));
  }
});
`,
  );
  return `"${process.execPath}" "${path}"`;
}

/** 5 N(0, I): ln Z = ln 5. */
const NORMAL = `for (let i = 0; i < n * d; i++) { values[Math.floor(i / d)] -= x[i] ** 2 / 2; slopes[i] = -x[i]; }
    for (let i = 0; i < n; i++) values[i] += Math.log(5) - (d / 2) * Math.log(2 * Math.PI);`;

const infer = (command: string, out: string, more: readonly string[] = SMALL) =>
  jko(["infer", "--columns", "a,b", "--process", command, "--out", out, "--json", ...more]);

describe("a target by a process", () => {
  const command = childOf("normal", NORMAL);
  const run = join(home, "run");

  it("is sampled and weighed", async () => {
    const outcome = await infer(command, run);
    expect([outcome.code, outcome.err]).toEqual([0, ""]);
    const { logZ, logZError, columns } = resultOf(outcome);
    expect(columns).toEqual(["a", "b"]);
    expect(Math.abs(Number(logZ) - Math.log(5))).toBeLessThan(4 * Number(logZError) + 0.01);
  });

  it("ends in the same bits where it dies on the way, and the run is resumed", async () => {
    const mark = join(home, "died");
    const dying = `import("node:fs").then((fs) => fs.default.existsSync(${JSON.stringify(mark)}) || (globalThis.asked = (globalThis.asked ?? 0) + 1) < 40 || (fs.default.writeFileSync(${JSON.stringify(mark)}, ""), process.exit(7)));`;
    const other = childOf("dying", `${dying}\n    ${NORMAL}`);
    const stopped = join(home, "stopped");
    const first = await infer(other, stopped, [...SMALL, "--checkpoint-every", "0.001"]);
    expect(first.code).toBe(2);
    expect(first.err).toMatch(/--process: it ended by code 7.*goes on by jko resume/);
    expect((await jko(`resume ${stopped} --quiet --threads 1`)).code).toBe(0);
    expect(hashOf(join(stopped, "draws.npy"))).toBe(hashOf(join(run, "draws.npy")));
  });

  it("is a target for maps too", async () => {
    const tiny = "updates=10 poolRows=300 heldOutRows=300 width=8 identityUpdates=5 batchSize=64".split(" ");
    const flags = [...tiny.flatMap((one) => ["--set", one]), "--time", "0.4", "--step", "0.2", "--report", "none"];
    expect((await infer(command, join(home, "maps"), [...flags, "--threads", "1"])).code).toBe(0);
  });

  it.skipIf(!hasNumpy)("is the Python example", async () => {
    const { logZ, logZError } = resultOf(await infer(`python3 "${example}"`, join(home, "python")));
    expect(Math.abs(Number(logZ) - Math.log(Math.PI))).toBeLessThan(4 * Number(logZError) + 0.02);
  });
});

describe("refused in one line, and nothing written", () => {
  it.each([
    ["a command that is not there", "no-such-program-here", /it ended by code 127: .*not found/],
    ["one that ends at once", "exit 3", /it ended by code 3/],
    ["one that says why", "echo sorry >&2; exit 4", /it ended by code 4: sorry/],
    ["one that talks too much", "yes", /bytes or more where \d+ are the answer/],
    ["no number", childOf("nan", "values.fill(NaN);"), /a log-density of NaN with slopes/],
    ["slopes that are no numbers", childOf("slopes", "slopes.fill(Infinity);"), /with slopes Infinity/],
    [
      "slopes of another sign",
      childOf("sign", NORMAL.replace("= -x[i];", "= x[i];")),
      /a slope of .* where log-densities rise by/,
    ],
  ])("%s", async (_, command, says) => {
    const out = join(home, "refused");
    const { code, err } = await infer(command, out);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(err).toMatch(says);
    expect(fs.existsSync(out)).toBe(false);
  });

  it.each([
    [["--process", "cat"], /--process: it alone, expected how many columns there are/],
    [["--process", "cat", "--columns", "a", "--log-density", "-a^2"], /--process: it beside --log-density/],
    [["banana", "--process", "cat"], /--process: it beside "banana"/],
  ])("%s", async (words, says) => {
    const { code, err } = await jko(["infer", ...words, "--system", "smc", "--out", join(home, "refused")]);
    expect([code, err.trim().split("\n").length]).toEqual([2, 1]);
    expect(err).toMatch(says);
  });
});
