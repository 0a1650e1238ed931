/** An engine inside the addon; opaque. */
export interface NativeEngine {
  readonly kind?: "native engine";
}

/** The addon's functions. Memory is addressed in lines of 64 bytes. */
export interface NativeKernel {
  /** Instruction sets this processor has, best first. */
  isas(): string[];
  create(isa: string, threads: number): NativeEngine;
  dispose(engine: NativeEngine): void;
  reserve(engine: NativeEngine, bytes: number): void;
  write(engine: NativeEngine, line: number, values: Float32Array | Int32Array | Float64Array): void;
  read(engine: NativeEngine, line: number, into: Float32Array | Int32Array | Float64Array): void;
  execute(engine: NativeEngine, jobLine: number): void;
}

/** The native kernel, or undefined when it was not built on this machine (no C++ compiler). */
export function loadKernel(): NativeKernel | undefined;
