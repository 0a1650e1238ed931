/**
 * `node scripts/soak.mjs [minutes]`: a small fit that is killed and resumed, then scored, sampled and evaluated, again and
 * again, 10 minutes by default. Every round must give the bits of the first, leave no file behind, and end with exit code 0.
 * The commands run in processes of their own and, for leaks, in one process too, whose memory and open files are watched.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKey, data } from "jkoflow";
import { createWords, drawBelow } from "jkoflow/random";

const root = fileURLToPath(new URL("..", import.meta.url));
const { run: command } = await import(join(root, "packages/cli/dist/main.js"));
const binary = join(root, "packages/cli/bin/jko.js");
const minutes = Number(process.argv[2] ?? 10);

const home = fs.mkdtempSync(join(tmpdir(), "jko-soak-"));
const table = join(home, "table.csv");
const points = data.toys.moons.sample(createKey("soak"), 300);
const lines = Array.from({ length: 300 }, (_, i) => `${points[2 * i]},${points[2 * i + 1]},${["red", "blue"][i % 2]}`);
fs.writeFileSync(table, `x,y,word\n${lines.join("\n")}\n`);
const SETTINGS =
  "--set blocks=2 --set hidden=[16,16] --set updates=150 --set batchSize=64 --set patience=50 --set evaluateEvery=25";
const SYSTEMS = {
  plain: `${table} --drop word ${SETTINGS}`,
  words: `${table} --columns-as auto ${SETTINGS}`,
  given: `${table} --condition word ${SETTINGS}`,
};

const hashOf = (bytes) => createHash("sha256").update(bytes).digest("hex");
const words = createWords(createKey("soak kills"));

/** A process that may be killed after some milliseconds. */
function start(line, killAfter) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [binary, ...line.split(" ").filter(Boolean)]);
    let [out, err] = ["", ""];
    child.stdout.on("data", (bytes) => (out += bytes));
    child.stderr.on("data", (bytes) => (err += bytes));
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out, err });
    });
  });
}

/** The command in this process. */
async function inside(line) {
  let [out, err] = ["", ""];
  const shell = {
    out: async (bytes) => void (out += typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes)),
    err: (text) => void (err += text),
    stdin: async function* () {},
    display: "plain",
    width: 80,
    onSignal: () => () => {},
  };
  return { code: await command(line.split(" ").filter(Boolean), shell), out, err };
}

const problems = [];
const expectEqual = (what, seen, wanted) => {
  if (seen !== wanted) problems.push(`${what}: ${seen}, expected ${wanted}`);
};
const first = new Map();
/** The bits of the first round are those of all. */
const sameAsFirst = (what, bits) => {
  if (!first.has(what)) first.set(what, bits);
  expectEqual(what, bits, first.get(what));
};

let [kills, fits] = [0, 0];

async function killedFit(name, run) {
  for (let tries = 0; ; tries++) {
    const line = fs.existsSync(join(run, "config.json"))
      ? `resume ${run} --quiet --threads 1`
      : `fit ${SYSTEMS[name]} --out ${run} --quiet --threads 1`;
    const { code, signal, err } = await start(
      `${line} --checkpoint-every 0.02`,
      tries < 4 ? 300 + drawBelow(words, 4000) : undefined,
    );
    if (signal === "SIGKILL") kills++;
    else {
      expectEqual(`${name}: fit`, `${code} ${err}`, "0 ");
      fits++;
      return;
    }
  }
}

async function round(number) {
  for (const name of Object.keys(SYSTEMS)) {
    const run = join(home, `${name}-${number}`);
    await killedFit(name, run);
    for (const file of ["model.safetensors", "events.jsonl"]) {
      sameAsFirst(`${name}/${file}`, hashOf(fs.readFileSync(join(run, file))));
    }
    const left = fs.readdirSync(run).filter((file) => /tmp|^lock$/.test(file));
    expectEqual(`${name}: files left`, left.join(), "");
    for (const line of [
      `logprob ${run} ${table} --quiet`,
      `sample ${run} -n 50 --seed 3 --quiet`,
      `evaluate ${run} --quiet`,
      `info ${run} --json`,
      `resume ${run} --quiet`,
    ]) {
      const { code, out, err } = await inside(line);
      expectEqual(`${name}: ${line.split(" ")[0]}`, `${code} ${err}`, "0 ");
      if (!line.startsWith("info")) sameAsFirst(`${name}: ${line.split(" ")[0]}`, hashOf(out));
    }
    const { code } = await inside(`fit ${SYSTEMS[name]} --out ${run}-again --quiet`);
    expectEqual(`${name}: fit in this process`, code, 0);
    sameAsFirst(`${name}/model.safetensors`, hashOf(fs.readFileSync(join(`${run}-again`, "model.safetensors"))));
    for (const path of [run, `${run}-again`]) fs.rmSync(path, { recursive: true });
  }
}

const openFiles = () => (fs.existsSync("/proc/self/fd") ? fs.readdirSync("/proc/self/fd").length : 0);
const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);

const end = Date.now() + 60_000 * minutes;
let settled; // of the third round on: what is loaded once is loaded by then
let [rounds, told] = [0, 0];
console.log("| round | minutes | kills | MB here | open files | problems |");
for (; rounds === 0 || Date.now() < end; rounds++) {
  await round(rounds);
  globalThis.gc?.();
  if (rounds === 2) settled = { files: openFiles(), memory: megabytes() };
  const since = ((Date.now() - end) / 60_000 + minutes).toFixed(1);
  console.log(`| ${rounds + 1} | ${since} | ${kills} | ${megabytes()} | ${openFiles()} | ${problems.length} |`);
  for (; told < problems.length; told++) console.error(problems[told]);
}
if (settled !== undefined) {
  if (openFiles() > settled.files) problems.push(`${openFiles()} open files, ${settled.files} after three rounds`);
  const most = 1.5 * settled.memory + 50;
  if (megabytes() > most) problems.push(`${megabytes()} MB, ${settled.memory} MB after three rounds`);
}
expectEqual("files left", fs.readdirSync(home).join(), "table.csv");
fs.rmSync(home, { recursive: true });
for (; told < problems.length; told++) console.error(problems[told]);
console.log(`${rounds} rounds, ${fits} fits killed ${kills} times, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
