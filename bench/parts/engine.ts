/** The engine of the benchmarks: the native kernel where it was built, WebAssembly elsewhere, which is said. */
import { createEngine } from "../../packages/jkoflow/src/engine/createEngine.ts";
import type { Engine } from "../../packages/jkoflow/src/engine/index.ts";

export const openEngine = (threads: number): Promise<Engine> => createEngine({ threads, onNotice: console.error });
