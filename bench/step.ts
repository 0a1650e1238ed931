/**
 * One training step of one JKO-iFlow block (workload W, bench/README.md) or of OT-Flow: this library on its native and its WebAssembly
 * kernel, and PyTorch. Every candidate is a process of its own; steps are interleaved; figures are medians.
 *
 * `npm run bench -- step [--sizes S1,S3] [--threads N] [--quick] [--json FILE]`
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createKey, normal, rademacher, split } from "../packages/jkoflow/src/random/index.ts";
import { buildPrograms } from "./parts/build.ts";
import { describeMachine, machineLine } from "./parts/machine.ts";
import { markdownTable, median, openPeak, relativeDifference } from "./parts/measure.ts";
import { openPeer, type Peer, type PeerAnswer, type PeerCommand, type PeerTask } from "./parts/peer.ts";

/** Rows, columns, hidden width; steps per turn of a candidate, so that turns take about as long at every size. */
const SIZES: Record<string, { B: number; d: number; H: number; turn: number; workload?: "otflow" }> = {
  S1: { B: 512, d: 2, H: 128, turn: 12 },
  S2: { B: 1000, d: 43, H: 256, turn: 3 },
  S3: { B: 2000, d: 63, H: 512, turn: 1 },
  O1: { B: 250, d: 43, H: 64, turn: 3, workload: "otflow" },
  O2: { B: 2000, d: 43, H: 64, turn: 1, workload: "otflow" },
};
const ROUNDS = 9;
const QUICK_ROUNDS = 2;
const WARMUPS = 3;
/** Largest relative difference of two gradients in float32. */
const AGREEMENT = 5e-6;
const SEED = 7;

const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: Object.keys(SIZES).join(",") },
    threads: { type: "string", default: "1" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const threads = Number(options.threads);
const sizes = options.sizes.split(",");
const wrong = sizes.find((size) => !(size in SIZES));
if (wrong !== undefined || !Number.isInteger(threads) || threads < 1) {
  console.error(`--sizes: some of ${Object.keys(SIZES).join(",")}; --threads: a whole number from 1`);
  process.exit(2);
}

interface Row {
  readonly size: string;
  readonly candidate: string;
  readonly threads: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakMiB: number;
  readonly shareOfPeak: number | null;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "jkoflow-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const imports = (python: string): boolean =>
  spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0;
const python = ["python3", "/usr/bin/python3"].find(imports);
if (python === undefined) console.log("no python3 with torch on this machine: the torch candidates are left out");

const ours = buildPrograms().program("jkoflow_step");
const torch = (env: PeerCommand["env"] = {}, script = "torch_step.py"): PeerCommand => ({
  command: python ?? "python3",
  args: [here(`peers/${script}`)],
  env: { OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads), ...env },
});
/** Older OpenBLAS does not know every core that has AVX-512, and ATen chooses AVX2 on its own. */
const TUNED = { OPENBLAS_CORETYPE: "SkylakeX", ATEN_CPU_CAPABILITY: "avx512" };
const candidates: { name: string; kind: string; command: PeerCommand; of?: "otflow" }[] = [
  { name: "native", kind: "native", command: ours },
  { name: "wasm", kind: "wasm", command: ours },
];
if (python !== undefined) {
  candidates.push(
    { name: "torch", kind: "autograd", command: torch({}, "torch_otflow_step.py"), of: "otflow" },
    { name: "torch-tuned", kind: "autograd", command: torch(TUNED, "torch_otflow_step.py"), of: "otflow" },
    { name: "torch", kind: "autograd", command: torch() },
    { name: "torch-tuned", kind: "autograd", command: torch(TUNED) },
    { name: "torch-hoisted", kind: "hoisted", command: torch(TUNED) },
  );
}

/**
 * x [B, d], probe [B, d], then W1, w1t, b1, W2, b2, W3, b3 of the magnitudes they have after initialisation; for OT-Flow
 * x [B, d], then K0, b0, K1, b1, w, A, b, c.
 */
function writeInputs(file: string, { B, d, H, workload }: (typeof SIZES)[string]): void {
  const r = Math.min(10, d + 1);
  const potential = [
    [H, d + 1],
    [1, H],
    [H, H],
    [1, H],
    [1, H],
    [r, d + 1],
    [1, d + 1],
    [1, 1],
  ];
  const block = [
    [d, H],
    [1, H],
    [1, H],
    [H, H],
    [1, H],
    [H, d],
    [1, d],
  ];
  const shapes = workload === "otflow" ? potential : block;
  const [ofRows, ofProbe, ...keys] = split(createKey(SEED), 2 + shapes.length);
  const parts = workload === "otflow" ? [normal(ofRows, B * d)] : [normal(ofRows, B * d), rademacher(ofProbe, B * d)];
  shapes.forEach(([r, c], i) => {
    const deviation = r > 1 ? 1 / Math.sqrt(r) : 0.1;
    parts.push(normal(keys[i], r * c).map((z) => deviation * z));
  });
  writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))));
}

/**
 * Multiplications and additions that a step cannot do without: 12 evaluations of W, 24 of OT-Flow, each with its value and
 * two derivatives. The Laplacian of a potential costs d products with K1.
 */
const arithmetic = ({ B, d, H, workload }: (typeof SIZES)[string]): number =>
  workload === "otflow" ? 24 * 3 * 2 * B * (d * H * H + 3 * H * H) : 12 * 3 * 2 * B * (2 * H * H + 2 * d * H);

/** Print the largest relative difference of two gradients, and make the run fail when it is too large. */
function checkAgreement(size: string, running: readonly { name: string; gradient: Float32Array }[]): void {
  const pairs = running.flatMap((a, i) =>
    running
      .slice(0, i)
      .map((b) => ({ names: `${b.name}, ${a.name}`, apart: relativeDifference(a.gradient, b.gradient) })),
  );
  if (pairs.length === 0) {
    console.log(`${size} gradients: nothing to compare with`);
    return;
  }
  const { names, apart } = pairs.reduce((worst, pair) => (pair.apart <= worst.apart ? worst : pair));
  const agree = pairs.every((pair) => pair.apart <= AGREEMENT);
  const verdict = agree ? "agree" : `DISAGREE (limit ${AGREEMENT})`;
  console.log(`${size} gradients ${verdict}: largest relative difference ${apart.toExponential(1)} (${names})`);
  if (!agree) process.exitCode = 1;
}

async function measure(size: string): Promise<Row[]> {
  const { B, d, H, turn, workload } = SIZES[size];
  const inputs = join(folder, `${size}.inputs`);
  writeInputs(inputs, SIZES[size]);
  const running: { name: string; peer: Peer; gradient: Float32Array; answers: PeerAnswer[] }[] = [];
  for (const { name, kind, command, of } of candidates) {
    if (name.startsWith("torch") && of !== workload) continue;
    const gradient = join(folder, `${size}.${name}.gradient`);
    const task: PeerTask = {
      B,
      d,
      H,
      workload: workload ?? "block",
      kind,
      threads,
      inputs,
      gradient,
      warmups: options.quick ? 0 : WARMUPS,
    };
    try {
      const peer = await openPeer({ ...command, args: [...command.args, JSON.stringify(task)] }, "greets");
      const bytes = readFileSync(gradient);
      const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      running.push({ name, peer, gradient: numbers, answers: [] });
      console.log(`${size} ${name}: ${peer.ready}`);
    } catch (error) {
      console.log(`${size} ${name}: left out, ${(error as Error).message}`);
    }
  }
  checkAgreement(size, running);
  const peak = await openPeak(folder, threads);
  const rates: number[] = [];
  for (let round = 0; round < (options.quick ? QUICK_ROUNDS : ROUNDS); round++) {
    if (peak) rates.push(Number(await peak.ask("")));
    for (const { peer, answers } of running) answers.push(JSON.parse(await peer.ask(String(options.quick ? 1 : turn))));
  }
  peak?.end();
  const rate = peak ? median(rates) : undefined;
  console.log(
    `${size} peak of one core: ${rate === undefined ? "unknown, no C++ compiler" : `${rate.toFixed(0)} GFLOP/s`}\n`,
  );
  return running.map(({ name, peer, answers }) => {
    peer.end();
    const cpuMs = median(answers.flatMap((answer) => answer.cpuMs));
    const wallMs = median(answers.flatMap((answer) => answer.wallMs));
    const shareOfPeak = rate === undefined ? null : arithmetic(SIZES[size]) / (cpuMs * 1e6 * rate);
    return { size, candidate: name, threads, cpuMs, wallMs, peakMiB: answers[answers.length - 1].peakMiB, shareOfPeak };
  });
}

console.log(machineLine(describeMachine()));
const rows: Row[] = [];
for (const size of sizes) rows.push(...(await measure(size)));

const ratio = (row: Row, figure: "cpuMs" | "wallMs"): string => {
  const base = rows.find(({ size, candidate }) => size === row.size && candidate === "torch");
  return base === undefined ? "-" : (base[figure] / row[figure]).toFixed(2);
};
const head = [
  "size",
  "candidate",
  "threads",
  "CPU ms",
  "wall ms",
  "memory MiB",
  "of peak",
  "x torch, CPU",
  "x torch, wall",
];
const cells = rows.map((row) => [
  row.size,
  row.candidate,
  String(row.threads),
  row.cpuMs.toFixed(1),
  row.wallMs.toFixed(1),
  row.peakMiB.toFixed(0),
  row.shareOfPeak === null ? "-" : `${(100 * row.shareOfPeak).toFixed(0)} %`,
  ratio(row, "cpuMs"),
  ratio(row, "wallMs"),
]);
console.log(markdownTable([head, ...cells]));
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
