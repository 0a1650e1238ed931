/**
 * Where a kernel runs: memory addressed in lines of 64 bytes, and the execution of a job that lies in it. The native addon
 * and WebAssembly are the two hosts; everything above them is shared.
 */
export type HostArray = Float32Array | Int32Array | Float64Array;

export interface Host {
  readonly kind: "wasm" | "native";
  readonly kernelId: string;
  readonly threads: number;
  /** Make the first `bytes` of memory usable. */
  reserve(bytes: number): void;
  write(line: number, values: HostArray): void;
  read(line: number, into: HostArray): void;
  /** Run all phases of the job at `line`. */
  execute(line: number): void;
  dispose(): void;
}
