/** An engine inside the addon; opaque. */
export interface NativeEngine {
  readonly kind?: "native engine";
}

/** What can be moved; any other array is refused. */
export type Movable = Float32Array | Int32Array | Float64Array;

/**
 * The addon's functions. Memory is addressed in lines of 64 bytes. They throw a TypeError for arguments of another kind, and
 * an Error for what lies outside of the reserved memory or an engine that was disposed of; one whose `code` is "ENOMEM" or
 * "EAGAIN" (as Node gives those of the operating system) where there is no memory, address space or thread left.
 */
export interface NativeKernel {
  /** Instruction sets this processor has, best first. */
  isas(): string[];
  create(isa: string, threads: number): NativeEngine;
  dispose(engine: NativeEngine): void;
  /** Makes the first `bytes` usable; what was written stays. */
  reserve(engine: NativeEngine, bytes: number): void;
  write(engine: NativeEngine, line: number, values: Movable): void;
  read(engine: NativeEngine, line: number, into: Movable): void;
  /** Runs the job at a line, once it was found to stay inside of the reserved memory. */
  execute(engine: NativeEngine, jobLine: number): void;
}

/** The native kernel, or undefined when it was not built on this machine (no C++ compiler). */
export function loadKernel(): NativeKernel | undefined;
