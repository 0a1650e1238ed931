/** The compiled kernel as a WebAssembly module: which variant this host can run, with shared memory or without. */
import { InputError } from "../errors/index.ts";
import { relaxed, simd128, type WasmBytes } from "./wasmBytes.ts";

export type WasmIsa = "relaxed" | "simd128";

const variants: Readonly<Record<WasmIsa, WasmBytes>> = { relaxed, simd128 };

/** f(a, b, c) = a b + c by f32x4.relaxed_madd on splats, assembled by hand. */
const PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // magic, version
  ...[1, 8, 1, 96, 3, 125, 125, 125, 1, 125], // type (f32, f32, f32) -> f32
  ...[3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0], // one function, exported as "f"
  ...[10, 22, 1, 20, 0, 32, 0, 253, 19, 32, 1, 253, 19, 32, 2, 253, 19, 253, 133, 2, 253, 31, 0, 11],
);

/**
 * True when the host has relaxed SIMD and its multiply-add rounds once. The standard lets a host round twice; then the
 * variant would gain nothing, and its bits would differ from those of other hosts under the same kernel id.
 */
async function fusesMultiplyAdd(): Promise<boolean> {
  if (!WebAssembly.validate(PROBE)) return false;
  const { instance } = await WebAssembly.instantiate(PROBE);
  const f = instance.exports.f as (a: number, b: number, c: number) => number;
  const tiny = 2 ** -13;
  return f(1 + tiny, 1 + tiny, -(1 + 2 * tiny)) === tiny * tiny; // 0 when the product is rounded first
}

/** The variant `isa`, or the best that this host has. */
export async function chooseIsa(isa?: string): Promise<WasmIsa> {
  const available: WasmIsa[] = (await fusesMultiplyAdd()) ? ["relaxed", "simd128"] : ["simd128"];
  const chosen = available.find((name) => name === (isa ?? available[0]));
  if (chosen !== undefined) return chosen;
  throw new InputError({ where: "isa", came: `"${isa}"`, expected: `one of ${available.join(", ")} on this host` });
}

const SHARED_FLAG = 2;

/** @throws InputError when the host has no SIMD for WebAssembly. */
export async function compileKernel(isa: WasmIsa, memory: "shared" | "own"): Promise<WebAssembly.Module> {
  const { base64, memoryFlags } = variants[isa];
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  // pages without cross-origin isolation have no shared memory; the code has no atomic instruction, so one bit decides
  if (memory === "own") bytes[memoryFlags] &= ~SHARED_FLAG;
  if (!WebAssembly.validate(bytes)) {
    throw new InputError({
      where: "engine",
      came: "a host without WebAssembly SIMD",
      expected: "Node 20, or a browser of 2023 or later",
    });
  }
  return WebAssembly.compile(bytes);
}
