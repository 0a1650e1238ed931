/**
 * The executors of this machine for the law suites: each law loops over this list. To add one, add an entry.
 */
import { setFlagsFromString } from "node:v8";
import { it } from "vitest";
import { loadKernel } from "../../../native/index.js";
import { createEngine } from "./createEngine.ts";
import type { Batch, Engine, Executable, Values } from "./engine.ts";
import { createNativeHost, type NativeKernel } from "./nativeHost.ts";
import { createReferenceEngine } from "./reference.ts";
import { createTapeEngine } from "./tapeEngine.ts";

export interface Executor {
  readonly name: string;
  /** Shards default to 8 as in {@link createEngine}. */
  readonly create: (options?: { readonly threads?: number; readonly shards?: number }) => Promise<Engine>;
}

const kernel = loadKernel() as NativeKernel | undefined;
const isas = kernel?.isas() ?? [];

const native = isas.map(
  (isa): Executor => ({
    name: `native ${isa}`,
    create: async ({ threads = 1, shards = 8 } = {}) =>
      createTapeEngine(createNativeHost(kernel!, threads, isa), shards, 1),
  }),
);

// Node 20 has relaxed SIMD behind this flag; later ones have it without.
if (process.versions.node.startsWith("20.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

/** Both variants of WebAssembly, as far as this host has them. */
async function findWasm(): Promise<Executor[]> {
  const found: Executor[] = [];
  for (const isa of ["relaxed", "simd128"]) {
    try {
      (await createEngine({ kind: "wasm", threads: 1, isa })).dispose();
    } catch {
      continue;
    }
    found.push({
      name: `wasm ${isa}`,
      create: ({ threads = 1, shards = 8 } = {}) => createEngine({ kind: "wasm", isa, threads, shards }),
    });
  }
  return found;
}

/** Kernels in float32. */
export const kernels: readonly Executor[] = [...native, ...(await findWasm())];
export const reference: Executor = { name: "reference", create: async () => createReferenceEngine() };
export const executors: readonly Executor[] = [reference, ...kernels];
/** The fastest kernel, for laws of the code above the kernels. */
export const best: Executor = kernels[0] ?? reference;

/** A test that fails without any kernel, so that a missing build cannot pass for a green suite. */
export function requireKernels(): void {
  it("there is a kernel to test (node packages/native/build.mjs builds the native one)", () => {
    if (kernels.length === 0) throw new Error("no kernel: every law of this file was left out");
  });
}

/** Plain numbers for tables and parameters by name. */
export interface Numbers {
  readonly parameters?: Float32Array;
  readonly inputs?: Readonly<Record<string, Float32Array>>;
  readonly scalars?: Readonly<Record<string, number>>;
}

export interface Results {
  readonly values: Values;
  readonly gradient: Float32Array;
  readonly outputs: Readonly<Record<string, Float32Array>>;
}

/** Run a loaded program on plain numbers with tables of its own; everything that comes back. */
export function runOn(
  engine: Engine,
  executable: Executable,
  { parameters, inputs = {}, scalars }: Numbers,
  rows: number,
  more: Partial<Batch> = {},
): Results {
  const { program } = executable;
  const block = parameters && parameters.length > 0 ? engine.parameters(parameters) : undefined;
  const tables = Object.fromEntries(
    program.inputs.map(({ at, cols }) => [
      at.name!,
      engine.table(inputs[at.name!].length / cols, cols, inputs[at.name!]),
    ]),
  );
  const targets = Object.fromEntries(program.outputs.map(({ name, node }) => [name, engine.table(rows, node.cols)]));
  const batch: Batch = { parameters: block, inputs: tables, outputs: targets, rows, scalars, ...more };
  const { values, gradient } =
    program.gradients.length > 0
      ? executable.gradient(batch)
      : { values: executable.run(batch), gradient: new Float32Array(0) };
  const outputs = Object.fromEntries(program.outputs.map(({ name }) => [name, targets[name].read()]));
  block?.dispose();
  for (const table of [...Object.values(tables), ...Object.values(targets)]) table.dispose();
  return { values, gradient, outputs };
}

/** Largest difference over the largest expected number; the plain difference where all are below `floor`. */
export function largestError(actual: Float32Array, expected: Float32Array, floor = 1e-30): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [error, size] = [0, floor];
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    if (!(off <= error)) error = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    size = Math.max(size, Math.abs(expected[i]));
  }
  return error / size;
}

/** |actual - expected| / |expected| in the Euclidean norm. */
export function normError(actual: Float32Array, expected: Float32Array): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return Math.sqrt(error / size);
}

/** The worst of all results, with its name. */
export function worstOf(
  actual: Results,
  expected: Results,
  floor?: number,
): { readonly error: number; readonly what: string } {
  let worst = { error: largestError(actual.gradient, expected.gradient, floor), what: "gradient" };
  for (const part of ["values", "outputs"] as const) {
    for (const name of Object.keys(expected[part])) {
      const error = largestError(actual[part][name], expected[part][name], floor);
      if (!(error <= worst.error)) worst = { error, what: `${part} ${name}` };
    }
  }
  return worst;
}
