/** The engine of the benchmarks: the native kernel where it was built, WebAssembly elsewhere. */
import { loadKernel } from "@jkoflow/native";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";
import { createNativeHost } from "../../packages/jkoflow/src/engine/nativeHost.ts";
import { createTapeEngine } from "../../packages/jkoflow/src/engine/tapeEngine.ts";

export async function openEngine(threads: number): Promise<Engine> {
  return createTapeEngine(createNativeHost(loadKernel()!, threads), 8, 1);
}
