/**
 * The kernel and its pool of threads under ThreadSanitizer: `node tsan/run.mjs`. Needs g++ and the built workspace.
 *
 * Trainings of all kinds of fields run on the addon; what they ask of it is recorded and replayed by a program that is
 * compiled with -fsanitize=thread, on 1 to 4 threads, for every instruction set; the results must have equal bits. A process of Node itself cannot be
 * watched that way: its own code is not instrumented.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine, createKey, data, fit, openModel, systems } from "jkoflow";
import { loadKernel } from "../index.js";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../src");
const MOST_THREADS = 4;

/** The kernel, with all that is asked of it written to a file. */
function recorder(kernel, file) {
  const put = (kind, place, values) => {
    const bytes = values ? new Uint8Array(values.buffer, values.byteOffset, values.byteLength) : new Uint8Array(0);
    writeSync(file, new Uint8Array(Float64Array.of(kind, place, bytes.length).buffer));
    if (bytes.length > 0) writeSync(file, bytes);
  };
  return {
    ...kernel,
    reserve: (engine, bytes) => {
      kernel.reserve(engine, bytes);
      put(0, bytes);
    },
    write: (engine, line, values) => {
      kernel.write(engine, line, values);
      put(1, line, values);
    },
    read: (engine, line, into) => {
      kernel.read(engine, line, into);
      put(2, line, into);
    },
    execute: (engine, line) => {
      kernel.execute(engine, line);
      put(3, line);
    },
  };
}

/** Every kind of field and of training, small. */
// Phases of several tasks need few rows; a sanitized kernel is a hundred times slower than another.
const common = { updates: 20, evaluateEvery: 10, batchSize: 60, validationRows: 60, solverSteps: 1, scoringSteps: 1 };
const fits = [
  ["jko-iflow", { ...common, hidden: [8, 8], blocks: 2, stages: "joint", jointUpdates: 10 }],
  ["jko-iflow", { ...common, hidden: [8, 8], blocks: 1, divergence: "hutchinson" }],
  ["ot-flow", { ...common, width: 8, blocks: 2 }],
  ["ffjord", { ...common, hidden: [8, 8] }],
  ["rnode", { ...common, hidden: [8, 8], divergence: "hutchinson" }],
];

async function record(kernel, isa, path, [name, settings]) {
  const file = openSync(path, "w");
  try {
    const engine = await createEngine({ native: recorder(kernel, file), isa, threads: MOST_THREADS });
    const table = (word, n) => data.createTable(data.toys.moons.sample(createKey(word), n), 2);
    const problem = { train: table("train", 120), validation: table("validation", 60) };
    const { model } = await fit(engine, problem, { system: systems[name], settings });
    const open = openModel(engine, model);
    open.logProb(problem.validation);
    open.sample(createKey(1), 60);
    open.dispose();
    engine.dispose();
  } finally {
    closeSync(file);
  }
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: "utf8", ...options });
  if (result.status === 0) return result.stdout;
  console.error(`${command} ${args.join(" ")} ended with ${result.status ?? result.signal}\n${result.stderr}`);
  process.exit(1);
}

const kernel = loadKernel();
if (kernel === undefined) {
  console.error("the native kernel is not built: npm run setup");
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "jko-tsan-"));
try {
  const isas = kernel.isas();
  const flags = { portable: ["-DVL=4"], avx2: ["-DVL=8", "-mavx2", "-mfma"] };
  flags.avx512 = ["-DVL=16", "-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx2", "-mfma"];
  const compiler = process.env.CXX ?? "g++";
  const sanitized = ["-std=c++17", "-O1", "-g", "-fsanitize=thread", "-ffp-contract=fast", "-fno-math-errno"];
  sanitized.push("-fno-trapping-math", "-Wno-psabi");
  const needed = isas.includes("portable") && process.arch === "x64" ? Object.keys(flags) : ["portable"];
  const objects = needed.map((isa) => {
    const object = join(folder, `${isa}.o`);
    const kernelFlags = [...sanitized, ...flags[isa], `-DKERNEL(n)=jko_##n##_${isa}`];
    run(compiler, [...kernelFlags, "-c", join(source, "kernel.cpp"), "-o", object]);
    return object;
  });
  const replay = join(folder, "replay");
  const x86 = process.arch === "x64" ? ["-DHAVE_X86"] : [];
  run(compiler, [...sanitized, ...x86, join(here, "replay.cpp"), ...objects, "-o", replay, "-pthread"]);
  const trace = join(folder, "trace");
  let jobs = 0;
  for (const isa of isas) {
    for (const one of fits) {
      await record(kernel, isa, trace, one);
      const env = { ...process.env, TSAN_OPTIONS: "halt_on_error=1 exitcode=66" };
      const replayed = (threads) => run(replay, [trace, isa, String(threads)], { env }).trim();
      const alone = replayed(1);
      for (const threads of [2, 3, MOST_THREADS]) {
        const said = replayed(threads);
        if (said !== alone) throw new Error(`${isa}, ${one[0]}: ${said} on ${threads} threads, ${alone} on one`);
        jobs += Number.parseInt(said, 10);
      }
      console.log(`${isa}, ${one[0]}: ${alone} on 1, 2, 3 and ${MOST_THREADS} threads, no report`);
    }
  }
  console.log(`${jobs} jobs, 0 reports`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
