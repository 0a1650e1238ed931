/** The native addon as a host. The addon is handed in: the library itself imports nothing of Node. */
import { InputError } from "../errors/index.ts";
import type { Host, HostArray } from "./host.ts";

/** The functions of the package `@jkoflow/native`. */
export interface NativeKernel {
  isas(): string[];
  // biome-ignore lint/suspicious/noExplicitAny: the addon's engine is opaque
  create(isa: string, threads: number): any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  dispose(engine: any): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  reserve(engine: any, bytes: number): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  write(engine: any, line: number, values: HostArray): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  read(engine: any, line: number, into: HostArray): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  execute(engine: any, jobLine: number): void;
}

/** @throws InputError when the processor lacks the instruction set. */
export function createNativeHost(kernel: NativeKernel, threads: number, isa?: string): Host {
  const isas = kernel.isas();
  const chosen = isa ?? isas[0];
  if (!isas.includes(chosen)) {
    throw new InputError({
      where: "isa",
      came: `"${chosen}"`,
      expected: `one of ${isas.join(", ")} on this processor`,
    });
  }
  const engine = kernel.create(chosen, threads);
  return {
    kind: "native",
    kernelId: `native-f32-${chosen}`,
    threads,
    reserve: (bytes) => kernel.reserve(engine, bytes),
    write: (line, values) => kernel.write(engine, line, values),
    read: (line, into) => kernel.read(engine, line, into),
    execute: (line) => kernel.execute(engine, line),
    dispose: () => kernel.dispose(engine),
  };
}
